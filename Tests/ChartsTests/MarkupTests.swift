import Charts
import Testing

@Suite struct MarkupTests {
  @Test func valuesAreEscapedAndElementsClosed() {
    var markup = Markup()
    markup.element("p", ["title": "\"<&>'"]) { markup in
      markup.write("<b>&amp;\n\t\u{0}\u{202e}\r")
      markup.empty("br")
      markup.element("i", "é")
    }
    #expect(
      markup.text
        == "<p title=\"&quot;&lt;&amp;&gt;&#39;\">&lt;b&gt;&amp;amp;\n\t\\0\\u{202E}<br/><i>é</i></p>"
    )
  }
}
