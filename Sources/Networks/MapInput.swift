internal import Graphs

/// What a layer of maps is applied to: a map, or a sequence as a line of places, which is a map of
/// height 1.
struct MapInput {
  /// `[n, height, width, channels]`.
  let value: Value
  let height: Int
  let width: Int
  let channels: Int
  let isSequence: Bool

  /// The lengths of a setting along height and width; refuses two for a sequence, which has but one
  /// axis.
  func sides(_ sides: Sides, at key: String) throws(Misfit) -> Sides {
    guard isSequence else { return sides }
    guard sides.height == sides.width else {
      throw Misfit("[height, width] is for maps, this is a sequence: give one number", at: key)
    }
    return Sides(height: 1, width: sides.width)
  }
}

extension ForwardPass {
  /// The map that a layer is applied to; refuses a vector.
  mutating func map(_ x: Value) throws(Misfit) -> MapInput {
    let shape = shape(of: x)
    switch shape.rank {
    case 4:
      return MapInput(
        value: x, height: shape[1], width: shape[2], channels: shape[3], isSequence: false)
    case 3:
      return MapInput(
        value: builder.reshape(x, [shape[0], 1, shape[1], shape[2]]), height: 1, width: shape[1],
        channels: shape[2], isSequence: true)
    default:
      throw Misfit(
        "needs a map (h x w x c) or a sequence (steps x features), found \(shape.features)")
    }
  }

  /// What a layer made of a map, as a sequence again where it was one.
  mutating func result(_ y: Value, of map: MapInput) -> Value {
    guard map.isSequence else { return y }
    let shape = shape(of: y)
    return builder.reshape(y, [shape[0], shape[2], shape[3]])
  }
}
