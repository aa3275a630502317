package import Execution
package import Reports

/// When the threads of this rank did what, over some steps.
package final class Recording: Sendable {
  /// The parts of the steps, one after the other.
  package let parts = Timeline()
  /// Of each worker: the packing of weights, inside the first part, and the shards.
  package let packing: [Timeline]
  let workers: [Timeline]

  package init(workers count: Int) {
    packing = (0..<count).map { _ in Timeline() }
    workers = (0..<count).map { _ in Timeline() }
  }

  /// All times for the viewers of Chrome and Perfetto: complete events in microseconds from the
  /// first on, a row for each thread.
  ///
  /// The format is described as the "Trace Event Format".
  package func trace(rank: Int) -> JSONValue {
    // The caller of the workers is the first of them.
    var threads = zip(packing, workers).map { $0.entries + $1.entries }
    threads[0] = parts.entries + threads[0]
    let origin = threads.joined().map(\.start).min() ?? 0
    func microseconds(_ nanoseconds: UInt64) -> JSONValue { .number(Double(nanoseconds) / 1000) }
    func event(_ entry: Timeline.Entry, _ thread: Int) -> JSONValue {
      .object([
        ("name", .string(entry.activity.label)), ("cat", .string(entry.activity.kind)),
        ("ph", .string("X")), ("pid", .integer(rank)), ("tid", .integer(thread)),
        ("ts", microseconds(entry.start - origin)), ("dur", microseconds(entry.end - entry.start)),
        (
          "args",
          .object([
            ("what", .string(entry.activity.name)),
            ("flops", .integer(entry.shards * entry.activity.flops)),
          ])
        ),
      ])
    }
    func title(_ name: String, _ kind: String, _ thread: Int) -> JSONValue {
      .object([
        ("name", .string(kind)), ("ph", .string("M")), ("pid", .integer(rank)),
        ("tid", .integer(thread)), ("args", .object([("name", .string(name))])),
      ])
    }
    let titles =
      [title("rank \(rank)", "process_name", 0)]
      + threads.indices.map { title("worker \($0)", "thread_name", $0) }
    let events = threads.enumerated().flatMap { thread, entries in
      // Viewers nest what begins later and ends earlier.
      entries.sorted { ($0.start, $1.end) < ($1.start, $0.end) }.map { event($0, thread) }
    }
    return .object([
      ("displayTimeUnit", .string("ms")), ("traceEvents", .array(titles + events)),
    ])
  }
}

extension Activity {
  /// The parts of a training step around the programs of the shards.
  static let packing = Activity("weights for the engine", kind: "step")
  static let shards = Activity("shards", kind: "step")
  static let reduceScatter = Activity("reduce-scatter", kind: "step")
  static let agreement = Activity("agreement", kind: "step")
  static let update = Activity("update", kind: "step")
  static let allGather = Activity("all-gather", kind: "step")
  static let constraints = Activity("constraints", kind: "step")
  /// What workers do beside the program.
  static let batch = Activity("batch preparation", kind: "shard")
  static let treeAddition = Activity("tree addition", kind: "shard")
  static let figures = Activity("figures", kind: "shard")

  /// The short name that a viewer shows on a bar.
  fileprivate var label: String { layer.isEmpty ? name : "\(layer): \(kind)" }
}
