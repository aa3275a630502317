/// The positions of the nodes of a picture.
struct NodeLayout {
  private(set) var columns: [NodeColumn] = []
  private(set) var width: Double
  private(set) var height: Double
  /// The bottom of the lowest node; titles are in a row below.
  let bottom: Double

  /// The margin: the caption is in it at the top, the legend at the bottom.
  private static let margin = (side: 90.0, top: 70.0, bottom: 130.0)

  init(_ diagram: NodeDiagram, limit: Int) {
    var x = Self.margin.side
    for layer in diagram.layers {
      let radius = layer.nodes.map(\.radius).max() ?? 0
      columns.append(NodeColumn(layer, limit: limit, x: x + radius))
      x += 2 * radius + diagram.spacing
    }
    let tallest = columns.map(\.bottom).max() ?? 0
    for column in columns.indices {
      columns[column].move(by: Self.margin.top + (tallest - columns[column].bottom) / 2)
    }
    let needed = x - (columns.isEmpty ? 0 : diagram.spacing) + Self.margin.side
    width = max(needed, 560)
    bottom = Self.margin.top + tallest
    height = bottom + Self.margin.bottom
    for column in columns.indices { columns[column].x += (width - needed) / 2 }
  }
}

/// A layer in a picture.
struct NodeColumn {
  let layer: NodeDiagram.Layer
  var x: Double
  /// The drawn nodes and the height of their centres.
  private(set) var nodes: [(node: Int, y: Double)] = []
  /// The centre of the dots that stand for the others.
  private(set) var gap: Double?
  private(set) var bottom = 0.0

  init(_ layer: NodeDiagram.Layer, limit: Int, x: Double) {
    self.layer = layer
    self.x = x
    let (all, drawn) = (layer.nodes.count, min(layer.nodes.count, limit))
    for place in 0..<drawn {
      let node = drawn < 2 ? 0 : place * (all - 1) / (drawn - 1)
      if drawn < all, place == (drawn + 1) / 2 {
        gap = bottom + 20
        bottom += 40 + layer.spacing
      }
      nodes.append((node, bottom + layer.nodes[node].radius))
      bottom += 2 * layer.nodes[node].radius + layer.spacing
    }
    bottom = max(0, bottom - layer.spacing)
  }

  mutating func move(by distance: Double) {
    for place in nodes.indices { nodes[place].y += distance }
    gap = gap.map { $0 + distance }
    bottom += distance
  }
}
