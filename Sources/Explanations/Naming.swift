internal import Graphs

/// What people call the values of a training program.
///
/// A layer's last value has the layer's name, those before it carry their operation in addition:
/// `loss.subtract`. A value that is another in a new shape has the other's name.
struct Naming {
  /// Nil for constants and for what belongs to derivatives.
  private(set) var names: ValueTable<String?>
  /// What losses and predictions are made of; everything else belongs to derivatives.
  let isForward: ValueTable<Bool>
  /// Contractions that are told together with the bias that is added to them, and what is repeated
  /// for an operation with something larger.
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
    }
    var users = ValueTable<[Value]>(instructions, repeating: [])
    for value in values where isForward[value] {
      for operand in program[value].operands { users[operand].append(value) }
    }
    var isMerged = ValueTable(instructions, repeating: false)
    for value in values where isForward[value] {
      isMerged[value] =
        switch program[value].operation {
        case .broadcast: true
        case .matrixProduct, .convolution:
          users[value].count == 1 && program[users[value][0]].operation == .binary(.add)
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
      let name: String
      switch operation {
      case .input(let input): name = input
      case .parameter(let parameter): name = parameter
      case .constant: continue
      case .convert, .reshape:
        names[value] = names[root(value)]
        continue
      default:
        let author = authors[value.index]
        name = last[author] == value ? author : "\(author).\(operation.word)"
      }
      let numbered = [name] + (2...).lazy.prefix(values.count).map { "\(name)\($0)" }
      names[value] = numbered.first { taken.insert($0).inserted }
    }
  }

  /// Whether an instruction is more than a leaf or another shape of something.
  private func makesSomething(_ value: Value) -> Bool {
    switch program[value].operation {
    case .input, .parameter, .constant, .convert, .reshape: false
    default: true
    }
  }

  /// The value of which this one is only another shape or type.
  func root(_ value: Value) -> Value {
    switch program[value].operation {
    case .convert, .reshape: root(program[value].operands[0])
    default: value
    }
  }
}

extension Operation {
  /// Whether it brings numbers to other places, and changes none.
  var isMovement: Bool {
    switch self {
    case .convert, .reshape, .permute, .broadcast, .slice, .pad, .concatenate, .reverse: true
    default: false
    }
  }

  /// What values that it makes are called.
  fileprivate var word: String {
    if case .reduce(let reduction, _) = self { return reduction.rawValue }
    return String(description.prefix { $0.isLetter })
  }
}
