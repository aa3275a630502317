internal import Configuration
internal import Graphs

/// The same numbers as a vector, a sequence or a map of another shape.
///
/// Their order is channel, row, column, as `flatten` has it and as PyTorch keeps maps: after
/// `flatten`, `reshape` to the old extents gives the old map.
struct Reshape: Layer {
  static let schema = Record(
    "reshape", main: "to",
    keys: [
      Key(
        "to", .oneOf([extent, .list(of: extent, count: 2...3)]),
        help:
          "[height, width, channels] of a map, [steps, features] of a sequence, or the length of "
          + "a vector.")
    ], help: "The same numbers in another shape, in the order channel, row, column.")

  private static let extent = Kind.integer(in: 1...(1 << 30))

  /// Of the result: three of a map, two of a sequence, one of a vector.
  private let extents: [Int]

  init(_ settings: Settings) {
    extents =
      switch settings.value("to") {
      case .list(let extents): extents.map(\.integer)
      case let length: [length.integer]
      }
  }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let shape = pass.shape(of: x)
    let result = Shape([shape[0]] + extents)
    guard elementCount(result) == shape.count else {
      throw Misfit("\(shape.features) cannot become \(result.features)", at: "to")
    }
    let vector = Flatten.flattened(x, in: &pass.builder)
    guard extents.count == 3 else { return pass.builder.reshape(vector, result) }
    let planes = pass.builder.reshape(vector, [shape[0], extents[2], extents[0], extents[1]])
    return pass.builder.emit(.permute([0, 2, 3, 1]), planes)
  }
}
