import Configuration
import Testing

@Suite struct DocumentationTests {
  @Test func everyKeyHasALine() {
    let text = documentation(of: Samples.top)
    for line in [
      "| `filters` | an integer from 1 to 65536 | required | result | Channels out. |",
      "| `padding` | one of same, valid | `same` | result | What lies beyond the edge. |",
      "| `epsilon` | a number above 0 and at most 1 | `1e-8` | result | Guard. |",
      "| `from` | text | none | nothing | Folder. |",
      "| `keep` | an integer from 1 to 1000 | `3` | nothing | How many. |",
      "### layer residual", "### optimizer sgd", "### data",
      "Short form: `conv: value` sets `filters`.",
    ] {
      #expect(text.contains(line))
    }
  }

  @Test func aRecordInsideItselfIsDescribedOnce() {
    let text = documentation(of: Samples.top)
    #expect(text.split(separator: "\n").filter { $0 == "### layer residual" }.count == 1)
  }
}
