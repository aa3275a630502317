package import Diagnostics
package import Reports

/// The numbers of parameters and tokens of the least loss for a compute, with intervals.
package struct ComputePlan: Sendable {
  package let compute: Double
  package let constants: ScalingConstants
  package let parameters: Double
  package let tokens: Double
  package let loss: Double

  /// Throws if the compute is too small for one parameter and one token.
  package init(flops compute: Double, constants: ScalingConstants) throws(Failure) {
    self.init(compute: compute, constants: constants)
    guard parameters >= 1, tokens >= 1 else {
      throw Failure(
        .usage,
        "option '--flops': \(compute.asCompute) operations are too few: the optimum has "
          + "\(parameters.formatted(digits: 3)) parameters and "
          + "\(tokens.formatted(digits: 3)) tokens"
      )
    }
  }

  package init(compute: Double, constants: ScalingConstants) {
    self.compute = compute
    self.constants = constants
    (parameters, tokens) = constants.law.optimum(compute: compute)
    loss = constants.law.loss(parameters: parameters, tokens: tokens)
  }

  package var tokensPerParameter: Double { tokens / parameters }

  package var parameterInterval: Interval? {
    constants.interval { $0.optimum(compute: compute).parameters }
  }
  package var tokenInterval: Interval? {
    constants.interval { $0.optimum(compute: compute).tokens }
  }
  private var ratioInterval: Interval? {
    constants.interval { law in
      let optimum = law.optimum(compute: compute)
      return optimum.tokens / optimum.parameters
    }
  }
  /// The loss at this plan's own numbers, under the other laws.
  package var lossInterval: Interval? {
    constants.interval { $0.loss(parameters: parameters, tokens: tokens) }
  }

  /// What to consider before the plan is believed.
  package var notes: [String] {
    let range = constants.compute
    guard !range.contains(compute) else { return [] }
    let isForeign = ScalingConstants.published.contains { $0.name == constants.name }
    return [
      "\(compute.asCompute) FLOP is outside the \(range.lowerBound.asCompute) to "
        + "\(range.upperBound.asCompute) FLOP of the runs that gave these constants"
        + (isForeign ? ": fit constants to runs of your own with nn-dist plan --fit" : "")
    ]
  }

  package var lines: [String] {
    var table = Table([.left(""), .right("optimum"), .left("95 % interval"), .left("")])
    func add(
      _ name: String, _ value: Double, _ interval: Interval?, _ unit: String = "",
      _ format: (Double) -> String
    ) {
      table.add([name, format(value), interval?.text(format) ?? "not published", unit])
    }
    add("parameters", parameters, parameterInterval) { $0.asCount }
    add("tokens", tokens, tokenInterval) { $0.asCount }
    add("tokens per parameter", tokensPerParameter, ratioInterval) {
      $0 < 1e4 ? $0.formatted(1) : $0.asCount
    }
    add("loss", loss, lossInterval, "nats per token of \(constants.tokens)") { $0.formatted(4) }
    return [
      "compute-optimal training for \(compute.asCompute) FLOP = 6 x parameters x tokens",
      "constants '\(constants.name)': \(constants.source)",
    ] + table.lines
  }

  package var members: [(String, JSONValue)] {
    func interval(_ interval: Interval?) -> JSONValue { interval?.json ?? .null }
    return [
      ("compute", .number(compute)),
      (
        "constants",
        .object(
          [("name", .string(constants.name)), ("source", .string(constants.source))]
            + constants.law.members)
      ),
      ("parameters", .number(parameters)), ("parameters_interval", interval(parameterInterval)),
      ("tokens", .number(tokens)), ("tokens_interval", interval(tokenInterval)),
      ("tokens_per_parameter", .number(tokensPerParameter)),
      ("tokens_per_parameter_interval", interval(ratioInterval)),
      ("loss", .number(loss)), ("loss_interval", interval(lossInterval)),
      ("loss_unit", .string("nats per token of \(constants.tokens)")),
    ]
  }
}

extension Double {
  /// A count with four digits: `2.625e8`, or in full below 100,000.
  package var asCount: String {
    guard self >= 99_999.5 else {
      return self >= 9999.5 ? Int(rounded()).grouped : formatted(digits: 4)
    }
    var (value, exponent) = (self, 0)
    while value >= 9.9995 {
      value /= 10
      exponent += 1
    }
    return "\(value.formatted(3))e\(exponent)"
  }

  /// A number with at most four digits: `1e19`.
  package var asCompute: String {
    let parts = formatted(digits: 4).split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return formatted(digits: 4) }
    return "\(parts[0])e\(exponent)"
  }
}
