import Reports
import Testing

@Suite struct ReportTests {
  private let report = {
    var report = Report()
    report.add("file", .string("a\nb"))
    report.add("shape", .array([.integer(3), .integer(4)]))
    report.add("state", .object([("step", .integer(1234)), ("seed of all", .null)]))
    report.add(
      "tensors", columns: ["name", "mean"],
      rows: [[.string("w"), .number(0.5)], [.string("bias"), .null]])
    report.add("text", text: "x: 1\ny: 2\n")
    return report
  }()

  @Test func linesForPeople() {
    #expect(
      report.lines == [
        #"file         a\nb"#, "shape        3x4", "step         1,234", "seed of all  -", "",
        "tensors:", "  name    mean", "  ────  ──────", "  w     0.5000", "  bias       -", "",
        "text:", "  x: 1", "  y: 2",
      ])
  }

  @Test func anObjectForPrograms() {
    #expect(
      report.json.description == """
        {"file": "a\\nb", "shape": [3, 4], "state": {"step": 1234, "seed of all": null}, \
        "tensors": [{"name": "w", "mean": 0.5}, {"name": "bias", "mean": null}], \
        "text": "x: 1\\ny: 2\\n"}
        """)
  }
}
