internal import Configuration
internal import Graphs

/// A height and a width: one number for both, or `[height, width]`.
struct Sides: Hashable, CustomStringConvertible {
  let height: Int
  let width: Int

  init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  fileprivate init(_ value: Configuration.Value) {
    switch value {
    case .list(let sides): (height, width) = (sides[0].integer, sides[1].integer)
    default: (height, width) = (value.integer, value.integer)
    }
  }

  var description: String { "\(height)x\(width)" }
}

extension Kind {
  static func sides(upTo limit: Int) -> Kind {
    .oneOf([.integer(in: 1...limit), .list(of: .integer(in: 1...limit), count: 2...2)])
  }
}

extension Settings {
  func sides(_ key: String) -> Sides { Sides(value(key)) }
  func optionalSides(_ key: String) -> Sides? { optionalValue(key).map(Sides.init) }
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
