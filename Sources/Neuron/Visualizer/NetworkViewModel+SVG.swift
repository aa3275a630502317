internal import Charts
internal import Reports

extension NetworkViewModel {
  /// The network as an SVG picture: a column of nodes for each layer, of at most `neuronLimit` that
  /// are evenly chosen from all, and lines for the weights between them.
  public func svg(neuronLimit: Int = 16) -> String {
    let layout = NetworkLayout(brain, limit: max(1, neuronLimit))
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
    drawing.legend(layout, brain.lobes.last?.neurons.first?.weightsColor ?? .gray)
    return drawing.finished
  }
}

/// The colour of weights below 0.
private let negative = Color(red: 0.33, green: 0.38, blue: 0.45).hex

extension Drawing {
  /// Thicker and darker for greater weights; the greatest are on top.
  fileprivate mutating func lines(from before: Column, to column: Column) {
    var lines: [(size: Double, text: String)] = []
    for (node, y) in column.nodes {
      let neuron = column.lobe.neurons[node]
      for (source, start) in before.nodes where neuron.weights.indices.contains(source) {
        let weight = 2 * Double(neuron.weights[source]) - 1
        let size = min(abs(weight), 1)
        // Fainter ones are invisible.
        guard size > 0.02 else { continue }
        let color = weight > 0 ? neuron.weightsColor.hex : negative
        lines.append(
          (size, Self.line(before.x, start, column.x, y, color, size))
        )
      }
    }
    group("stroke-linecap=\"round\"", lines.sorted { $0.size < $1.size }.map(\.text))
  }

  fileprivate mutating func nodes(of column: Column) {
    for (node, y) in column.nodes {
      self.node(column.lobe.neurons[node], number: node, column.x, y)
    }
    if let gap = column.gap { dots(column.x, gap, (column.lobe.neurons.first?.color ?? .gray).hex) }
  }

  fileprivate mutating func title(of column: Column, below bottom: Double) {
    let (all, drawn) = (column.lobe.neurons.count, column.nodes.count)
    text(column.lobe.title, column.x, bottom + 30, size: 16, weight: "600")
    text(
      all == drawn ? "\(all)" : "\(drawn) of \(all)", column.x, bottom + 50, size: 14,
      color: theme.faint)
  }

  private mutating func node(
    _ neuron: NeuronViewModel, number: Int, _ x: Double, _ y: Double
  ) {
    let share = Double(neuron.activation.isFinite ? min(max(neuron.activation, 0), 1) : 0)
    let fill = neuron.color.tint(share)
    let value = neuron.value.map(figure)
    circle(
      x, y, neuron.radius, fill: fill.hex, stroke: neuron.color.hex,
      title: "node \(number)" + (value.map { ": \($0)" } ?? ""))
    if let value {
      let size = neuron.radius * (value.count > 5 ? 0.42 : 0.5)
      text(
        value, x, y + 0.35 * size, size: size, color: fill.isLight ? theme.ink : Color.white.hex)
    }
  }

  /// The legend.
  fileprivate mutating func legend(_ layout: NetworkLayout, _ color: Color) {
    let (y, left) = (layout.height - 32, layout.width / 2 - 232)
    text("0", left, y + 5, size: 14, color: theme.faint)
    for step in 0..<12 {
      box(left + 10 + 8 * Double(step), y - 7, 8, 14, color.tint(Double(step) / 11).hex)
    }
    text("1", left + 116, y + 5, size: 14, color: theme.faint)
    text("activation", left + 164, y + 5, size: 14, color: theme.faint)
    line(left + 222, y, left + 262, y, color.hex, 0.8)
    text("weight above 0", left + 322, y + 5, size: 14, color: theme.faint)
    line(left + 386, y, left + 426, y, negative, 0.8)
    text("below", left + 455, y + 5, size: 14, color: theme.faint)
  }
}
