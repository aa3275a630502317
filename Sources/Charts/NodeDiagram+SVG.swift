extension NodeDiagram {
  /// The picture; of each layer at most `limit` nodes are drawn, evenly chosen from all.
  package func svg(limit: Int = 16) -> String {
    let layout = NodeLayout(self, limit: max(1, limit))
    var drawing = Drawing()
    drawing.open(layout.width, layout.height, title: caption.isEmpty ? "A network" : caption)
    if !caption.isEmpty {
      drawing.text(caption, layout.width / 2, 38, size: 20, weight: "600")
    }
    for (before, column) in zip(layout.columns, layout.columns.dropFirst()) {
      drawing.lines(from: before, to: column)
    }
    for column in layout.columns {
      drawing.nodes(of: column)
      drawing.title(of: column, below: layout.bottom)
    }
    drawing.legend(layout, layers.last?.nodes.first?.weightsColor ?? .gray)
    return drawing.finished
  }
}

extension Drawing {
  /// Thicker and darker for greater weights; the greatest are on top.
  fileprivate mutating func lines(from before: NodeColumn, to column: NodeColumn) {
    var lines: [(size: Double, text: String)] = []
    for (node, y) in column.nodes {
      let neuron = column.layer.nodes[node]
      for (source, start) in before.nodes where neuron.weights.indices.contains(source) {
        let weight = 2 * Double(neuron.weights[source]) - 1
        let size = min(abs(weight), 1)
        // Fainter ones are invisible.
        guard size > 0.02 else { continue }
        let color = weight > 0 ? neuron.weightsColor.hex : NodeColor.negative.hex
        lines.append(
          (size, Self.line(before.x, start, column.x, y, color, size))
        )
      }
    }
    group("stroke-linecap=\"round\"", lines.sorted { $0.size < $1.size }.map(\.text))
  }

  fileprivate mutating func nodes(of column: NodeColumn) {
    for (node, y) in column.nodes {
      self.node(column.layer.nodes[node], column.x, y)
    }
    if let gap = column.gap { dots(column.x, gap, (column.layer.nodes.first?.color ?? .gray).hex) }
  }

  fileprivate mutating func title(of column: NodeColumn, below bottom: Double) {
    let (all, drawn) = (column.layer.nodes.count, column.nodes.count)
    text(column.layer.title, column.x, bottom + 30, size: 16, weight: "600")
    text(
      all == drawn ? "\(all)" : "\(drawn) of \(all)", column.x, bottom + 50, size: 14,
      color: theme.faint)
  }

  private mutating func node(
    _ node: NodeDiagram.Node, _ x: Double, _ y: Double
  ) {
    let share = Double(node.activation.isFinite ? min(max(node.activation, 0), 1) : 0)
    let fill = node.color.tint(share)
    let value = node.value.map(figure)
    circle(
      x, y, node.radius, fill: fill.hex, stroke: node.color.hex,
      title: node.name + (value.map { ": \($0)" } ?? ""))
    if let value {
      let size = node.radius * (value.count > 5 ? 0.42 : 0.5)
      text(
        value, x, y + 0.35 * size, size: size, color: fill.isLight ? Theme.paper.ink : "#ffffff")
    }
  }

  /// The legend.
  fileprivate mutating func legend(_ layout: NodeLayout, _ color: NodeColor) {
    let (y, left) = (layout.height - 32, layout.width / 2 - 232)
    text("0", left, y + 5, size: 14, color: theme.faint)
    for step in 0..<12 {
      box(left + 10 + 8 * Double(step), y - 7, 8, 14, color.tint(Double(step) / 11).hex)
    }
    text("1", left + 116, y + 5, size: 14, color: theme.faint)
    text("activation", left + 164, y + 5, size: 14, color: theme.faint)
    line(left + 222, y, left + 262, y, color.hex, 0.8)
    text("weight above 0", left + 322, y + 5, size: 14, color: theme.faint)
    line(left + 386, y, left + 426, y, NodeColor.negative.hex, 0.8)
    text("below", left + 455, y + 5, size: 14, color: theme.faint)
  }
}
