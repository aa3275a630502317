internal import Charts

/// An SVG drawing of a file, of which only lines, shapes and texts are kept.
///
/// The file may have been written by anybody. What stands in the page is written anew from what is
/// known here, so that it can neither run nor load nor cover anything.
struct SafeDrawing {
  private(set) var markup = Markup()

  private static let elements: Set<String> = [
    "svg", "g", "defs", "marker", "title", "desc", "text", "tspan", "line", "rect", "circle",
    "ellipse", "path", "polyline", "polygon",
  ]
  private static let attributes: Set<String> = [
    "id", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy", "d", "points",
    "width", "height", "viewBox", "transform", "role", "fill", "fill-opacity", "stroke",
    "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
    "opacity", "font-size", "font-weight", "font-family", "font-style", "text-anchor",
    "dominant-baseline", "refX", "refY", "markerWidth", "markerHeight", "orient", "marker-start",
    "marker-end", "marker-mid",
  ]
  /// Deeper drawings are none of this program.
  private static let depthLimit = 32

  /// Nil for a text that is no such drawing.
  init?(_ text: String) {
    var reader = Reader(text: Array(text.utf8))
    guard var root = reader.element(depth: 0), root.name == "svg" else { return nil }
    root.attributes.removeAll { $0.name == "role" }
    root.attributes.append(("role", "img"))
    Self.add(root, to: &markup)
  }

  /// An element of the drawing with its attributes and what it holds.
  private struct Element {
    let name: String
    var attributes: [(name: String, value: String)] = []
    var contents: [Content] = []

    enum Content {
      case element(Element)
      case text(String)
    }
  }

  private static func add(_ element: Element, to markup: inout Markup) {
    let attributes = element.attributes.compactMap { name, value in
      safe(name, value).map { (key: name, value: $0) }
    }
    markup.element(element.name, computed: attributes) { markup in
      for content in element.contents {
        switch content {
        case .element(let child): add(child, to: &markup)
        case .text(let text): markup.write(text)
        }
      }
    }
  }

  /// The value of a known attribute; names are changed, so that they are none of the page.
  private static func safe(_ name: String, _ value: String) -> String? {
    guard attributes.contains(name) else { return nil }
    if name == "id" { return "drawing-\(value)" }
    guard value.contains("url(") else { return value }
    let name = value.dropFirst(5).dropLast()
    return value.hasPrefix("url(#") && value.hasSuffix(")")
      && name.utf8.allSatisfy({ isWord($0) }) ? "url(#drawing-\(name))" : nil
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: ":"):
      true
    default: false
    }
  }

  /// Reads the XML that `Drawing` writes, and takes nothing else.
  private struct Reader {
    let text: [UInt8]
    private var place = 0

    init(text: [UInt8]) { self.text = text }

    private var byte: UInt8? { place < text.count ? text[place] : nil }

    private mutating func take(_ wanted: StaticString) -> Bool {
      let wanted = Array("\(wanted)".utf8)
      guard text[place...].starts(with: wanted) else { return false }
      place += wanted.count
      return true
    }

    private mutating func skipSpace() {
      while let byte, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { place += 1 }
    }

    private mutating func word() -> String? {
      let start = place
      while let byte, isWord(byte) { place += 1 }
      return place > start ? String(decoding: text[start..<place], as: UTF8.self) : nil
    }

    private mutating func until(_ end: UInt8) -> String? {
      let start = place
      while let byte, byte != end { place += 1 }
      return byte == nil ? nil : String(decoding: text[start..<place], as: UTF8.self)
    }

    /// An element of a known name, nil otherwise.
    mutating func element(depth: Int) -> Element? {
      skipSpace()
      guard depth <= depthLimit, take("<"), let name = word(), elements.contains(name) else {
        return nil
      }
      var element = Element(name: name)
      while true {
        skipSpace()
        if take("/>") { return element }
        if take(">") { break }
        guard let key = word(), take("=\""), let value = until(UInt8(ascii: "\"")) else {
          return nil
        }
        place += 1
        if !element.attributes.contains(where: { $0.name == key }) {
          element.attributes.append((key, SafeDrawing.unescaped(value)))
        }
      }
      while true {
        guard let text = until(UInt8(ascii: "<")) else { return nil }
        if !text.isEmpty { element.contents.append(.text(SafeDrawing.unescaped(text))) }
        if take("</") {
          guard word() == name, take(">") else { return nil }
          return element
        }
        guard let child = self.element(depth: depth + 1) else { return nil }
        element.contents.append(.element(child))
      }
    }
  }

  private static func unescaped(_ text: String) -> String {
    guard text.contains("&") else { return text }
    return text.replacing("&lt;", with: "<").replacing("&gt;", with: ">")
      .replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&amp;", with: "&")
  }
}
