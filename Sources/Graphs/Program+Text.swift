extension Program: CustomStringConvertible {
  /// One line for each instruction: `%3: float32[8, 10] = matrixProduct rightTransposed %1 %2`.
  ///
  /// Several results have a type each; the second of `%3` is `%3.1`.
  package var description: String {
    var lines = instructions.enumerated().map { index, instruction in
      let operands = instruction.operands.map { " \($0)" }.joined()
      return "%\(index): \(instruction.types.text) = \(instruction.operation)\(operands)"
    }
    lines += outputs.map { "\($0.name) = \($0.value)" }
    return lines.joined(separator: "\n")
  }
}

extension [TensorType] {
  /// As in a line of a program.
  package var text: String { map(\.description).joined(separator: ", ") }
}

extension Operation {
  /// Its text without the body of a loop.
  package var headline: String {
    if case .scan(let scan) = self { scan.headline } else { description }
  }
}

extension Operation: CustomStringConvertible {
  package var description: String {
    switch self {
    case .input(let name): "input '\(name)'"
    case .parameter(let name): "parameter '\(name)'"
    case .constant(let value): "constant \(value)"
    case .random(let stream): "random(stream \(stream))"
    case .unary(let unary): unary.rawValue
    case .binary(let binary): binary.rawValue
    case .compare(let comparison): comparison.rawValue
    case .select: "select"
    case .convert(let number): "convert(\(number))"
    case .reduce(let reduction, let axes): "reduce(\(reduction.rawValue), axes \(axes))"
    case .reshape(let shape): "reshape\(shape)"
    case .permute(let order): "permute\(order)"
    case .broadcast(let shape): "broadcast\(shape)"
    case .slice(let ranges):
      "slice("
        + ranges.map { "\($0.start)+\($0.count)" + ($0.stride > 1 ? "*\($0.stride)" : "") }
        .joined(separator: ", ") + ")"
    case .pad(let paddings):
      "pad("
        + paddings.map { "\($0.low)|\($0.high)" + ($0.interior > 0 ? "|\($0.interior)" : "") }
        .joined(separator: ", ") + ")"
    case .concatenate(let axis): "concatenate(axis \(axis))"
    case .reverse(let axes): "reverse(axes \(axes))"
    case .gather: "gather"
    case .scatterAdd(let rows): "scatterAdd(\(rows) rows)"
    case .oneHot(let classes): "oneHot(\(classes))"
    case .matrixProduct(let left, let right):
      "matrixProduct" + (left ? " leftTransposed" : "") + (right ? " rightTransposed" : "")
    case .convolution(let convolution): "convolution(\(convolution))"
    case .convolutionInputGradient(let convolution, let height, let width):
      "convolutionInputGradient(\(convolution), to \(height)x\(width))"
    case .convolutionFilterGradient(let convolution): "convolutionFilterGradient(\(convolution))"
    case .maxPool(let window): "maxPool(\(window))"
    case .poolGather(let window): "poolGather(\(window))"
    case .poolScatter(let window, let height, let width):
      "poolScatter(\(window), to \(height)x\(width))"
    case .poolSum(let window): "poolSum(\(window))"
    case .poolSpread(let window, let height, let width):
      "poolSpread(\(window), to \(height)x\(width))"
    case .scan(let scan): scan.description
    case .composite(let composite): composite.description
    }
  }
}

extension Convolution: CustomStringConvertible {
  package var description: String {
    "\(Window(vertical: vertical, horizontal: horizontal))"
      + (groups > 1 ? " groups \(groups)" : "")
  }
}

extension Window: CustomStringConvertible {
  package var description: String {
    var text = "\(vertical.kernel)x\(horizontal.kernel)"
    if vertical.stride > 1 || horizontal.stride > 1 {
      text += " stride \(vertical.stride)x\(horizontal.stride)"
    }
    if vertical.dilation > 1 || horizontal.dilation > 1 {
      text += " dilation \(vertical.dilation)x\(horizontal.dilation)"
    }
    let padding = [vertical.low, vertical.high, horizontal.low, horizontal.high]
    if padding.contains(where: { $0 > 0 }) { text += " padding \(padding)" }
    return text
  }
}
