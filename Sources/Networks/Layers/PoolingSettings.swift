internal import Configuration
internal import Graphs

/// What max-pooling and average-pooling have in common: how their window slides over a map.
struct PoolingSettings {
  private let size: Sides
  private let stride: Sides
  private let padding: Int

  /// The keys; `padding` says what becomes of it.
  static func keys(padding help: String) -> [Key] {
    [
      Key("size", .sides(upTo: 4096), help: "Height and width of the window."),
      Key(
        "stride", .sides(upTo: 4096), default: .absent,
        help: "Steps between windows; the size if left out."),
      Key("padding", .integer(in: 0...4096), default: 0, help: help),
    ]
  }

  init(_ settings: Settings) {
    size = settings.sides("size")
    stride = settings.optionalSides("stride") ?? size
    padding = settings.integer("padding")
  }

  func window(over map: MapInput) throws(Misfit) -> Window {
    let (size, stride) = (
      try map.sides(size, at: "size"), try map.sides(stride, at: "stride")
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
