package import Configuration
internal import Graphs

/// How a window slides over a map: what max-pooling and average-pooling share.
package struct Pooling: Sendable {
  package var size: Sides
  /// The size of the window, if it is nil.
  package var stride: Sides?
  package var padding: Margins = 0
  /// Whether a last window may reach beyond the map and its padding.
  package var ceilMode = false

  func window(over map: MapInput) throws(Misfit) -> Window {
    let (size, stride) = (
      try map.sides(size, at: "size"), try map.sides(stride ?? self.size, at: "stride")
    )
    guard case .explicit(let rows, let columns) = try padding.along(map, at: "padding") else {
      throw Misfit("expected explicit padding, found 'same'", at: "padding")
    }
    for (margin, extent) in [(rows, size.height), (columns, size.width)] {
      // More would leave windows without any element of the map.
      let most = max(margin.low, margin.high)
      guard most <= extent / 2 else {
        throw Misfit("padding \(most) is more than half of the size \(size)", at: "padding")
      }
    }
    let window = Window(
      vertical: axis(size.height, stride.height, rows, along: map.height),
      horizontal: axis(size.width, stride.width, columns, along: map.width))
    try requireFit("size", window.vertical, window.horizontal, map.height, map.width)
    return window
  }

  private func axis(
    _ size: Int, _ stride: Int, _ margin: Margin, along extent: Int
  ) -> SlidingAxis {
    let axis = SlidingAxis(kernel: size, stride: stride, low: margin.low, high: margin.high)
    // A window that a stride more would not make fit is refused, as PyTorch does.
    let isNear = extent + margin.low + margin.high + stride > size
    return ceilMode && isNear ? axis.roundedUp(along: extent) : axis
  }
}

/// A layer that makes one number of each window of a map.
package protocol PoolingLayer: Layer, Configurable {
  var pooling: Pooling { get set }
}

extension PoolingLayer {
  static func properties(_ padding: Kind, padding help: String) -> [Property<Self>] {
    [
      Property("size", \.pooling.size, isRequired: true, help: "Height and width of the window."),
      Property("stride", \.pooling.stride, help: "Steps between windows; the size if left out."),
      Property("padding", \.pooling.padding, padding, help: help),
    ]
  }
}
