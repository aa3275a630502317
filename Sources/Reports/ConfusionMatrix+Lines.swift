extension ConfusionMatrix {
  /// Returns the matrix as text, in lines of at most `columns` columns if possible.
  ///
  /// It has a row for each class: samples, recall, precision, and the count of each predicted
  /// class. If that is too wide, a row lists the most frequent confusions instead. Of more than 20
  /// classes, only those with the most errors are shown.
  package func lines(columns: Int) -> [String] {
    let isSmall = names.count <= Self.tableLimit
    if isSmall {
      let lines = matrix.lines
      if lines.allSatisfy({ $0.displayWidth <= columns }) { return lines }
    }
    let labels = isSmall ? Array(names.indices) : Array(worst.prefix(Self.tableLimit))
    let lines = mistakes(of: labels, columns: columns).lines
    guard !isSmall else { return lines }
    return lines + [
      "\(labels.count) of \(names.count) classes: those with the most mistakes; "
        + "evaluate --json lists all"
    ]
  }

  private static let columns: [Table.Column] = [
    .left("class"), .right("samples"), .right("recall"), .right("precision"),
  ]
  private static let longestName = 24
  /// The maximum length of a name in the list of confusions.
  private static let longestMention = 12

  /// Returns the cells that all tables have.
  private func cells(of label: Int) -> [String] {
    [name(of: label, within: Self.longestName), "\(samples(of: label))"]
      + [recall(of: label), precision(of: label)].map { $0?.asPercent ?? "" }
  }

  private func name(of label: Int, within width: Int) -> String {
    let name = names[label]
    return (name == "\(label)" ? name : "\(label) \(name)").clipped(to: width)
  }

  private var matrix: Table {
    var table = Table(
      Self.columns + names.indices.map { .right("\($0)", gap: $0 == 0 ? 2 : 1) })
    for label in names.indices {
      table.add(cells(of: label) + counts[label].map { $0 > 0 ? "\($0)" : "·" })
    }
    return table
  }

  /// All classes, those with the most errors first.
  private var worst: [Int] {
    let mistakes = names.indices.map { samples(of: $0) - counts[$0][$0] }
    return names.indices.sorted { (mistakes[$1], $0) < (mistakes[$0], $1) }
  }

  private func mistakes(of labels: [Int], columns: Int) -> Table {
    let cells = labels.map(cells(of:))
    var head = Table(Self.columns)
    for row in cells { head.add(row) }
    let room = columns - 2 - (head.lines.map(\.displayWidth).max() ?? 0)
    var table = Table(Self.columns + [.left("taken for")])
    for (label, row) in zip(labels, cells) { table.add(row + [confusions(of: label, in: room)]) }
    return table
  }

  /// Returns the classes predicted for samples of a class, most frequent first, as far as they fit.
  private func confusions(of label: Int, in room: Int) -> String {
    let others = names.indices.filter { $0 != label && counts[label][$0] > 0 }
      .sorted { (counts[label][$1], $0) < (counts[label][$0], $1) }
    var text = ""
    for (place, other) in others.enumerated() {
      let mention = "\(name(of: other, within: Self.longestMention)) (\(counts[label][other]))"
      let longer = text.isEmpty ? mention : "\(text), \(mention)"
      let rest = place + 1 < others.count ? ", …".displayWidth : 0
      guard longer.displayWidth + rest <= room else { return text.isEmpty ? "…" : "\(text), …" }
      text = longer
    }
    return text
  }
}
