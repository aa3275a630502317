internal import Configuration
internal import Graphs

/// The same numbers as a vector or a map of another shape.
///
/// Their order is channel, row, column, as `flatten` has it and as PyTorch keeps maps: after
/// `flatten`, `reshape` to the old extents gives the old map.
struct Reshape: Layer {
  static let schema = Record(
    "reshape", main: "to",
    keys: [
      Key(
        "to", .list(of: .integer(in: 1...(1 << 30)), count: 1...3),
        help: "[height, width, channels] of a map, or [length] of a vector.")
    ], help: "The same numbers in another shape, in the order channel, row, column.")

  private let extents: [Int]

  init(_ settings: Settings) { extents = settings.list("to").map(\.integer) }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    guard extents.count != 2 else {
      throw Misfit(
        "expected [height, width, channels] or [length], found \(Shape(extents))", at: "to")
    }
    let shape = pass.shape(of: x)
    let result = Shape([shape[0]] + extents)
    guard elementCount(result) == shape.count else {
      throw Misfit("\(shape.features) cannot become \(result.features)", at: "to")
    }
    let vector = Flatten.flattened(x, in: &pass.builder)
    guard extents.count == 3 else { return vector }
    let planes = pass.builder.reshape(vector, [shape[0], extents[2], extents[0], extents[1]])
    return pass.builder.emit(.permute([0, 2, 3, 1]), planes)
  }
}
