package import Configuration
internal import Graphs

/// A height and a width: one number for both, or `[height, width]`.
package struct Sides: Hashable, CustomStringConvertible, SettingValue, ExpressibleByIntegerLiteral {
  package let height: Int
  package let width: Int

  package init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  package init(integerLiteral both: Int) { self.init(height: both, width: both) }

  package static var kind: Kind { kind(in: 1...4096) }

  static func kind(in range: ClosedRange<Int>) -> Kind {
    .oneOf([.integer(in: range), .list(of: .integer(in: range), count: 2...2)])
  }

  package init(setting: Setting) {
    switch setting {
    case .list(let sides): self.init(height: sides[0].integer, width: sides[1].integer)
    default: self.init(height: setting.integer, width: setting.integer)
    }
  }

  package func setting() -> Setting {
    height == width ? .integer(height) : .list([.integer(height), .integer(width)])
  }

  package var description: String { "\(height)x\(width)" }
}

/// Refuses a window that has no place in a map; `key` is the setting that says its size.
func requireFit(
  _ key: String, _ vertical: SlidingAxis, _ horizontal: SlidingAxis, _ height: Int, _ width: Int
) throws(Misfit) {
  guard vertical.positions(along: height) == 0 || horizontal.positions(along: width) == 0
  else { return }
  var message = "\(key) \(vertical.kernel)x\(horizontal.kernel)"
  if vertical.dilation > 1 || horizontal.dilation > 1 {
    message += ", dilated to \(vertical.reach)x\(horizontal.reach),"
  }
  message += " does not fit a map of \(height)x\(width)"
  if vertical.low + vertical.high + horizontal.low + horizontal.high > 0 {
    let padded = (vertical.padded(height), horizontal.padded(width))
    message += " padded to \(padded.0)x\(padded.1)"
  }
  throw Misfit("\(message): make it smaller, or the map larger", at: key)
}

extension SlidingAxis {
  fileprivate func padded(_ extent: Int) -> Int { low + extent + high }
}
