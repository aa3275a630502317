import Charts
import Testing

struct DrawingTests {
  @Test func filesHaveABackgroundAndPagesHaveTheirOwn() {
    func drawn(_ theme: Theme) -> String {
      var drawing = Drawing(theme: theme)
      drawing.open(10, 10, title: "<a & b>")
      drawing.text("x", 5, 5, size: 3)
      return drawing.finished
    }
    let (file, page) = (drawn(.paper), drawn(.page))
    #expect(file.contains("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"))
    #expect(file.contains("fill=\"#21262e\">x</text>"))
    #expect(!page.contains("<rect") && !page.contains("#"))
    #expect(page.contains("fill=\"var(--ink)\">x</text>"))
    #expect([file, page].allSatisfy { $0.contains("<title>&lt;a &amp; b&gt;</title>") })
  }
}
