import Pages
import Testing

@Suite struct RunPageTests {
  @Test func aPageIsWritten() {
    var records = Records()
    let html = RunPage(records.classifier()).html
    #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
  }
}
