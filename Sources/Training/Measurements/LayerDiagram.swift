internal import Diagnostics
internal import Graphs
internal import Networks
internal import Reports

/// The layers of a network as a picture: a box for each, below those that it reads.
struct LayerDiagram {
  /// What stands above the picture; empty where there is only one network.
  let title: String
  private let boxes: [Box]
  private let edges: [Edge]

  /// The extents of the picture.
  let width: Double
  let height: Double

  private struct Box {
    let lines: [String]
    let color: String
    /// The centre.
    let x: Double
    let y: Double
  }

  private struct Edge {
    let from: Int
    let to: Int
    /// Where it passes the boxes between both; nil if there are none.
    var lane: Double?
  }

  private static let boxHeight = 62.0
  private static let rowHeight = 98.0
  private static let gap = 28.0

  private let boxWidth: Double

  /// - Parameter samples: What the network is applied to.
  init(_ layers: [LayerSummary], title: String, samples: String = "samples") {
    self.title = title
    let prefix = title.isEmpty ? "" : "\(title)/"
    func short(_ name: String) -> String {
      name == "samples" ? samples : String(name.dropFirst(name.hasPrefix(prefix) ? prefix.count : 0))
    }
    var rows: [String: Int] = [:]
    var names: [String] = []
    for layer in layers {
      for input in layer.inputs where rows[input] == nil {
        (rows[input], names) = (0, names + [input])
      }
      rows[layer.name] = 1 + (layer.inputs.compactMap { rows[$0] }.max() ?? 0)
      names.append(layer.name)
    }
    let texts = names.map { name in
      guard let layer = layers.first(where: { $0.name == name }) else { return [short(name)] }
      let weights =
        layer.weightsOf.map { ["weights of \(short($0))"] }
        ?? (layer.parameters > 0 ? ["\(layer.parameters.grouped) parameters"] : [])
      return [short(name), "\(layer.kind) · \(layer.output.text)"] + weights
    }
    let longest = texts.joined().map(\.count).max() ?? 0
    let boxWidth = max(120, 24 + 7.5 * Double(longest))
    let lines = Dictionary(grouping: names.indices) { rows[names[$0]] ?? 0 }
    let widest = Double(lines.values.map(\.count).max() ?? 1)
    let half = (widest * (boxWidth + Self.gap) - Self.gap) / 2

    let numbers = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    let spans = layers.flatMap { layer in
      layer.inputs.compactMap { input in numbers[input].map { ($0, numbers[layer.name] ?? 0) } }
    }
    /// The lanes on each side, with the rows that their edges pass.
    var lanes: [Bool: [[Range<Int>]]] = [:]
    var edges: [Edge] = []
    let length = { (span: (Int, Int)) in (rows[names[span.1]] ?? 0) - (rows[names[span.0]] ?? 0) }
    for span in spans.sorted(by: { length($0) < length($1) }) {
      var edge = Edge(from: span.0, to: span.1)
      if length(span) > 1 {
        let line = lines[rows[names[span.0]] ?? 0] ?? []
        let isLeft = line.count > 1 && line.first == span.0
        let passed = (rows[names[span.0]] ?? 0)..<(rows[names[span.1]] ?? 0)
        var taken = lanes[isLeft] ?? []
        let lane = taken.firstIndex { !$0.contains { $0.overlaps(passed) } } ?? taken.count
        if lane == taken.count { taken.append([]) }
        taken[lane].append(passed)
        lanes[isLeft] = taken
        edge.lane = (isLeft ? -1 : 1) * (half + 18 + 14 * Double(lane))
      }
      edges.append(edge)
    }
    let side = half + 36 + 14 * Double(lanes.values.map(\.count).max() ?? 0)
    let top = title.isEmpty ? 20.0 : 56
    boxes = names.indices.map { number in
      let row = rows[names[number]] ?? 0
      let line = lines[row] ?? []
      let place = Double(line.firstIndex(of: number) ?? 0) - Double(line.count - 1) / 2
      let layer = layers.first { $0.name == names[number] }
      return Box(
        lines: texts[number],
        color: layer.map { $0.parameters > 0 || $0.weightsOf != nil ? "#e3eefb" : "#ffffff" }
          ?? "#eef0f2",
        x: side + place * (boxWidth + Self.gap),
        y: top + Self.boxHeight / 2 + Double(row) * Self.rowHeight)
    }
    self.edges = edges.map { Edge(from: $0.from, to: $0.to, lane: $0.lane.map { $0 + side }) }
    self.boxWidth = boxWidth
    width = 2 * side
    height = top + Double(lines.count) * Self.rowHeight
  }

  /// Several pictures side by side.
  static func svg(_ diagrams: [LayerDiagram], title: String) -> String {
    var drawing = Drawing()
    let (width, height) = (
      diagrams.map(\.width).reduce(0, +), diagrams.map(\.height).max() ?? 0
    )
    drawing.open(width, height, title: title, limit: (1e6, 1e6))
    var left = 0.0
    for diagram in diagrams {
      diagram.draw(on: &drawing, from: left)
      left += diagram.width
    }
    return drawing.finished
  }

  private func draw(on drawing: inout Drawing, from left: Double) {
    drawing.text(title, left + width / 2, 34, size: 18, weight: "600")
    let tip =
      "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
      + "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8Z\" fill=\"\(Drawing.faint)\" "
      + "stroke=\"none\"/></marker></defs>\n"
    drawing.group(
      "fill=\"none\" stroke=\"\(Drawing.faint)\" stroke-width=\"1.4\"",
      [tip] + edges.map { path(of: $0, from: left) })
    for box in boxes {
      drawing.box(
        left + box.x - boxWidth / 2, box.y - Self.boxHeight / 2, boxWidth, Self.boxHeight, box.color,
        style: "stroke=\"\(Drawing.faint)\" rx=\"6\"")
      for (place, line) in box.lines.enumerated() {
        let y = box.y + 5 + 18 * (Double(place) - Double(box.lines.count - 1) / 2)
        drawing.text(
          line, left + box.x, y, size: place == 0 ? 14 : 12, weight: place == 0 ? "600" : "400",
          color: place == 0 ? Drawing.ink : Drawing.faint)
      }
    }
  }

  /// A curve from below a box to above the next, or beside the boxes between both.
  private func path(of edge: Edge, from left: Double) -> String {
    let (from, to) = (boxes[edge.from], boxes[edge.to])
    func point(_ x: Double, _ y: Double) -> String {
      "\(Drawing.number(left + x)) \(Drawing.number(y))"
    }
    let curve: String
    if let lane = edge.lane {
      let near = (lane < from.x ? -1 : 1) * boxWidth / 2
      curve =
        "M\(point(from.x + near, from.y))C\(point(lane, from.y)) \(point(lane, from.y)) "
        + "\(point(lane, from.y + 40))L\(point(lane, to.y - 40))C\(point(lane, to.y)) "
        + "\(point(lane, to.y)) \(point(to.x + near, to.y))"
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
