import Reports
import Testing

@Suite struct ConfusionMatrixTests {
  private let confusion = ConfusionMatrix(
    names: ["cat", "dog", "owl"], labels: [0, 0, 0, 1, 1, 0], found: [0, 1, 0, 1, 1, 1])

  @Test func countsWhatWasTakenForWhat() {
    #expect(confusion.counts == [[2, 2, 0], [0, 2, 0], [0, 0, 0]])
    #expect((0..<3).map { confusion.samples(of: $0) } == [4, 2, 0])
    #expect((0..<3).map { confusion.recall(of: $0) } == [0.5, 1, nil])
    #expect((0..<3).map { confusion.precision(of: $0) } == [1, 0.5, nil])
  }

  @Test func tableHasARowForEachClass() {
    #expect(
      confusion.lines(columns: 80).joined(separator: "\n") == """
        class  samples   recall  precision  0 1 2
        ─────  ───────  ───────  ─────────  ─ ─ ─
        0 cat        4   50.0 %    100.0 %  2 2 ·
        1 dog        2  100.0 %     50.0 %  · 2 ·
        2 owl        0                      · · ·
        """)
  }

  @Test func areasAndF1HaveColumns() {
    let areas: [Double?] = [0.875, 0.5, nil]
    #expect(
      confusion.lines(columns: 80, areas: areas).joined(separator: "\n") == """
        class  samples   recall  precision      f1     auc  0 1 2
        ─────  ───────  ───────  ─────────  ──────  ──────  ─ ─ ─
        0 cat        4   50.0 %    100.0 %  66.7 %  0.8750  2 2 ·
        1 dog        2  100.0 %     50.0 %  66.7 %  0.5000  · 2 ·
        2 owl        0                                      · · ·
        """)
    #expect(confusion.lines(columns: 50, areas: areas)[0].hasSuffix("f1     auc  taken for"))
    let json = JSONValue.object(confusion.members(areas: areas)).description
    #expect(json.contains(#""f1": 0.6666666666666666, "auc": 0.875}"#))
    #expect(json.contains(#""f1": null, "auc": null}"#))
  }

  @Test func jsonSaysTheSame() {
    #expect(
      JSONValue.object(confusion.members()).description
        == #"{"classes": [{"name": "cat", "samples": 4, "precision": 1.0, "recall": 0.5, "#
        + #""f1": 0.6666666666666666}, "#
        + #"{"name": "dog", "samples": 2, "precision": 0.5, "recall": 1.0, "#
        + #""f1": 0.6666666666666666}, "#
        + #"{"name": "owl", "samples": 0, "precision": null, "recall": null, "#
        + #""f1": null}], "#
        + #""confusion": [[2, 2, 0], [0, 2, 0], [0, 0, 0]]}"#)
  }

  @Test func manyClassesHaveNoMatrix() {
    let many = ConfusionMatrix(names: (0...100).map(String.init), labels: [7], found: [8])
    #expect(JSONValue.object(many.members()).description.hasSuffix(#""confusion": null}"#))
  }

  // MARK: Within the width of a window

  /// So many samples of each class, of which some are taken for the next one and for class 0.
  private func mistakes(
    _ names: [String], samples: Int, next: (Int) -> Int = { _ in 1 }
  ) -> ConfusionMatrix {
    var (labels, found): ([Int32], [Int32]) = ([], [])
    for label in names.indices {
      for sample in 0..<samples {
        let isNext = sample < next(label)
        labels.append(Int32(label))
        found.append(Int32(isNext ? (label + 1) % names.count : sample == next(label) ? 0 : label))
      }
    }
    return ConfusionMatrix(names: names, labels: labels, found: found)
  }

  private func width(_ lines: [String]) -> Int { lines.map(\.displayWidth).max() ?? 0 }

  /// The digits of a test set of 2,000 samples, indented as a run prints them.
  @Test func tenClassesOfHundredsAreAMatrix() {
    let lines = mistakes((0..<10).map(String.init), samples: 200).lines(columns: 78)
    #expect(lines.count == 12 && width(lines) <= 78)
    #expect(
      lines[3] == "1          200  99.0 %     99.5 %    1 198   1   ·   ·   ·   ·   ·   ·   ·")
  }

  /// Those of 10,000 samples.
  @Test func tenClassesOfThousandsAreListed() {
    let digits = mistakes((0..<10).map(String.init), samples: 1100) { $0 + 1 }
    let lines = digits.lines(columns: 78)
    #expect(lines.count == 12 && width(lines) <= 78)
    #expect(lines[0] == "class  samples  recall  precision  taken for")
    #expect(lines[4] == "2         1100  99.6 %     99.8 %  3 (3), 0 (1)")
    #expect(
      digits.lines(columns: 90)[0].hasSuffix("   0    1    2    3    4    5    6    7    8    9"))
  }

  @Test func longNamesAreCut() {
    let names = (0..<10).map {
      "a name of a class that is longer than a line should be, number \($0)"
    }
    let lines = mistakes(names, samples: 5000).lines(columns: 80)
    #expect(lines.count == 12 && width(lines) <= 80)
    #expect(
      lines[3]
        == "1 a name of a class tha…     5000  100.0 %    100.0 %  0 a name of… (1), …")
    let wide = mistakes(names.map { _ in String(repeating: "字", count: 40) }, samples: 5000)
    #expect(width(wide.lines(columns: 80)) <= 80)
  }

  @Test func ofManyClassesTheWorstAreListed() {
    let confusion = mistakes((0..<100).map { "kind\($0)" }, samples: 300) { 1 + $0 % 50 }
    let lines = confusion.lines(columns: 80)
    #expect(lines.count == 2 + 20 + 1 && width(lines) <= 80)
    #expect(lines[2] == "49 kind49      300  83.0 %     83.6 %  50 kind50 (50), 0 kind0 (1)")
    #expect(lines[3].hasPrefix("99 kind99 "))
    #expect(lines[4].hasPrefix("48 kind48 "))
    #expect(
      lines[22] == "20 of 100 classes: those with the most mistakes; evaluate --json lists all")
  }

  /// However narrow the window is, there is something to read.
  @Test(arguments: [1, 20, 40, 60])
  func narrowWindows(columns: Int) {
    let lines = mistakes((0..<10).map(String.init), samples: 1100).lines(columns: columns)
    #expect(lines.count == 12 && width(lines) <= 60)
  }
}

extension ConfusionMatrix {
  /// Of each target, the class that it has and the one that was found.
  fileprivate init(names: [String], labels: [Int32], found: [Int32]) {
    var counts = [Int](repeating: 0, count: names.count * names.count)
    for (label, found) in zip(labels, found) { counts[Int(label) * names.count + Int(found)] += 1 }
    self.init(names: names, counts: counts)
  }
}
