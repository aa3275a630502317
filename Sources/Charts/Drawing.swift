internal import Diagnostics

/// The text of an SVG picture, with numbers alike under every locale; colours are those of CSS.
package struct Drawing {
  package let theme: Theme
  private var svg = ""

  package var finished: String { svg + "</svg>\n" }

  package init(theme: Theme = .paper) { self.theme = theme }

  /// Begins a picture, which is shown smaller where it is larger than a limit.
  package mutating func open(
    _ width: Double, _ height: Double, title: String,
    limit: (width: Double, height: Double) = (1600, 1200)
  ) {
    let scale = min(1, limit.height / height, limit.width / width)
    svg += """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.number(scale * width))" \
      height="\(Self.number(scale * height))" viewBox="0 0 \(Self.number(width)) \
      \(Self.number(height))" role="img" text-anchor="middle" \
      font-family="Inter, 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif">
      <title>\(Self.escaped(title))</title>

      """
    if theme.coversBackground {
      svg += "<rect width=\"100%\" height=\"100%\" fill=\"\(theme.paper)\"/>\n"
    }
  }

  package mutating func group(_ attributes: String, _ elements: [String]) {
    guard !elements.isEmpty else { return }
    svg += "<g \(attributes)>\n\(elements.joined())</g>\n"
  }

  /// Text in the colour of ink, unless another is named.
  package mutating func text(
    _ text: String, _ x: Double, _ y: Double, size: Double, weight: String = "400",
    color: String? = nil
  ) {
    svg += "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" "
    svg += "font-size=\"\(Self.number(size))\" font-weight=\"\(weight)\" "
    svg += "fill=\"\(color ?? theme.ink)\">\(Self.escaped(text))</text>\n"
  }

  package mutating func circle(
    _ x: Double, _ y: Double, _ radius: Double, fill: String, stroke: String, title: String
  ) {
    svg += "<circle cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"\(Self.number(radius))\" "
    svg += "fill=\"\(fill)\" stroke=\"\(stroke)\" stroke-width=\"2\">"
    svg += "<title>\(Self.escaped(title))</title></circle>\n"
  }

  /// Three dots one above the other.
  package mutating func dots(_ x: Double, _ y: Double, _ color: String) {
    for shift in [-14.0, 0, 14] {
      svg += "<circle cx=\"\(Self.number(x))\" cy=\"\(Self.number(y + shift))\" r=\"3.5\" "
      svg += "fill=\"\(color)\"/>\n"
    }
  }

  /// A rectangle; `style` holds more attributes, such as a stroke.
  package mutating func box(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ color: String, style: String = ""
  ) {
    svg += "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" "
    svg += "height=\"\(Self.number(height))\" fill=\"\(color)\" \(style)/>\n"
  }

  package mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, _ size: Double
  ) {
    svg += Self.line(x1, y1, x2, y2, color, size)
  }

  /// A line for a weight, whose size is from 0 to 1.
  package static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, _ size: Double
  ) -> String {
    "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" "
      + "stroke=\"\(color)\" stroke-width=\"\(number(0.6 + 3 * size))\" "
      + "stroke-opacity=\"\(number(0.1 + 0.75 * size))\"/>\n"
  }

  /// A number with at most two decimals, from -10⁶ to 10⁶.
  package static func number(_ value: Double) -> String {
    let hundredths = value.isNaN ? 0 : Int((100 * min(max(value, -1e6), 1e6)).rounded())
    let text = "\(Double(hundredths) / 100)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func escaped(_ text: String) -> String {
    text.printable.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(
      ">", with: "&gt;")
  }
}
