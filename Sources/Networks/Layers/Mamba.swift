package import Configuration
internal import Diagnostics
package import Graphs

/// A selective state-space model (Gu and Dao 2023): each channel keeps some states, and what a step
/// holds decides how much of them it keeps and takes in.
///
///     x, z = in_proj(input)               x = swish(conv1d(x))
///     dt, B, C = x_proj(x)                Δ = softplus(dt_proj(dt))
///     h = exp(Δ·A)·h + Δ·x·B              A = -exp(A_log)
///     y = C·h + D·x                       output = out_proj(y·swish(z))
package struct Mamba: Layer, Configurable {
  /// The states of each channel.
  package var state: Int
  /// The channels for each feature of the input.
  package var expand: Int
  /// The steps that the convolution sees.
  package var convolution: Int
  /// The numbers that Δ is made of; nil for one for 16 features.
  package var rank: Int?
  /// Of the matrices but dt_proj's; nil stands for PyTorch's uniform up to 1/sqrt(inputs).
  package var initialiser: Initialiser?
  package var freeze: Frozen?

  package init(
    state: Int = 16, expand: Int = 2, convolution: Int = 4, rank: Int? = nil,
    initialiser: Initialiser? = nil
  ) {
    self.state = state
    self.expand = expand
    self.convolution = convolution
    self.rank = rank
    self.initialiser = initialiser
  }

  package static let schema = Schema(
    "mamba", Mamba(),
    [
      Property(
        "state", \.state, .integer(in: 1...65_536), help: "How many states each channel has."),
      Property(
        "expand", \.expand, .integer(in: 1...1024),
        help: "How many channels there are for each feature of the input."),
      Property(
        "conv", \.convolution, .integer(in: 1...65_536),
        help: "How many steps the convolution before the states sees: its own and those before."),
      Property(
        "dt_rank", \.rank, .integer(in: 1...(1 << 20)),
        help: "How many numbers of each step the rates of its channels are made of; one for 16 "
          + "features if left out."),
      Property(
        "init", \.initialiser,
        help: "How the first weights of in_proj, x_proj and out_proj are drawn: uniform up to "
          + "1 / sqrt(inputs) if left out."),
      .freeze(\.freeze),
    ],
    help: "A selective state-space model: states that each step keeps and changes as much as its "
      + "input says. Its cost for each step does not depend on how many there are.")

  package func forward(_ input: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let input = try pass.sequence(input)
    let shape = pass.shape(of: input)
    let (count, steps, features) = (shape[0], shape[1], shape[2])
    guard pass.isStep || steps >= convolution else {
      throw Misfit(
        "sees \(convolution) steps at once and a sequence has \(steps): take at most \(steps)",
        at: "conv")
    }
    let (channels, expanded) = features.multipliedReportingOverflow(by: expand)
    guard !expanded else { throw Misfit("has too many channels: take less", at: "expand") }
    try pass.checkSize(of: [count, steps, 2 * channels])
    try pass.checkSize(of: [count, steps / 16 + 2, state, channels])
    let rank = rank ?? (features + 15) / 16

    let both = try linear(input, outputs: 2 * channels, under: "in_proj", in: &pass)
    let z = pass.builder.slice(both, axis: 2, channels..<2 * channels)
    let unmixed = pass.builder.slice(both, axis: 2, 0..<channels)
    let x = pass.builder.swish(try convolved(unmixed, in: &pass))
    for (name, value) in [("in_proj", both), ("z", z), ("x_in", unmixed), ("x", x)] {
      pass.builder.name(value, name)
    }

    let projected = try linear(x, outputs: rank + 2 * state, under: "x_proj", in: &pass)
    pass.builder.name(projected, "x_proj")
    func part(_ name: String, _ range: Range<Int>) -> Value {
      let part = pass.builder.slice(projected, axis: 2, range)
      pass.builder.name(part, name)
      return part
    }
    let dt = part("dt", 0..<rank)
    let (b, c) = (part("B", rank..<rank + state), part("C", rank + state..<rank + 2 * state))
    let delta = try rates(dt, channels, in: &pass)
    let scanned = try scan(x, delta, b, c, in: &pass)

    let skip = try pass.parameter("D", [channels], .constant(1))
    let y = pass.builder.add(
      scanned, pass.builder.multiply(x, pass.builder.broadcast(skip, over: pass.shape(of: x))))
    pass.builder.name(y, "y")
    let gate = pass.builder.swish(z)
    let gated = pass.builder.multiply(y, gate)
    for (name, value) in [("gate", gate), ("gated", gated)] { pass.builder.name(value, name) }
    return try linear(gated, outputs: features, under: "out_proj", in: &pass)
  }

  private func linear(
    _ x: Value, outputs: Int, under name: String, in pass: inout ForwardPass
  ) throws(Misfit) -> Value {
    let shape = pass.shape(of: x)
    let inputs = Double(shape[shape.rank - 1])
    return try pass.linear(
      x, outputs: outputs, under: name,
      initialiser ?? .uniform(bound: 1 / inputs.squareRoot()), bias: .none)
  }

  /// The convolution of each channel over the step and those before it.
  private func convolved(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let shape = pass.shape(of: x)
    let (count, steps, channels) = (shape[0], shape[1], shape[2])
    let bound = 1 / Double(convolution).squareRoot()
    let weight = try pass.parameter(
      "conv1d/weight", [channels, convolution], .uniform(bound: bound))
    let bias = try pass.parameter("conv1d/bias", [channels], .uniform(bound: bound))
    let before = convolution - 1
    var x = x
    if pass.isStep, before > 0 {
      let first = pass.builder.constant(0, [count, before * channels])
      let kept = pass.builder.reshape(
        pass.state("conv", beginning: first), [count, before, channels])
      x = pass.builder.emit(.concatenate(axis: 1), kept, x)
      let last = pass.builder.slice(x, axis: 1, 1..<convolution)
      pass.leave("conv", pass.builder.reshape(last, [count, before * channels]))
    }
    let slides = Convolution(
      vertical: SlidingAxis(kernel: 1),
      horizontal: SlidingAxis(kernel: convolution, low: pass.isStep ? 0 : before),
      groups: channels)
    let y = pass.builder.emit(
      .convolution(slides),
      pass.builder.reshape(x, [count, 1, pass.shape(of: x)[1], channels]),
      pass.builder.reshape(weight, [channels, 1, 1, convolution]))
    let sum = pass.builder.add(y, pass.builder.broadcast(bias, over: pass.shape(of: y)))
    pass.builder.name(sum, "conv1d")
    return pass.builder.reshape(sum, [count, steps, channels])
  }

  /// Δ: how far each channel moves on in each step.
  private func rates(
    _ dt: Value, _ channels: Int, in pass: inout ForwardPass
  ) throws(Misfit) -> Value {
    let inputs = Double(pass.shape(of: dt)[2])
    let sums = try pass.linear(
      dt, outputs: channels, under: "dt_proj", .uniform(bound: 1 / inputs.squareRoot()),
      bias: .none)
    let bias = try pass.parameter(
      "dt_proj/bias", [channels], .inverseSoftplus(from: 0.001, to: 0.1))
    let raw = pass.builder.add(sums, pass.builder.broadcast(bias, over: pass.shape(of: sums)))
    let delta = pass.builder.softplus(raw)
    for (name, value) in [("dt_proj", raw), ("delta", delta)] { pass.builder.name(value, name) }
    return delta
  }

  private func scan(
    _ x: Value, _ delta: Value, _ b: Value, _ c: Value, in pass: inout ForwardPass
  ) throws(Misfit) -> Value {
    let shape = pass.shape(of: x)
    let (count, channels) = (shape[0], shape[2])
    let logarithms = try pass.parameter(
      "A_log", [channels, state], .logarithmsOfPlaces, decays: false)
    let a = pass.builder.negate(
      pass.builder.emit(.unary(.exp), pass.builder.emit(.permute([1, 0]), logarithms)))
    pass.builder.name(a, "A")
    var first = pass.builder.constant(0, [count, state * channels])
    if pass.isStep { first = pass.state("state", beginning: first) }
    let results = pass.builder.selectiveScan(
      [x, delta, a, b, c, pass.builder.reshape(first, [count, state, channels])])
    if pass.isStep {
      let saved = pass.shape(of: results[1])[1]
      let last = pass.builder.slice(results[1], axis: 1, saved - 1..<saved)
      pass.leave("state", pass.builder.reshape(last, [count, state * channels]))
    }
    return results[0]
  }
}
