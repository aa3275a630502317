import Reports
import Testing

@Suite struct DescriptionTests {
  private let description = {
    var description = Description()
    description.add("file", .string("a\nb"))
    description.add("shape", .array([.integer(3), .integer(4)]))
    description.add("state", .object([("step", .integer(1234)), ("seed of all", .null)]))
    description.add(
      "tensors", columns: ["name", "mean"],
      rows: [[.string("w"), .number(0.5)], [.string("bias"), .null]])
    description.add("text", text: "x: 1\ny: 2\n")
    return description
  }()

  @Test func linesForPeople() {
    #expect(
      description.lines == [
        #"file         a\nb"#, "shape        3x4", "step         1,234", "seed of all  -", "",
        "tensors:", "  name    mean", "  ────  ──────", "  w     0.5000", "  bias       -", "",
        "text:", "  x: 1", "  y: 2",
      ])
  }

  @Test func anObjectForPrograms() {
    #expect(
      description.json.description == """
        {"file": "a\\nb", "shape": [3, 4], "state": {"step": 1234, "seed of all": null}, \
        "tensors": [{"name": "w", "mean": 0.5}, {"name": "bias", "mean": null}], \
        "text": "x: 1\\ny: 2\\n"}
        """)
  }
}
