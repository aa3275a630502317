package import Diagnostics
package import Execution
package import RunFiles

/// What the layers of a trained network do with the first samples of a set.
package struct LayerFindings: Sendable {
  /// Heat maps of recurrent layers and of attention.
  package let maps: [ActivationMap]

  /// Nil where no layer shows anything.
  package init?(
    of experiment: Experiment, _ state: ModelState, on pool: WorkerPool
  ) throws(Failure) {
    guard let plan = try LayerProbe.Plan(experiment.compiled, state.vector) else { return nil }
    let arena = try Arena(byteCount: plan.arenaByteCount)
    maps = try LayerProbe(plan, experiment, on: pool, in: arena).run().maps
  }
}
