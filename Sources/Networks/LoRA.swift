package import Configuration
internal import Diagnostics
internal import Graphs

/// Fine-tunes a network whose weights stay as they are by a product of two narrow matrices beside
/// each weight matrix W `[outputs, inputs]` (Hu and others 2021).
///
///     y = x·Wᵀ + alpha/rank·(x·Aᵀ)·Bᵀ + b
///
/// A is `[rank, inputs]`, drawn as PEFT draws it; B is `[outputs, rank]` and begins with zeros, so
/// the first outputs are those of the network alone.
package struct LoRA: Sendable {
  private let settings: Settings

  static let record = Record(
    "lora", main: "rank",
    keys: [
      Key("rank", .integer(in: 1...65536), help: "The rows of A and columns of B."),
      Key(
        "alpha", .number(in: .above(0, to: 1e6)), default: .absent,
        help: "What A and B add is multiplied by alpha / rank; left out, alpha is the rank."),
      Key(
        "layers", .oneOf([.text, .list(of: .text, count: 1...1000)]), default: "all",
        help:
          "The layers whose matrices are adapted, with all layers inside them, by their names in "
          + "model or the ends of paths inside: attention1 is that of every block, "
          + "attention1/query its matrix for queries."),
    ],
    help:
      "Low-rank adaptation: only two narrow matrices beside each weight matrix are trained, all "
      + "else keeps the weights of train.init_from. Exported weights have the products added.")

  package init(_ settings: Settings) { self.settings = settings }

  var rank: Int { settings.integer("rank") }

  /// What the product of A and B is multiplied by.
  package var scale: Double { (settings.optionalNumber("alpha") ?? Double(rank)) / Double(rank) }

  /// Whether a parameter is an A or a B.
  package static func isAdapter(_ name: String) -> Bool {
    ["lora_a", "lora_b"].contains { name == $0 || name.hasSuffix("/\($0)") }
  }

  /// The names of A and B of a weight matrix.
  package static func adapters(of weight: String) -> (a: String, b: String) {
    let path = weight.dropLast("weight".count)
    return ("\(path)lora_a", "\(path)lora_b")
  }

  /// The names of layers to adapt; nil stands for all.
  private var layers: [String]? {
    switch settings.value("layers") {
    case .list(let names): names.map(\.text)
    case let name: name.text == "all" ? nil : [name.text]
    }
  }

  /// Which of the names stand for one of these paths; nil where all layers are adapted.
  ///
  /// A name that begins with that of a layer of the outermost list is a whole path, any other one
  /// the end of a path.
  fileprivate func names(of paths: [String], in list: LayerList) -> [String]? {
    let outermost = Set(
      list.layers.flatMap {
        [$0.name] + (($0.layer as? any BlockLayer)?.blocks(named: $0.name) ?? [])
      })
    return layers?.filter { name in
      let isWhole = outermost.contains(String(name.prefix { $0 != "/" }))
      return paths.contains { $0 == name || !isWhole && $0.hasSuffix("/\(name)") }
    }
  }

  fileprivate func rankFailure(_ matrix: String, _ shape: Shape) -> Failure {
    settings.failure(
      at: "rank",
      "expected at most \(min(shape[0], shape[1])), the smaller side of '\(matrix)' \(shape), "
        + "found \(rank)")
  }

  /// Throws if a name stands for no layer, or for none with a matrix.
  func check(_ pass: ForwardPass, of list: LayerList) throws(Failure) {
    guard let layers else {
      guard pass.adapted.isEmpty else { return }
      throw settings.failure("no layer has a matrix to adapt: expected a dense layer or attention")
    }
    let paths = Set(pass.written.keys.flatMap { stems(of: $0) })
    let there = names(of: Array(paths), in: list) ?? []
    for name in layers where !pass.adapted.contains(name) {
      throw settings.failure(
        at: "layers",
        there.contains(name)
          ? "'\(name)' has no matrix of its own to adapt: expected dense layers or attention"
          : "there is no layer '\(name)'\(Suggestion.hint(for: name, among: paths.sorted()))")
    }
  }
}

/// A path and those of what it is in: `a/b` and `a` of `a/b`.
private func stems(of path: String) -> [String] {
  path.indices.filter { path[$0] == "/" }.map { String(path[..<$0]) } + [path]
}

extension ForwardPass {
  /// Adds what LoRA learns to the product of rows with a matrix, if it adapts that.
  ///
  /// `name` is that of `linear`. A layer that shares weights has the adapters of their owner.
  mutating func adapt(
    _ y: Value, of x: Value, under name: String
  ) throws(Misfit) -> Value {
    guard let lora else { return y }
    let matrix = joined(place.owner, joined(name, "weight"))
    if place.isShared {
      guard known[LoRA.adapters(of: matrix).a] != nil else { return y }
    } else {
      // A repeat has a name that is not part of the names of its blocks.
      let around = lists.map { joined($0.path, $0.list.layers[$0.index].name) }
      let paths = stems(of: matrix).dropLast() + around
      let names = lora.names(of: Array(paths), in: lists[0].list)
      guard names?.isEmpty != true else { return y }
      adapted.formUnion(names ?? ["all"])
    }
    let (inputs, outputs) = (shape(of: x)[1], shape(of: y)[1])
    guard lora.rank <= min(inputs, outputs) else {
      throw Misfit(lora.rankFailure(matrix, [outputs, inputs]))
    }
    let a = try parameter(
      joined(name, "lora_a"), [lora.rank, inputs],
      .uniform(bound: 1 / Double(inputs).squareRoot()))
    let b = try parameter(joined(name, "lora_b"), [outputs, lora.rank], .zeros)
    let narrow = builder.multiply(
      builder.matrixProduct(x, a, transposeRight: true), by: lora.scale)
    return builder.add(y, builder.matrixProduct(narrow, b, transposeRight: true))
  }
}
