package import Datasets

/// The batch of each step of a run, and the number of steps in an epoch.
///
/// In an adversarial run only the first network, the critic, reads samples.
package struct BatchSchedule: Sendable {
  package let cycle: Cycle
  private var sampler: Sampler

  package init(_ sampler: Sampler, _ cycle: Cycle) {
    self.sampler = sampler
    self.cycle = cycle
  }

  /// The steps of the fewest whole cycles in which the first network reads every sample.
  package var stepsPerEpoch: Int {
    (sampler.stepsPerEpoch - 1) / cycle.lengths[0] * cycle.length + cycle.length
  }

  /// The batch of a step of the first network; for another network's step, its next batch.
  package mutating func batch(atStep step: Int) -> Batch {
    sampler.batch(atStep: cycle.updates(of: 0, after: step))
  }

  /// The epoch in which a step begins, and the samples that the first network has read in it.
  package func place(ofStep step: Int) -> (epoch: Int, position: Int) {
    let epoch = step / stepsPerEpoch
    let seen = [step, epoch * stepsPerEpoch].map { steps in
      let place = sampler.place(ofStep: cycle.updates(of: 0, after: steps))
      return place.epoch * sampler.samplesPerEpoch + place.position
    }
    return (epoch, seen[0] - seen[1])
  }
}
