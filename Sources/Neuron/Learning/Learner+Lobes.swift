internal import Configuration
internal import Graphs
internal import Networks
internal import Training

/// The consecutive layers of a network that make a lobe; one of them has weights.
struct LobePlace {
  /// The layer with weights; nil before the first.
  var core: LayerSummary?
  /// Its weights and biases, if they are rows of nodes.
  var weights: (range: Range<Int>, rows: Int)?
  var biases: Range<Int>?
  /// All its layers.
  var layers: Range<Int>
  var type: LayerType
}

extension Learner {
  /// The lobes, the input layer first.
  ///
  /// A lobe begins with a layer that has weights, or with the norm of its inputs; activations,
  /// pooling and dropout follow.
  var lobePlaces: [LobePlace] {
    let all = network.layers
    let starts = all.indices.filter { isWeighted(all[$0]) }.map { index in
      all[index].kind == "dense" && index > 0 && all[index - 1].kind == "layernorm"
        ? index - 1 : index
    }
    let ends = starts.dropFirst() + [all.count]
    let inputs = LobePlace(layers: 0..<(starts.first ?? all.count), type: .input)
    return [inputs]
      + zip(starts, ends).map { start, end in
        var place = LobePlace(
          core: all[start..<end].first(where: isWeighted), layers: start..<end,
          type: end == all.count ? .output : .hidden)
        if let core = place.core, ["dense", "conv"].contains(core.kind) {
          for (parameter, stored) in zip(network.parameters, state.parameters) {
            if stored.name == "\(core.name)/weight" {
              place.weights = (stored.range, parameter.shape[0])
            }
            if stored.name == "\(core.name)/bias" { place.biases = stored.range }
          }
        }
        return place
      }
  }

  func lobe(at place: LobePlace, inputs: Int) -> Lobe {
    let layers = network.layers[place.layers]
    let biases = place.biases.map(values)
    let neurons =
      place.type == .input
      ? Array(repeating: Neuron(weights: [0], bias: 0, biasWeight: 0), count: inputs)
      : (place.weights.map(rows) ?? []).enumerated().map {
        Neuron(weights: $1, bias: biases?[$0] ?? 0, biasWeight: biases == nil ? 0 : 1)
      }
    return Lobe(
      neurons: neurons, layer: place.type,
      activation: layers.lazy.compactMap { Activation($0.kind) }.first ?? .none,
      isNormalized: layers.first?.kind == "layernorm",
      outputCount: layers.last?.output.count ?? inputs,
      kind: place.core?.kind ?? "inputs")
  }

  /// The scale and shift of a lobe whose inputs are normalised, if there is one of each.
  func scaleAndShift(at place: LobePlace) -> (scale: Float, shift: Float)? {
    guard let norm = network.layers[place.layers].first, norm.kind == "layernorm" else {
      return nil
    }
    let numbers = ["weight", "bias"].compactMap { name in
      state.layout["\(norm.name)/\(name)"].map { values($0.range) }
    }
    guard numbers.map(\.count) == [1, 1] else { return nil }
    return (numbers[0][0], numbers[1][0])
  }

  private func isWeighted(_ layer: LayerSummary) -> Bool {
    network.parameters.contains { $0.shape.rank > 1 && $0.name.hasPrefix("\(layer.name)/") }
  }
}

extension Activation {
  /// The activation of a kind of layer; nil for other kinds.
  fileprivate init?(_ kind: String) {
    guard
      let found = Activation.allCases.first(where: {
        $0.layer?.record.name == kind
      })
    else { return nil }
    self = found
  }
}
