internal import Charts
internal import Files
internal import RunFiles

/// An HTML document that needs nothing beside itself.
///
/// Its content security policy admits the style and the script that stand here, by their digests,
/// and pictures in the text of the page: no name or text of a run can load or run anything.
enum Page {
  static func html(
    title: String, data: PageData, _ contents: (inout Markup) -> Void
  ) -> String {
    var page = Markup()
    page.element("html", ["lang": "en"]) { page in
      page.element("head") { page in
        page.newline()
        page.empty("meta", ["charset": "utf-8"])
        page.newline()
        page.empty("meta", ["http-equiv": "Content-Security-Policy", "content": policy])
        page.newline()
        page.empty("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        page.newline()
        page.empty("meta", ["name": "color-scheme", "content": "light dark"])
        page.newline()
        page.element("title", title)
        page.newline()
        page.raw("style", [:], PageStyle.text)
      }
      page.newline()
      page.element("body") { page in
        page.newline()
        contents(&page)
        page.raw("script", ["type": "application/json", "id": "data"], data.json)
        page.raw("script", [:], PageScript.text)
      }
    }
    return "<!DOCTYPE html>\n" + page.text + "\n"
  }

  private static let policy =
    "default-src 'none'; img-src data:; style-src '\(digest(PageStyle.text))'; "
    + "script-src '\(digest(PageScript.text))'; base-uri 'none'; form-action 'none'"

  private static func digest(_ text: String) -> String {
    var digest = SHA256()
    digest.update(text)
    return "sha256-" + Base64.text(of: digest.bytes())
  }
}

extension Markup {
  /// A part of a page with a heading.
  mutating func section(
    _ identifier: String, _ heading: String, _ contents: (inout Markup) -> Void
  ) {
    element("section", ["id": identifier, "aria-labelledby": "\(identifier)-heading"]) { page in
      page.element("h2", ["id": "\(identifier)-heading"], heading)
      page.newline()
      contents(&page)
    }
    newline()
  }

  /// A picture in the text of the page; in that of an SVG file nothing runs or loads either.
  mutating func picture(
    _ bytes: [UInt8], kind: String = "png", alternative: String, style: String = "picture"
  ) {
    empty(
      "img",
      [
        "class": style, "alt": alternative,
        "src": "data:image/\(kind);base64,\(Base64.text(of: bytes))",
      ])
  }

  /// A table with a heading for each column; cells of the first column are headings of their rows.
  mutating func table(
    _ style: String = "", headings: [String], rows: some Sequence<[String]>
  ) {
    element("div", ["class": "wide"]) { page in
      page.element("table", style.isEmpty ? [:] : ["class": style]) { page in
        page.element("thead") { page in
          page.element("tr") { page in
            for heading in headings { page.element("th", ["scope": "col"], heading) }
          }
        }
        page.element("tbody") { page in
          for row in rows {
            page.element("tr") { page in
              for (place, cell) in row.enumerated() {
                if place == 0 {
                  page.element("th", ["scope": "row"], cell)
                } else {
                  page.element("td", cell)
                }
              }
            }
          }
        }
      }
    }
  }
}
