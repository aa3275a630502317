package import Configuration

/// The padding around a map.
package enum Margins: Hashable, Sendable {
  /// As much as keeps the extents, but for the stride.
  case same
  case explicit(vertical: Margin, horizontal: Margin)

  package static let valid = Margins.all(0)
  package static func all(_ count: Int) -> Margins {
    .explicit(vertical: Margin(count, count), horizontal: Margin(count, count))
  }
}

/// The padding before and after an axis.
package struct Margin: Hashable, Sendable {
  let low: Int
  let high: Int

  package init(_ low: Int, _ high: Int) {
    self.low = low
    self.high = high
  }
}

extension Margins: ExpressibleByIntegerLiteral {
  package init(integerLiteral count: Int) { self = .all(count) }

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

extension Margins: SettingValue {
  /// `same`, `valid`, a number for all sides, or for each axis a number or `[before, after]`.
  package static var kind: Kind { .oneOf([.choice(["same", "valid"])] + numbers) }

  static let explicitKind = Kind.oneOf(numbers)

  private static let numbers = [
    count, .list(of: .oneOf([count, .list(of: count, count: 2...2)]), count: 2...2),
  ]

  private static let count = Kind.integer(in: 0...4096)

  package init(setting: Setting) {
    switch setting {
    case .choice("same"): self = .same
    case .integer(let count): self = .all(count)
    case .list(let axes):
      self = .explicit(vertical: Margin(axes[0]), horizontal: Margin(axes[1]))
    default: self = .valid
    }
  }

  package func setting() -> Setting {
    switch self {
    case .same: .choice("same")
    case .explicit(let vertical, let horizontal):
      vertical == horizontal && vertical.low == vertical.high
        ? .integer(vertical.low) : .list([vertical.setting, horizontal.setting])
    }
  }
}

extension Margin {
  fileprivate init(_ value: Setting) {
    switch value {
    case .list(let sides): self.init(sides[0].integer, sides[1].integer)
    default: self.init(value.integer, value.integer)
    }
  }

  fileprivate var setting: Setting { .list([.integer(low), .integer(high)]) }
}
