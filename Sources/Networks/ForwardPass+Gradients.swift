internal import Graphs

extension ForwardPass {
  /// The parameters of a network: those that are trained, those that are frozen, the averages.
  func allParameters(of network: String = "") -> [Parameter] {
    (parameters + frozen + averages.map(\.whole)).filter { $0.belongs(to: network) }
  }

  /// Writes what a step of a network needs of losses: for every parameter `gradient/<name>`, that
  /// of `scale` times their sum; zeros for one that is frozen; or for an average the share of these
  /// samples in its next value.
  ///
  /// The gradients by probes of loops follow.
  mutating func gradients(of losses: Value, by network: String = "") -> [Output] {
    let count = builder.shape(of: losses)[0]
    let scale = builder.input("scale", TensorType(.float32, [1]))
    let seed = builder.broadcast(scale, [count])
    let sources = zip(parameters, weights).filter { $0.0.belongs(to: network) }.map(\.1)
    let probes = builder.probes
    let found = builder.gradients(of: losses, seed: seed, by: sources + probes.map(\.value))
    let gradients = Array(found.prefix(sources.count))
    let zeros = frozen.filter { $0.belongs(to: network) }.map { builder.constant(0, $0.shape) }
    let parts = averages.filter { $0.parameter.belongs(to: network) }.map { average in
      let shape = average.parameter.shape
      // One over the samples: an average follows them all, whatever targets they have.
      let share = builder.multiply(
        builder.input("share", TensorType(.float32, [1])), by: Double(count))
      let thin = builder.reshape(share, shape.replacing(Array(0..<shape.rank), with: 1))
      let followed = average.terms.map { builder.multiply($0.value, by: $0.factor) }
      let sum = followed.dropFirst().reduce(followed[0]) { builder.add($0, $1) }
      return builder.multiply(sum, builder.broadcast(thin, shape))
    }
    let names = allParameters(of: network).map(\.name) + probes.map(\.name)
    return zip(names, gradients + zeros + parts + found.dropFirst(sources.count)).map {
      Output("gradient/\($0)", $1)
    }
  }
}

extension ForwardPass.Average {
  /// The parameter with the momentum of all its uses together.
  fileprivate var whole: Parameter {
    uses == 1
      ? parameter
      : parameter.averaged(momentum: 1 - (0..<uses).reduce(1) { kept, _ in kept * (1 - momentum) })
  }

  /// The values that it follows, so weighted that one update is that of all uses in their order.
  fileprivate var terms: [(value: Value, factor: Double)] {
    guard followed.count > 1 else { return followed.isEmpty ? [(value, 1)] : followed }
    let total = 1 - (0..<uses).reduce(1.0) { kept, _ in kept * (1 - momentum) }
    return followed.enumerated().map { place, term in
      let kept = (place + 1..<followed.count).reduce(1.0) { kept, _ in kept * (1 - momentum) }
      return (term.value, term.factor * momentum * kept / total)
    }
  }
}

extension Parameter {
  fileprivate func belongs(to network: String) -> Bool {
    network.isEmpty || name.hasPrefix("\(network)/")
  }
}
