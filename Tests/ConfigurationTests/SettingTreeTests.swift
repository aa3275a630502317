import Configuration
import Diagnostics
import Testing

@Suite struct SettingTreeTests {
  @Test func settingsAreReadWithoutASchema() throws {
    let tree = try SettingTree(
      reading: "a: 1\nb: {c: [x, {d: \"2\"}], e: }\n", source: "config.yaml")
    #expect(tree["a"] == .text("1"))
    #expect(tree["b"]?["e"] == .text(""))
    #expect(tree["b"]?["c"]?.line == "[x, {d: 2}]")
    #expect(tree.line == "{a: 1, b: {c: [x, {d: 2}], e: }}")
    #expect(tree["missing"] == nil && tree["a"]?["b"] == nil)
    #expect(try tree == SettingTree(reading: "{a: 1, b: {c: [x, d: 2], e: ''}}", source: ""))
  }

  @Test func damagedTextsAreRefused() {
    #expect(throws: Failure.self) { try SettingTree(reading: "a: [1", source: "config.yaml") }
  }
}
