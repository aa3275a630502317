package import Configuration
internal import Graphs

/// How a window slides over a map: what max-pooling and average-pooling share.
package struct Pooling: Sendable {
  package var size: Sides
  /// The size of the window, if it is nil.
  package var stride: Sides?
  package var padding = 0

  func window(over map: MapInput) throws(Misfit) -> Window {
    let (size, stride) = (
      try map.sides(size, at: "size"), try map.sides(stride ?? self.size, at: "stride")
    )
    // More would leave windows without any element of the map.
    guard padding <= (map.isSequence ? size.width : min(size.height, size.width)) / 2 else {
      throw Misfit("padding \(padding) is more than half of the size \(size)", at: "padding")
    }
    let window = Window(
      vertical: map.isSequence ? SlidingAxis(kernel: 1) : axis(size.height, stride.height),
      horizontal: axis(size.width, stride.width))
    try requireFit("size", window.vertical, window.horizontal, map.height, map.width)
    return window
  }

  private func axis(_ size: Int, _ stride: Int) -> SlidingAxis {
    SlidingAxis(kernel: size, stride: stride, low: padding, high: padding)
  }
}

/// A layer that makes one number of each window of a map.
package protocol PoolingLayer: Layer, Configurable {
  var pooling: Pooling { get set }
}

extension PoolingLayer {
  static func properties(padding: String) -> [Property<Self>] {
    [
      Property("size", \.pooling.size, isRequired: true, help: "Height and width of the window."),
      Property("stride", \.pooling.stride, help: "Steps between windows; the size if left out."),
      Property("padding", \.pooling.padding, .integer(in: 0...4096), help: padding),
    ]
  }
}
