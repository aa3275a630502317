package import Configuration
package import Graphs

/// The same numbers as a vector, a sequence or a map of another shape.
///
/// Their order is channel, row, column, as `flatten` has it and as PyTorch keeps maps: after
/// `flatten`, `reshape` to the old extents gives the old map.
package struct Reshape: Layer, Configurable {
  /// Of the result: three of a map, two of a sequence, one of a vector; -1 stands for what is left.
  package var to: Extents

  package init(to extents: [Int]) { to = Extents(extents) }

  package static let schema = Schema(
    "reshape", Reshape(to: [1]), main: "to",
    [
      Property(
        "to", \.to, isRequired: true,
        help:
          "[height, width, channels] of a map, [steps, features] of a sequence, or the length of "
          + "a vector; one of them may be -1, which is as many as are left.")
    ], help: "The same numbers in another shape, in the order channel, row, column.")

  /// One number, or a list of two or three.
  package struct Extents: SettingValue {
    package let extents: [Int]

    init(_ extents: [Int]) { self.extents = extents }

    package static let kind = Kind.oneOf([extent, .list(of: extent, count: 2...3)])

    private static let extent = Kind.oneOf([.integer(in: 1...(1 << 30)), .integer(in: -1...(-1))])

    package init(setting: Setting) {
      if case .list(let extents) = setting {
        self.init(extents.map(\.integer))
      } else {
        self.init([setting.integer])
      }
    }

    package func setting() -> Setting {
      extents.count == 1 ? .integer(extents[0]) : .list(extents.map { .integer($0) })
    }
  }

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let shape = pass.shape(of: x)
    let extents = try extents(of: shape)
    let result = Shape([shape[0]] + extents)
    guard elementCount(result) == shape.count else {
      throw Misfit("\(shape.features) cannot become \(result.features)", at: "to")
    }
    let vector = Flatten.flattened(x, in: &pass.builder)
    guard extents.count == 3 else { return pass.builder.reshape(vector, result) }
    let planes = pass.builder.reshape(vector, [shape[0], extents[2], extents[0], extents[1]])
    return pass.builder.emit(.permute([0, 2, 3, 1]), planes)
  }

  /// The extents of the result, given the shape of the input.
  private func extents(of shape: Shape) throws(Misfit) -> [Int] {
    guard let open = to.extents.firstIndex(of: -1) else { return to.extents }
    var extents = to.extents
    extents[open] = 1
    guard !extents.contains(-1) else {
      throw Misfit("only one extent may be -1, found \(to.extents)", at: "to")
    }
    let (numbers, known) = (shape.count / shape[0], extents.reduce(1) { $0.multipliedFull($1) })
    guard known > 0, numbers % known == 0 else {
      throw Misfit(
        "\(shape.features) has \(numbers) numbers, which \(known) does not divide: no extent fits"
          + " the -1", at: "to")
    }
    extents[open] = numbers / known
    return extents
  }
}

extension Int {
  /// The product, or 0 where it overflows.
  fileprivate func multipliedFull(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? 0 : product
  }
}
