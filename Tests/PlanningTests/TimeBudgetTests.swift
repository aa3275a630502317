import Testing

import Planning

@Suite struct TimeBudgetTests {
  private func budget(
    seconds: Double = 3600, ranks: Int = 1, _ communicating: Double = 0
  ) -> TimeBudget {
    TimeBudget(
      seconds: seconds, ranks: ranks, tokensPerStep: 2048, rate: 5e10,
      communicating: { elements, ranks in
        ranks == 1 ? 0 : communicating * Double(elements) * Double(ranks)
      })
  }

  @Test(arguments: [(1, 0.0), (4, 1e-8), (4, 1e-6)])
  func thePlannedStepsTakeTheTime(ranks: Int, communicating: Double) {
    let budget = budget(ranks: ranks, communicating)
    for constants in ScalingConstants.published {
      let plan = budget.plan(constants)
      let step = budget.step(parameters: plan.parameters)
      let seconds = plan.tokens / 2048 * (step.computing + step.communicating)
      #expect(abs(seconds / 3600 - 1) < 1e-3)
      #expect(abs(6 * plan.parameters * plan.tokens / plan.compute - 1) < 1e-9)
    }
  }

  @Test func communicationTakesCompute() {
    let constants = ScalingConstants.published[0]
    let alone = budget().plan(constants)
    #expect(alone.compute == 3600 * 5e10)
    #expect(budget(ranks: 4, 1e-6).plan(constants).compute < 0.9 * alone.compute)
  }
}
