internal import Charts

extension NetworkViewModel {
  /// A brain and the outputs of its layers for an input; without one, no node is active.
  init(
    _ brain: Brain, input: [Float]?, caption: String, spacing: (neurons: Double, layers: Double),
    color: (_ layer: Int) -> Color
  ) {
    let seen = brain.seen(input)
    var before = 0
    var lobes: [LobeViewModel] = []
    for (number, (lobe, values)) in seen.enumerated() {
      let weights = lobe.kind == "dense" ? lobe.weights() : []
      let fits = weights.count == lobe.outputCount && weights.allSatisfy { $0.count == before }
      let lines = fits ? weights.scaledAboutZero() : []
      let isShare = lobe.activation == .sigmoid || lobe.activation == .softmax
      let activations = isShare ? values.clamped() : values.scaled()
      let color = color(number)
      lobes.append(
        LobeViewModel(
          neurons: (0..<lobe.outputCount).map { node in
            NeuronViewModel(
              activation: values.isEmpty ? 0 : activations[node],
              weights: fits ? lines[node] : [], color: color, weightsColor: color,
              value: values.isEmpty ? nil : values[node])
          }, spacing: spacing.neurons, title: lobe.title))
      before = lobe.outputCount
    }
    self.init(brain: BrainViewModel(lobes: lobes, spacing: spacing.layers), caption: caption)
  }
}

extension Brain {
  /// The lobes with their outputs.
  fileprivate func seen(_ input: [Float]?) -> [(Lobe, [Float])] {
    guard let places = learner?.lobePlaces else { return [] }
    guard let input, input.count == inputs else { return lobes.map { ($0, []) } }
    let made = activations(input: input)
    return zip(lobes, places).map { lobe, place in
      (lobe, place.layers.isEmpty ? input : made[place.layers.upperBound - 1])
    }
  }
}

extension Lobe {
  /// `softmax`, `normalised, tanh`, `conv, relu`, `inputs`.
  fileprivate var title: String {
    let made = activation == .none ? [] : [activation.asString().lowercased()]
    let core = kind == "dense" && !made.isEmpty ? [] : [kind]
    return ((isNormalized ? ["normalised"] : []) + core + made).joined(separator: ", ")
  }
}
