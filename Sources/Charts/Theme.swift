/// The colours of a drawing, as SVG and CSS write them.
package struct Theme: Sendable {
  /// Text.
  package let ink: String
  /// Text of less weight, and lines.
  package let faint: String
  /// The background.
  package let paper: String
  /// The background of what matters.
  package let fill: String
  /// Lines of a grid, and the background of what matters less.
  package let line: String
  /// Whether a drawing has a background of its own.
  package let coversBackground: Bool

  /// A file, which has a white background wherever it is shown.
  package static let paper = Theme(
    ink: "#21262e", faint: "#616b78", paper: "#ffffff", fill: "#e3eefb", line: "#eef0f2",
    coversBackground: true)

  /// Part of a page, whose style sheet sets the colours: they may change while it is shown.
  package static let page = Theme(
    ink: "var(--ink)", faint: "var(--faint)", paper: "var(--paper)", fill: "var(--fill)",
    line: "var(--line)", coversBackground: false)
}
