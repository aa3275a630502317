package import Communication
internal import Datasets
package import Diagnostics
internal import Execution
internal import Graphs
internal import Networks
package import Reports

/// An estimate of the time of a step on other numbers of ranks.
///
/// One process measures a step with all shards. The traffic follows from the sizes, and its time
/// from the measured link.
package struct ScalingForecast: Sendable {
  package struct Row: Sendable {
    package let ranks: Int
    /// The seconds of a cycle of steps: of one step if there is one network.
    package let computing: Double
    package let communicating: Double

    package var step: Double { computing + communicating }
  }

  /// The seconds of a step's sums for any number of parameters and of ranks.
  package let communicating: @Sendable (_ elements: Int, _ ranks: Int) -> Double
  package let rows: [Row]
  package let samples: Int
  package let parameters: Int
  /// The most ranks that have work.
  package let shards: Int
  package let workers: Int

  /// Measures steps on every rank, each on its own, and takes the slowest.
  ///
  /// Collective.
  package init(
    _ experiment: Experiment, workers: Int, on communicator: Communicator, link: Interconnect,
    ranks wanted: [Int]?, steps: Int = 50
  ) throws(Failure) {
    let layout = experiment.configuration.layout
    let shards = layout.shards
    let cycle = experiment.compiled.cycle
    let sizes = experiment.parameterGroups.map(\.layout.count)
    let ranks = (wanted ?? (0...shards.trailingZeroBitCount).map { 1 << $0 })
    if let much = ranks.first(where: { $0 > shards }) {
      throw Failure(
        .usage,
        "option '--ranks': \(much) ranks have only \(shards) shards to share; ask for at most "
          + "\(shards), or --set more shards (which gives other bits)")
    }
    let times = try ScalingForecast.measure(
      experiment, workers: workers, on: communicator, steps: steps)
    let workers = min(workers, shards)
    @Sendable func communicating(_ elements: Int, _ ranks: Int) -> Double {
      let traffic =
        ReductionTraffic(elements: elements, shards: shards, ranks: ranks)
        + StepExchange.traffic(
          elements: elements, shards: shards, ranks: ranks, metrics: experiment.metrics)
      return link.seconds(for: traffic)
    }
    func rounds(_ shards: Int) -> Double { Double((shards + workers - 1) / workers) }
    rows = ranks.map { ranks in
      let slices = sizes.map {
        VectorPartition.ranges(elements: $0, ranks: ranks).map(\.count).max() ?? 0
      }
      let share = Double(slices.reduce(0, +)) / Double(sizes.reduce(0, +))
      let own = (shards + ranks - 1) / ranks
      let communicating = zip(sizes, cycle.lengths).reduce(0.0) { sum, network in
        sum + Double(network.1) * communicating(network.0, ranks)
      }
      return Row(
        ranks: ranks,
        computing: times.constant + times.shards * rounds(own) / rounds(shards)
          + times.slice * share,
        communicating: communicating)
    }
    self.communicating = communicating
    self.workers = workers
    self.shards = shards
    parameters = sizes.reduce(0, +)
    samples = experiment.sampler.batchSizes[0]
  }

  /// The seconds of a step on one process.
  private struct Times {
    /// Independent of the number of ranks.
    let constant: Double
    /// All shards.
    let shards: Double
    /// The update and the norm of all weights.
    let slice: Double
  }

  private static func measure(
    _ experiment: Experiment, workers: Int, on communicator: Communicator, steps: Int
  ) throws(Failure) -> Times {
    let trainer = try communicator.together { () throws(Failure) in
      try Trainer(experiment, communicator: .alone(), workers: workers)
    }
    try communicator.barrier()
    _ = try Benchmark.record(trainer, steps: (steps + 4) / 5)
    let (recording, _) = try Benchmark.record(trainer, steps: steps)
    // The steps of each network take different times, so each has its own median.
    let cycle = experiment.compiled.cycle
    func median(_ activity: Activity) -> Double {
      let times = recording.parts.entries.filter { $0.activity === activity }
        .map { Double($0.end - $0.start) / 1e9 }
      return cycle.lengths.indices.reduce(0.0) { sum, network in
        let own = times.indices.filter { cycle.turn(ofStep: $0) == network }.map { times[$0] }
        return sum + Double(cycle.lengths[network]) * own.median
      }
    }
    let parts = try communicator.maximum(
      [.packing, .constraints, .reduceScatter, .allGather, .shards, .agreement, .update].map(median)
    )
    return Times(
      constant: parts[..<4].reduce(0, +), shards: parts[4], slice: parts[5] + parts[6])
  }

  // MARK: Text and JSON

  package var table: Table {
    var table = Table([
      .right("ranks"), .right("ms a step"), .right("computing"), .right("communicating"),
      .right("share"), .right("samples/s"), .right("times as fast as one"),
    ])
    for row in rows {
      table.add([
        row.ranks.grouped, (1000 * row.step).formatted(3), (1000 * row.computing).formatted(3),
        (1000 * row.communicating).formatted(3), (row.communicating / row.step).asPercent,
        (Double(samples) / row.step).asRate, speedUp(row)?.formatted(2) ?? "",
      ])
    }
    return table
  }

  /// The row with the shortest step.
  package var fastest: Row? { rows.min { $0.step < $1.step } }

  private func speedUp(_ row: Row) -> Double? {
    rows.first { $0.ranks == 1 }.map { $0.step / row.step }
  }

  package var json: JSONValue {
    .array(
      rows.map { row in
        .object([
          ("ranks", .integer(row.ranks)), ("step_ms", .number(1000 * row.step)),
          ("computing_ms", .number(1000 * row.computing)),
          ("communicating_ms", .number(1000 * row.communicating)),
          ("samples_per_second", .number(Double(samples) / row.step)),
          ("speed_up", .number(speedUp(row))),
        ])
      })
  }
}
