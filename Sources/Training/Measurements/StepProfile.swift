internal import Diagnostics
internal import Execution
package import Reports

/// The times of the parts of a training step on this rank.
package struct StepProfile: Sendable {
  package let steps: Int
  /// The mean time of a recorded step.
  package let seconds: Double
  /// In the order of a step; their times add up to the step.
  package let rows: [Row]
  /// The peak floating-point operations per second of this rank's workers.
  private let peak: Double

  /// A part of a step, or a group of parts.
  package struct Row: Sendable {
    package let kind: String
    /// Empty if it belongs to no layer.
    package let layer: String
    package fileprivate(set) var name: String
    /// The calls in all steps on all workers.
    package var calls: Int
    /// The time in a step, as the mean of the workers.
    package var seconds: Double
    package var flops: Double

    package var gflops: Double? { flops > 0 && seconds > 0 ? flops / seconds / 1e9 : nil }
  }

  init(_ recording: Recording, steps: Int, seconds: Double, peak: Double) {
    self.steps = steps
    self.seconds = seconds
    self.peak = peak
    let workers = Double(recording.workers.count)
    let parts = StepProfile.sums(recording.parts.entries, over: Double(steps), threads: 1)
    let packing = StepProfile.sums(
      recording.packing.flatMap(\.entries), over: Double(steps), threads: workers)
    let work = StepProfile.sums(
      recording.workers.flatMap(\.entries), over: Double(steps), threads: workers)
    var rows: [Row] = []
    for part in parts {
      switch part.name {
      case Activity.packing.name: rows += packing
      case Activity.shards.name:
        var waiting = part
        waiting.name = "waiting for the last worker"
        waiting.seconds -= work.reduce(0) { $0 + $1.seconds }
        rows += work + [waiting]
      default: rows.append(part)
      }
    }
    let rest = seconds - rows.reduce(0) { $0 + $1.seconds }
    rows.append(
      Row(kind: "step", layer: "", name: "all else", calls: steps, seconds: rest, flops: 0))
    self.rows = rows
  }

  /// A row for each activity, in the order of their first entries.
  private static func sums(
    _ entries: [Timeline.Entry], over steps: Double, threads: Double
  ) -> [Row] {
    var places: [ObjectIdentifier: Int] = [:]
    var rows: [Row] = []
    for entry in entries {
      let activity = entry.activity
      let place = places[ObjectIdentifier(activity), default: rows.count]
      if place == rows.count {
        places[ObjectIdentifier(activity)] = place
        rows.append(
          Row(
            kind: activity.kind, layer: activity.layer, name: activity.name, calls: 0, seconds: 0,
            flops: 0))
      }
      rows[place].calls += 1
      rows[place].seconds += Double(entry.end - entry.start) / 1e9 / steps / threads
      rows[place].flops += Double(entry.shards * activity.flops) / steps
    }
    return rows
  }

  /// The seconds of a step in which this rank communicates or waits for other ranks.
  package var communicating: Double {
    let parts = [Activity.reduceScatter, .agreement, .allGather].map(\.name)
    return rows.filter { parts.contains($0.name) }.reduce(0) { $0 + $1.seconds }
  }

  // MARK: Text and JSON

  /// A row for each kind of operation, or for each operation.
  package func table(inDetail: Bool) -> Table {
    var table = Table([
      .left("operation"), .right("calls"), .right("ms"), .right("share"), .right("MFLOP"),
      .right("GFLOP/s"), .right("of peak"),
    ])
    for row in inDetail ? rows : groups {
      let what = inDetail && !row.layer.isEmpty ? "\(row.layer)  \(row.name)" : row.name
      table.add([what] + cells(row))
    }
    table.addRule()
    let flops = rows.reduce(0) { $0 + $1.flops }
    table.add(
      ["step"]
        + cells(
          Row(kind: "", layer: "", name: "step", calls: steps, seconds: seconds, flops: flops)))
    return table
  }

  private func cells(_ row: Row) -> [String] {
    [
      calls(row).formatted(row.calls % steps == 0 ? 0 : 1),
      (1000 * row.seconds).formatted(4),
      "\((100 * row.seconds / seconds).formatted(1)) %",
      row.flops > 0 ? (row.flops / 1e6).formatted(3) : "",
      row.gflops?.formatted(1) ?? "",
      row.gflops.map { "\((100 * $0 * 1e9 / peak).formatted(1)) %" } ?? "",
    ]
  }

  /// The calls in one step.
  private func calls(_ row: Row) -> Double { Double(row.calls) / Double(steps) }

  /// The sum of each kind of operation; parts around the programs keep their own rows.
  private var groups: [Row] {
    var groups: [Row] = []
    for row in rows {
      let name = row.kind == "step" || row.kind == "shard" ? row.name : row.kind
      guard let place = groups.firstIndex(where: { $0.name == name }) else {
        groups.append(row)
        groups[groups.count - 1].name = name
        continue
      }
      groups[place].calls += row.calls
      groups[place].seconds += row.seconds
      groups[place].flops += row.flops
    }
    return groups
  }

  var json: JSONValue {
    .array(
      rows.map { row in
        .object([
          ("kind", .string(row.kind)),
          ("layer", row.layer.isEmpty ? .null : .string(row.layer)),
          ("name", .string(row.name)),
          ("calls", .number(calls(row))),
          ("ms", .number(1000 * row.seconds)),
          ("share", .number(row.seconds / seconds)),
          ("flops", .number(row.flops)),
          ("gflops", .number(row.gflops)),
          ("peak_share", .number(row.gflops.map { 1e9 * $0 / peak })),
        ])
      })
  }
}
