internal import Diagnostics

extension ConfusionMatrix {
  /// Returns the matrix as text, in lines of at most `columns` columns if possible.
  ///
  /// It has a row for each class: samples, recall, precision, F1 and area under the ROC curve where
  /// `areas` gives that, and the count of each predicted class. If that is too wide, a row lists
  /// the most frequent confusions instead. Of more than 20 classes, only those with the most errors
  /// are shown.
  package func lines(columns: Int, areas: [Double?]? = nil) -> [String] {
    let isSmall = names.count <= Self.tableLimit
    if isSmall {
      let lines = matrix(areas).lines
      if lines.allSatisfy({ $0.displayWidth <= columns }) { return lines }
    }
    let labels = isSmall ? Array(names.indices) : Array(worst.prefix(Self.tableLimit))
    let lines = mistakes(of: labels, areas, columns: columns).lines
    guard !isSmall else { return lines }
    return lines + [
      "\(labels.count) of \(names.count) classes: those with the most mistakes; "
        + "evaluate --json lists all"
    ]
  }

  private static func columns(_ areas: [Double?]?) -> [Table.Column] {
    [.left("class"), .right("samples"), .right("recall"), .right("precision")]
      + (areas == nil ? [] : [.right("f1"), .right("auc")])
  }
  private static let longestName = 24
  /// The maximum length of a name in the list of confusions.
  private static let longestMention = 12

  /// Returns the cells that all tables have.
  private func cells(of label: Int, _ areas: [Double?]?) -> [String] {
    let shares = [recall(of: label), precision(of: label)] + (areas == nil ? [] : [f1(of: label)])
    return [name(of: label, within: Self.longestName), "\(samples(of: label))"]
      + shares.map { $0?.asPercent ?? "" } + (areas.map { [$0[label]?.formatted(4) ?? ""] } ?? [])
  }

  private func name(of label: Int, within width: Int) -> String {
    let name = names[label]
    return (name == "\(label)" ? name : "\(label) \(name)").clipped(to: width)
  }

  private func matrix(_ areas: [Double?]?) -> Table {
    var table = Table(
      Self.columns(areas) + names.indices.map { .right("\($0)", gap: $0 == 0 ? 2 : 1) })
    for label in names.indices {
      table.add(cells(of: label, areas) + counts[label].map { $0 > 0 ? "\($0)" : "·" })
    }
    return table
  }

  /// All classes, those with the most errors first.
  private var worst: [Int] {
    let mistakes = names.indices.map { samples(of: $0) - counts[$0][$0] }
    return names.indices.sorted { (mistakes[$1], $0) < (mistakes[$0], $1) }
  }

  private func mistakes(of labels: [Int], _ areas: [Double?]?, columns: Int) -> Table {
    let cells = labels.map { self.cells(of: $0, areas) }
    var head = Table(Self.columns(areas))
    for row in cells { head.add(row) }
    let room = columns - 2 - (head.lines.map(\.displayWidth).max() ?? 0)
    var table = Table(Self.columns(areas) + [.left("taken for")])
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
