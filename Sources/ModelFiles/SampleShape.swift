/// The shape of a layer's input or output for one sample.
package enum SampleShape: Hashable, Sendable, CustomStringConvertible {
  case vector(Int)
  case map(height: Int, width: Int, channels: Int)

  package var count: Int { extents.reduce(1, *) }

  /// As `Networks` has it: `[h, w, c]` or `[f]`.
  package var extents: [Int] {
    switch self {
    case .vector(let count): [count]
    case .map(let height, let width, let channels): [height, width, channels]
    }
  }

  /// A vector for one extent, a map for three.
  package init?(_ extents: [Int]) {
    switch extents.count {
    case 1: self = .vector(extents[0])
    case 3: self = .map(height: extents[0], width: extents[1], channels: extents[2])
    default: return nil
    }
  }

  package var channels: Int { extents[extents.count - 1] }

  package var description: String { extents.map(String.init).joined(separator: "x") }
}

/// The product of non-negative counts; nil above the greatest size of a tensor.
func product(_ counts: [Int]) -> Int? {
  var product = 1
  for count in counts {
    let (next, overflow) = product.multipliedReportingOverflow(by: count)
    guard !overflow, next <= 1 << 31 else { return nil }
    product = next
  }
  return product
}
