package import Execution
package import Reports

/// The times of the parts of some steps on all threads of this rank.
package final class Recording: Sendable {
  /// The parts of the steps, one after the other.
  package let parts = Timeline()
  /// The packing of weights on each worker, which is the first part.
  package let packing: [Timeline]
  /// The shards on each worker.
  let workers: [Timeline]

  package init(workers count: Int) {
    packing = (0..<count).map { _ in Timeline() }
    workers = (0..<count).map { _ in Timeline() }
  }

  /// All times in the Trace Event Format, for chrome://tracing and Perfetto.
  ///
  /// Complete events in microseconds since the first; a row for each thread.
  package func trace(rank: Int) -> JSONValue {
    // The main thread is the first worker.
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
      // Viewers nest an event that begins later and ends earlier.
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
  /// The work of a worker beside the program.
  static let batch = Activity("batch preparation", kind: "shard")
  static let treeAddition = Activity("tree addition", kind: "shard")
  static let metrics = Activity("figures", kind: "shard")

  /// The short name that a viewer shows on a bar.
  fileprivate var label: String { layer.isEmpty ? name : "\(layer): \(kind)" }
}
