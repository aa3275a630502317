package import Graphs

/// Beyond this many elements a tensor, or all parameters together, are taken for a mistake.
let elementLimit = 1 << 31

/// How many elements a shape has; nil beyond the limit.
func elementCount(_ shape: Shape) -> Int? {
  var count = 1
  for extent in shape.extents {
    let (product, overflow) = count.multipliedReportingOverflow(by: extent)
    guard !overflow, product <= elementLimit else { return nil }
    count = product
  }
  return count
}

extension Shape {
  /// The extents of one sample as people write them, height x width x channels: `28x28x1`.
  package var text: String { extents.map(String.init).joined(separator: "x") }

  /// What one sample of a batch of this shape is, for messages.
  var features: String {
    let sample = Shape(Array(extents.dropFirst()))
    return switch sample.rank {
    case 3: "a map of \(sample.text) (h x w x c)"
    case 2: "a sequence of \(sample.text) (steps x features)"
    default: "a vector of \(sample.text)"
    }
  }
}
