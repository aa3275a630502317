/// A colour of nodes, of parts from 0 to 1.
package struct NodeColor: Equatable, Sendable {
  let red, green, blue: Double

  package init(red: Double, green: Double, blue: Double) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  static let gray = NodeColor(red: 0x7A / 255, green: 0x82 / 255, blue: 0x8C / 255)
  /// Of weights below 0.
  static let negative = NodeColor(red: 0.33, green: 0.38, blue: 0.45)

  /// As SVG and CSS write it.
  var hex: String {
    "#"
      + [red, green, blue].map { part in
        let byte = part.isNaN ? 0 : UInt8((255 * min(max(part, 0), 1)).rounded())
        return (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }.joined()
  }

  /// White at 0, the colour at 1.
  func tint(_ share: Double) -> NodeColor {
    NodeColor(
      red: 1 - share * (1 - red), green: 1 - share * (1 - green), blue: 1 - share * (1 - blue))
  }

  /// Whether dark text is readable on it.
  var isLight: Bool { 0.299 * red + 0.587 * green + 0.114 * blue > 0.62 }
}
