package import Datasets

/// Which samples the steps of a run hold, and how many steps make an epoch.
package struct Course: Sendable {
  package let cycle: Cycle
  private var sampler: Sampler

  package init(_ sampler: Sampler, _ cycle: Cycle) {
    self.sampler = sampler
    self.cycle = cycle
  }

  /// The fewest whole cycles in which the first network sees every sample.
  package var stepsPerEpoch: Int {
    (sampler.stepsPerEpoch - 1) / cycle.lengths[0] * cycle.length + cycle.length
  }

  /// The samples of a step of the first network, and the next of them for a step of another one.
  package mutating func batch(atStep step: Int) -> Batch {
    sampler.batch(atStep: cycle.updates(of: 0, after: step))
  }

  /// Where a step begins: its epoch, and how many samples the first network has seen in it.
  package func place(ofStep step: Int) -> (epoch: Int, position: Int) {
    let epoch = step / stepsPerEpoch
    let seen = [step, epoch * stepsPerEpoch].map { steps in
      let place = sampler.place(ofStep: cycle.updates(of: 0, after: steps))
      return place.epoch * sampler.samplesPerEpoch + place.position
    }
    return (epoch, seen[0] - seen[1])
  }
}
