internal import Graphs

extension ForwardPass {
  /// The parameters of a network: those that are trained, those that are frozen, the averages.
  func allParameters(of network: String = "") -> [Parameter] {
    (parameters + frozen + averages.map(\.parameter)).filter { $0.belongs(to: network) }
  }

  /// Writes what a step of a network is to know of losses: for every parameter `gradient/<name>`,
  /// that of `scale` times their sum; zeros for one that is frozen; or for an average what these
  /// samples add to its next value.
  mutating func gradients(of losses: Value, by network: String = "") -> [Output] {
    let count = builder.shape(of: losses)[0]
    let scale = builder.input("scale", TensorType(.float32, [1]))
    let seed = builder.broadcast(scale, [count])
    let sources = zip(parameters, weights).filter { $0.0.belongs(to: network) }.map(\.1)
    let gradients = builder.gradients(of: losses, seed: seed, by: sources)
    let zeros = frozen.filter { $0.belongs(to: network) }.map { builder.constant(0, $0.shape) }
    let parts = averages.filter { $0.parameter.belongs(to: network) }.map { average in
      let shape = average.parameter.shape
      // One over the samples: an average follows them all, whatever targets they have.
      let share = builder.multiply(
        builder.input("share", TensorType(.float32, [1])), by: Double(count))
      let thin = builder.reshape(share, shape.replacing(Array(0..<shape.rank), with: 1))
      let followed = builder.multiply(average.followed, by: average.factor)
      return builder.multiply(followed, builder.broadcast(thin, shape))
    }
    return zip(allParameters(of: network), gradients + zeros + parts).map {
      Output("gradient/\($0.name)", $1)
    }
  }
}

extension Parameter {
  fileprivate func belongs(to network: String) -> Bool {
    network.isEmpty || name.hasPrefix("\(network)/")
  }
}
