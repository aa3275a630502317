internal import Graphs

/// What people call the values of a training program.
///
/// A layer's last value has the layer's name, those before it carry their operation in addition:
/// `loss.subtract`. A value that is another in a new shape has the other's name.
struct Naming {
  /// Nil for constants and for what belongs to derivatives.
  private(set) var names: [String?]
  /// What losses and predictions are made of; everything else belongs to derivatives.
  let isForward: [Bool]
  /// Contractions that are told together with the bias that is added to them, and what is repeated
  /// for an operation with something larger.
  let isMerged: [Bool]
  private let program: Program

  init(_ program: Program) {
    self.program = program
    let indices = program.instructions.indices
    var isForward = [Bool](repeating: false, count: indices.count)
    for output in program.outputs where ["losses", "predictions"].contains(output.name) {
      isForward[output.value.index] = true
    }
    for index in indices.reversed() where isForward[index] {
      for operand in program.instructions[index].operands { isForward[operand.index] = true }
    }
    var users = [[Int]](repeating: [], count: indices.count)
    for index in indices where isForward[index] {
      for operand in program.instructions[index].operands { users[operand.index].append(index) }
    }
    isMerged = indices.map { index in
      guard isForward[index] else { return false }
      switch program.instructions[index].operation {
      case .broadcast: return true
      case .matrixProduct, .convolution:
        return users[index].count == 1
          && program.instructions[users[index][0]].operation == .binary(.add)
      default: return false
      }
    }
    self.isForward = isForward
    names = indices.map { _ in nil }
    name(indices.filter { isForward[$0] })
  }

  private mutating func name(_ indices: [Int]) {
    let authors = program.provenance.authors
    var last: [String: Int] = [:]
    for index in indices where makesSomething(index) { last[authors[index]] = index }
    var taken: Set<String> = []
    for index in indices {
      let operation = program.instructions[index].operation
      let name: String
      switch operation {
      case .input(let input): name = input
      case .parameter(let parameter): name = parameter
      case .constant: continue
      case .convert, .reshape:
        names[index] = names[root(Value(index)).index]
        continue
      default:
        let author = authors[index]
        name = last[author] == index ? author : "\(author).\(operation.word)"
      }
      let numbered = [name] + (2...).lazy.prefix(indices.count).map { "\(name)\($0)" }
      names[index] = numbered.first { taken.insert($0).inserted }
    }
  }

  /// Whether an instruction is more than a leaf or another shape of something.
  private func makesSomething(_ index: Int) -> Bool {
    switch program.instructions[index].operation {
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
