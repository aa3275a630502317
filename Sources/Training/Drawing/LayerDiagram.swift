internal import Charts
internal import Diagnostics
internal import Graphs
internal import Networks
internal import Reports

/// The layers of a network as a picture: a box for each, below those that it reads.
///
/// Layers of equal depth stand side by side. An edge that skips rows passes beside the boxes.
struct LayerDiagram {
  /// Empty where there is only one network.
  private let title: String
  private let boxes: [Box]
  private let edges: [Edge]
  private let boxWidth: Double
  private let width: Double
  private let height: Double

  private static let boxHeight = 62.0
  private static let rowHeight = 98.0
  private static let gap = 28.0

  /// What a box stands for; it sets the background.
  private enum Role {
    case input
    case weights
    case plain

    func background(_ theme: Theme) -> String {
      switch self {
      case .input: theme.line
      case .weights: theme.fill
      case .plain: theme.paper
      }
    }
  }

  private struct Box {
    let lines: [String]
    let role: Role
    /// The centre.
    let x: Double
    let y: Double
  }

  private struct Edge {
    let from: Int
    let to: Int
    /// Where it passes the rows between both; nil if there are none.
    let lane: Double?
  }

  /// The picture of a network; `samples` says what it is applied to.
  init(_ layers: [LayerSummary], title: String, samples: String = "samples") {
    self.title = title
    let graph = LayerRows(layers)
    func short(_ name: String) -> String {
      name == "samples" ? samples : String(name.trimmingPrefix("\(title)/"))
    }
    let texts = graph.nodes.map { node in
      guard let layer = node.layer else { return [short(node.name)] }
      let weights =
        layer.weightsOf.map { ["weights of \(short($0))"] }
        ?? (layer.parameters > 0 ? ["\(layer.parameters.grouped) parameters"] : [])
      return [short(node.name), "\(layer.kind) · \(layer.output.text)"] + weights
    }
    let boxWidth = max(120, 24 + 7.5 * Double(texts.joined().map(\.count).max() ?? 0))
    let columns = Double(graph.rows.map(\.count).max() ?? 0)
    let half = (columns * (boxWidth + Self.gap) - Self.gap) / 2
    let centre = half + 36 + 14 * Double(graph.lanes)
    let top = (title.isEmpty ? 20 : 56) + Self.boxHeight / 2
    boxes = zip(graph.nodes, texts).map { node, lines in
      let hasWeights = lines.count > 2
      return Box(
        lines: lines,
        role: node.layer == nil ? .input : hasWeights ? .weights : .plain,
        x: centre + graph.offset(of: node) * (boxWidth + Self.gap),
        y: top + Double(node.row) * Self.rowHeight)
    }
    edges = graph.edges.map { edge in
      Edge(
        from: edge.from, to: edge.to,
        lane: edge.lane.map { centre + ($0 < 0 ? -1 : 1) * (half + 4 + 14 * Double(abs($0))) })
    }
    self.boxWidth = boxWidth
    width = 2 * centre
    height = top + Double(graph.rows.count) * Self.rowHeight - Self.boxHeight / 2
  }

  /// Several pictures side by side.
  static func svg(_ diagrams: [LayerDiagram], title: String, theme: Theme) -> String {
    var drawing = Drawing(theme: theme)
    let width = diagrams.map(\.width).reduce(0, +)
    drawing.open(
      width, diagrams.map(\.height).max() ?? 0, title: title, limit: (.infinity, .infinity))
    let tip =
      "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
      + "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8Z\" fill=\"\(theme.faint)\" "
      + "stroke=\"none\"/></marker></defs>\n"
    let starts = diagrams.indices.map { diagrams[..<$0].map(\.width).reduce(0, +) }
    drawing.group(
      "fill=\"none\" stroke=\"\(theme.faint)\" stroke-width=\"1.4\"",
      [tip] + zip(diagrams, starts).flatMap { $0.curves(from: $1) })
    for (diagram, start) in zip(diagrams, starts) { diagram.draw(on: &drawing, from: start) }
    return drawing.finished
  }

  private func draw(on drawing: inout Drawing, from left: Double) {
    let theme = drawing.theme
    if !title.isEmpty { drawing.text(title, left + width / 2, 34, size: 18, weight: "600") }
    for box in boxes {
      drawing.box(
        left + box.x - boxWidth / 2, box.y - Self.boxHeight / 2, boxWidth, Self.boxHeight,
        box.role.background(theme), style: "stroke=\"\(theme.faint)\" rx=\"6\"")
      for (place, line) in box.lines.enumerated() {
        let y = box.y + 5 + 18 * (Double(place) - Double(box.lines.count - 1) / 2)
        drawing.text(
          line, left + box.x, y, size: place == 0 ? 14 : 12, weight: place == 0 ? "600" : "400",
          color: place == 0 ? theme.ink : theme.faint)
      }
    }
  }

  /// Curves from below a box to above the next, or beside the boxes between both.
  private func curves(from left: Double) -> [String] {
    func point(_ x: Double, _ y: Double) -> String {
      "\(Drawing.number(left + x)) \(Drawing.number(y))"
    }
    return edges.map { edge in
      let (from, to) = (boxes[edge.from], boxes[edge.to])
      let curve: String
      if let lane = edge.lane {
        let side = (lane < from.x ? -1 : 1) * boxWidth / 2
        curve =
          "M\(point(from.x + side, from.y))C\(point(lane, from.y)) \(point(lane, from.y)) "
          + "\(point(lane, from.y + 40))L\(point(lane, to.y - 40))C\(point(lane, to.y)) "
          + "\(point(lane, to.y)) \(point(to.x + side, to.y))"
      } else {
        let (start, end) = (from.y + Self.boxHeight / 2, to.y - Self.boxHeight / 2)
        let middle = (start + end) / 2
        curve =
          "M\(point(from.x, start))C\(point(from.x, middle)) \(point(to.x, middle)) "
          + point(to.x, end)
      }
      return "<path d=\"\(curve)\" marker-end=\"url(#tip)\"/>\n"
    }
  }
}
