import Reports
import Testing

@Suite struct TableTests {
  @Test func alignsColumns() {
    var table = Table([.left("layer"), .left("output"), .right("parameters")])
    table.add(["conv1", "28 x 28 x 16", "160"])
    table.add(["dense", "10", "15,690"])
    table.addRule()
    table.add(["", "", "15,850"])
    #expect(
      table.description == """
        layer  output        parameters
        ─────  ────────────  ──────────
        conv1  28 x 28 x 16         160
        dense  10                15,690
        ─────  ────────────  ──────────
                                 15,850
        """)
  }

  @Test func cellsStayOnTheirLine() {
    var table = Table([.left("na\nme"), .right("n")])
    table.add(["a\n\u{1b}[2Jb", "1"])
    #expect(table.lines == ["na\\nme         n", "─────────────  ─", "a\\n\\u{1B}[2Jb  1"])
  }

  @Test func noLineEndsInSpaces() {
    var table = Table([.left("a"), .left("b")])
    table.add(["1", ""])
    table.add(["", "long"])
    #expect(table.lines == ["a  b", "─  ────", "1", "   long"])
  }

  @Test func anEmptyTableHasItsHead() {
    #expect(Table([.left("name"), .right("ms")]).lines == ["name  ms", "────  ──"])
  }

  @Test func countsColumnsNotBytes() {
    var table = Table([.left("name"), .right("n")])
    table.add(["größe", "1"])
    table.add(["数字", "2"])
    table.add(["e\u{301}té", "3"])
    #expect(table.lines[2...] == ["größe  1", "数字   2", "e\u{301}té    3"])
  }

  @Test(arguments: [
    ("", 0), ("abc", 3), ("μ ± ∞", 5), ("🙂", 2), ("한국", 4), ("\u{200b}", 0), ("e\u{301}", 1),
    ("━─", 2),
  ])
  func width(text: String, columns: Int) {
    #expect(text.displayWidth == columns)
  }
}
