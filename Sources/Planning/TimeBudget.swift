/// What a time of training is good for, by the measured rate of a machine.
package struct TimeBudget {
  let seconds: Double
  let ranks: Int
  let tokensPerStep: Int
  /// The operations, in the sense of 6 N D, that all ranks compute in a second.
  let rate: Double
  /// The seconds of a step's sums for a number of parameters and of ranks.
  let communicating: @Sendable (Int, Int) -> Double

  package init(
    seconds: Double, ranks: Int, tokensPerStep: Int, rate: Double,
    communicating: @escaping @Sendable (_ elements: Int, _ ranks: Int) -> Double
  ) {
    self.seconds = seconds
    self.ranks = ranks
    self.tokensPerStep = tokensPerStep
    self.rate = rate
    self.communicating = communicating
  }

  /// The seconds of a step of a network with these parameters.
  package func step(parameters: Double) -> (computing: Double, communicating: Double) {
    (
      ScalingLaw.operations * parameters * Double(tokensPerStep) / rate,
      communicating(Int(parameters), ranks)
    )
  }

  /// The optimum of the compute that the time is good for.
  ///
  /// The share of communication depends on the optimum, and the compute on the share.
  package func plan(_ constants: ScalingConstants) -> ComputePlan {
    var plan = ComputePlan(compute: rate * seconds, constants: constants)
    for _ in 0..<100 {
      let step = step(parameters: plan.parameters)
      let compute = rate * seconds * step.computing / (step.computing + step.communicating)
      let change = abs(compute / plan.compute - 1)
      plan = ComputePlan(compute: compute, constants: constants)
      if change < 1e-9 { break }
    }
    return plan
  }
}
