internal import Graphs

/// The names of the values of a training program.
///
/// A layer's last value has the layer's name; those before it have their operation in addition:
/// `loss.subtract`. A reshape has the name of its operand. Values of a step of a loop have the
/// step's number: `rnn1.h₂`.
struct Naming {
  /// Nil for constants and derivatives.
  private(set) var names: ValueTable<String?>
  /// Whether losses or predictions depend on a value; all others belong to derivatives.
  let isForward: ValueTable<Bool>
  /// Contractions that are shown together with their bias, terms of a sum in a step of a loop, and
  /// broadcasts: they have no entry.
  let isMerged: ValueTable<Bool>
  private let program: Program

  init(_ program: Program) {
    self.program = program
    let instructions = program.instructions
    let values = program.values
    var isForward = ValueTable(instructions, repeating: false)
    for output in program.outputs where ["losses", "predictions"].contains(output.name) {
      isForward[output.value] = true
    }
    for value in values.reversed() where isForward[value] {
      for operand in program[value].operands { isForward[operand] = true }
      if case .composite = program[value].operation {
        for result in program.results(of: value.index) { isForward[result] = true }
      }
    }
    var users = ValueTable<[Value]>(instructions, repeating: [])
    for value in values where isForward[value] {
      for operand in program[value].operands { users[operand].append(value) }
    }
    var isMerged = ValueTable(instructions, repeating: false)
    for value in values where isForward[value] {
      var user: Operation?
      var last = value
      while users[last].count == 1, user == nil {
        last = users[last][0]
        if case .reshape = program[last].operation { continue }
        user = program[last].operation
      }
      let isUnnamed = program.provenance.names[value] == nil
      let isOfStep = Author(program.provenance.authors[value.index]).step != nil
      isMerged[value] =
        switch (program[value].operation, user) {
        case (.broadcast, _): true
        case (.matrixProduct, .binary(.add)), (.convolution, .binary(.add)): isUnnamed
        case (.binary(.add), .binary(.add)), (.binary(.multiply), .binary(.add)),
          (.binary(.multiply), .reduce(.sum, _)):
          isUnnamed && isOfStep
        default: false
        }
    }
    self.isMerged = isMerged
    self.isForward = isForward
    names = ValueTable(instructions, repeating: nil)
    name(values.filter { isForward[$0] })
  }

  private mutating func name(_ values: [Value]) {
    let authors = program.provenance.authors
    var last: [String: Value] = [:]
    for value in values where value.result == 0 && makesSomething(value) {
      last[authors[value.index]] = value
    }
    var taken: Set<String> = []
    for value in values {
      let operation = program[value].operation
      var name: String
      var index = ""
      switch operation {
      case .input(let input): name = input
      case .parameter(let parameter): name = parameter
      case .constant: continue
      case .convert, .reshape:
        names[value] = names[root(value)]
        continue
      default:
        let author = Author(authors[value.index])
        name = "\(author.layer).\(operation.word(of: value.result))"
        if let own = program.provenance.names[value] {
          name = own.filter { $0.subscriptDigit == nil }
          index = own.filter { $0.subscriptDigit != nil }
        } else if let number = author.step ?? author.head {
          index = number.subscripted
        } else if last[author.layer] == value {
          name = author.layer
        }
      }
      let numbered =
        [name + index]
        + (2...).lazy.prefix(values.count).map { "\(name)\($0)\(index)" }
      names[value] = numbered.first { taken.insert($0).inserted }
    }
  }

  /// Whether an instruction is neither a leaf nor a reshape or conversion.
  private func makesSomething(_ value: Value) -> Bool {
    switch program[value].operation {
    case .input, .parameter, .constant, .convert, .reshape: false
    default: true
    }
  }

  /// The value that this one is a reshape or conversion of.
  func root(_ value: Value) -> Value {
    switch program[value].operation {
    case .convert, .reshape: root(program[value].operands[0])
    default: value
    }
  }
}

extension Operation {
  /// Whether it only moves elements.
  var isMovement: Bool {
    switch self {
    case .convert, .reshape, .permute, .broadcast, .slice, .pad, .concatenate, .reverse: true
    default: false
    }
  }

  /// Its part of the names of values.
  fileprivate func word(of result: Int) -> String {
    switch self {
    case .reduce(let reduction, _): reduction.rawValue
    case .composite where result == 1: "softmax"
    default: String(description.prefix { $0.isLetter })
    }
  }
}
