internal import Configuration

/// How many zeros stand around a map.
enum Margins {
  /// As many as keep the extents, but for the stride.
  case same
  case explicit(vertical: Margin, horizontal: Margin)
}

/// Zeros before and after an axis.
struct Margin {
  let low: Int
  let high: Int
}

extension Margins {
  /// The same along a sequence, which has no height: one number, or [before, after].
  func along(_ map: MapInput, at key: String) throws(Misfit) -> Margins {
    guard map.isSequence, case .explicit(let vertical, let horizontal) = self else { return self }
    guard vertical.low == vertical.high, horizontal.low == horizontal.high else {
      throw Misfit("a sequence has no height: give one number, or [before, after]", at: key)
    }
    return .explicit(
      vertical: Margin(0, 0), horizontal: Margin(vertical.low, horizontal.low))
  }
}

extension Kind {
  static let margins = Kind.oneOf([.choice(["same", "valid"])] + numberedMargins)

  static let explicitMargins = Kind.oneOf(numberedMargins)

  private static let numberedMargins = [
    zeros, .list(of: .oneOf([zeros, .list(of: zeros, count: 2...2)]), count: 2...2),
  ]

  private static let zeros = Kind.integer(in: 0...4096)
}

extension Settings {
  /// `same`, `valid`, a number for all sides, or for each axis a number or `[before, after]`.
  func margins(_ key: String) -> Margins {
    switch value(key) {
    case .choice("same"): return .same
    case .integer(let count):
      return .explicit(vertical: Margin(count, count), horizontal: Margin(count, count))
    case .list(let axes):
      return .explicit(vertical: Margin(axes[0]), horizontal: Margin(axes[1]))
    default: return .explicit(vertical: Margin(0, 0), horizontal: Margin(0, 0))
    }
  }
}

extension Margin {
  init(_ low: Int, _ high: Int) {
    self.low = low
    self.high = high
  }

  fileprivate init(_ value: Configuration.Value) {
    switch value {
    case .list(let sides): self.init(sides[0].integer, sides[1].integer)
    default: self.init(value.integer, value.integer)
    }
  }
}
