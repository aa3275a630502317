internal import Graphs

/// What the two networks of an adversarial run make small: for each sample that the data show, x,
/// and each that the generator makes, y, with the critic's score D.
package enum AdversarialLoss: String, Sendable, CaseIterable {
  /// D(y) - D(x) and a penalty on the length of the critic's gradient; the generator -D(y)
  /// (Gulrajani and others 2017).
  case wassersteinGP = "wasserstein_gp"
  /// The same with bounds on the critic's weights (Arjovsky and others 2017).
  case wassersteinClip = "wasserstein_clip"
  /// Cross entropy, D a log-odds; the generator -log(1 + e^D(y)) (Goodfellow and others 2014).
  case minimax
  /// The same but for the generator: log(1 + e^-D(y)).
  case nonSaturating = "non_saturating"
  /// max(0, 1 - D(x)) + max(0, 1 + D(y)); the generator -D(y) (Lim and Ye 2017).
  case hinge

  /// Whether the scores estimate a distance, so that the critic should be near its best.
  package var isWasserstein: Bool { self == .wassersteinGP || self == .wassersteinClip }

  /// Whether the scores are log-odds that a sample is one of the data.
  package var usesLabels: Bool { self == .minimax || self == .nonSaturating }
}

extension Builder {
  /// The loss of the critic for each pair; labels are 1 for what the data show and 0 for the rest,
  /// up to noise.
  mutating func criticLosses(
    _ loss: AdversarialLoss, onReal real: Value, onMade made: Value, labels: (Value, Value)
  ) -> Value {
    switch loss {
    case .wassersteinGP, .wassersteinClip: return subtract(made, real)
    case .minimax, .nonSaturating:
      return add(crossEntropies(of: real, labels.0), crossEntropies(of: made, labels.1))
    case .hinge:
      let one = constant(1, shape(of: real))
      return add(positivePart(of: subtract(one, real)), positivePart(of: add(one, made)))
    }
  }

  /// The loss of the generator for each sample that it made.
  mutating func generatorLosses(_ loss: AdversarialLoss, onMade made: Value) -> Value {
    switch loss {
    case .wassersteinGP, .wassersteinClip, .hinge: negate(made)
    case .minimax: negate(softplus(made))
    case .nonSaturating: softplus(negate(made))
    }
  }

  /// Cross entropies of log-odds z with labels from 0 to 1: max(z, 0) - z y + log(1 + e^-|z|).
  private mutating func crossEntropies(of z: Value, _ labels: Value) -> Value {
    let hard = subtract(positivePart(of: z), multiply(z, labels))
    return add(hard, softening(of: z))
  }

  /// The length of each sample's vector, `[n, ...]` to `[n]`; its derivative at length 0 is 0.
  ///
  /// The root's own derivative is infinite there, so it is taken of 1 where a sum is 0.
  mutating func lengths(of x: Value) -> Value {
    let shape = shape(of: x)
    let squares = reshape(sum(multiply(x, x), axes: Array(1..<shape.rank)), [shape[0]])
    let zero = constant(0, [shape[0]])
    let isZero = emit(.compare(.equal), squares, zero)
    let safe = emit(.select, isZero, constant(1, [shape[0]]), squares)
    return emit(.select, isZero, zero, emit(.unary(.sqrt), safe))
  }

  /// Each sample's number, repeated over its elements: `[n]` to `[n, ...]`.
  mutating func repeated(_ numbers: Value, over shape: Shape) -> Value {
    let thin = [shape[0]] + [Int](repeating: 1, count: shape.rank - 1)
    return broadcast(reshape(numbers, Shape(thin)), shape)
  }
}
