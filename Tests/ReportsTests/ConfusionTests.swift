import Reports
import Testing

@Suite struct ConfusionTests {
  private let confusion = Confusion(
    names: ["cat", "dog", "owl"], labels: [0, 0, 0, 1, 1, 0], found: [0, 1, 0, 1, 1, 1])

  @Test func countsWhatWasTakenForWhat() {
    #expect(confusion.counts == [[2, 2, 0], [0, 2, 0], [0, 0, 0]])
    #expect((0..<3).map { confusion.samples(of: $0) } == [4, 2, 0])
    #expect((0..<3).map { confusion.recall(of: $0) } == [0.5, 1, nil])
    #expect((0..<3).map { confusion.precision(of: $0) } == [1, 0.5, nil])
  }

  @Test func tableHasARowForEachClass() {
    #expect(
      confusion.table.description == """
        class  samples   recall  precision  0  1  2
        ─────  ───────  ───────  ─────────  ─  ─  ─
        0 cat        4   50.0 %    100.0 %  2  2  ·
        1 dog        2  100.0 %     50.0 %  ·  2  ·
        2 owl        0                      ·  ·  ·
        """)
  }

  @Test func jsonSaysTheSame() {
    #expect(
      JSONValue.object(confusion.members).description
        == #"{"classes": [{"name": "cat", "samples": 4, "precision": 1.0, "recall": 0.5}, "#
        + #"{"name": "dog", "samples": 2, "precision": 0.5, "recall": 1.0}, "#
        + #"{"name": "owl", "samples": 0, "precision": null, "recall": null}], "#
        + #""confusion": [[2, 2, 0], [0, 2, 0], [0, 0, 0]]}"#)
  }

  @Test func manyClassesHaveNoMatrix() {
    let many = Confusion(names: (0...100).map(String.init), labels: [7], found: [8])
    #expect(many.table.lines[0] == "class  samples  recall  precision")
    #expect(JSONValue.object(many.members).description.hasSuffix(#""confusion": null}"#))
  }
}
