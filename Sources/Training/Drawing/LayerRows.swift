internal import Networks

/// Where the layers of a network stand in a picture: in rows, each layer below all that it reads.
struct LayerRows {
  /// The fields of the data that layers read, and the layers.
  private(set) var nodes: [Node] = []
  private(set) var edges: [Edge] = []
  /// The nodes of each row, from left to right.
  private(set) var rows: [[Int]] = []
  /// The greatest number of lanes on a side.
  private(set) var lanes = 0

  struct Node {
    let name: String
    /// Nil for a field.
    let layer: LayerSummary?
    let row: Int
    let column: Int
  }

  struct Edge {
    let from: Int
    let to: Int
    /// The lane where it passes the rows between both, counted from the boxes, to the left below 0;
    /// nil if there are no such rows.
    var lane: Int?
  }

  init(_ layers: [LayerSummary]) {
    var places: [String: Int] = [:]
    for layer in layers {
      for input in layer.inputs where places[input] == nil {
        places[input] = add(input, nil, row: 0)
      }
      let above = layer.inputs.compactMap { places[$0] }
      let row = 1 + (above.map { nodes[$0].row }.max() ?? 0)
      let place = add(layer.name, layer, row: row)
      places[layer.name] = place
      edges += above.map { Edge(from: $0, to: place) }
    }
    chooseLanes()
  }

  /// How many columns a node stands to the right of the middle of its row.
  func offset(of node: Node) -> Double {
    Double(node.column) - Double(rows[node.row].count - 1) / 2
  }

  private mutating func add(_ name: String, _ layer: LayerSummary?, row: Int) -> Int {
    while rows.count <= row { rows.append([]) }
    nodes.append(Node(name: name, layer: layer, row: row, column: rows[row].count))
    rows[row].append(nodes.count - 1)
    return nodes.count - 1
  }

  /// Gives edges that pass the same rows lanes of their own, the shortest next to the boxes.
  private mutating func chooseLanes() {
    var taken: [Int: [Range<Int>]] = [:]
    let passed = edges.map { nodes[$0.from].row..<nodes[$0.to].row }
    for edge in edges.indices.sorted(by: { passed[$0].count < passed[$1].count })
    where passed[edge].count > 1 {
      let row = rows[passed[edge].lowerBound]
      let side = row.count > 1 && row[0] == edges[edge].from ? -1 : 1
      var lane = 1
      while taken[side * lane, default: []].contains(where: { $0.overlaps(passed[edge]) }) {
        lane += 1
      }
      taken[side * lane, default: []].append(passed[edge])
      edges[edge].lane = side * lane
      lanes = max(lanes, lane)
    }
  }
}
