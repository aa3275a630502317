internal import Checkpoints
package import Diagnostics
internal import Files
package import Reports

/// Compares the checkpoints of two runs, up to the first that differs.
package struct RunComparison: Sendable {
  /// The step of the first checkpoint that differs, and its differences.
  package private(set) var difference: (step: Int, contents: CheckpointDifference)?
  /// The number of equal checkpoints.
  package private(set) var equal = 0
  private let paths: [String]
  /// Steps with a checkpoint in only one of the runs.
  private var onlyInOne: [Int] = []

  /// Compares two run directories or checkpoints, from the first checkpoint after a step on.
  package init(_ first: String, _ second: String, after step: Int = 0) throws(Failure) {
    paths = [first, second]
    while true {
      let (left, right) = (try Self.files(first), try Self.files(second))
      let common = left.keys.filter { $0 > step && right[$0] != nil }.sorted()
      onlyInOne = (Array(left.keys) + right.keys).filter { left[$0] == nil || right[$0] == nil }
        .sorted()
      guard !common.isEmpty else {
        // A running run may remove a checkpoint between the two listings.
        if Self.wasRemoved(first, left.values) || Self.wasRemoved(second, right.values) { continue }
        throw Failure(
          .badData,
          "'\(first)' and '\(second)' have no step in common: there are checkpoints after step "
            + "\(left.keys.sorted().map(\.grouped).joined(separator: ", ")) and after step "
            + right.keys.sorted().map(\.grouped).joined(separator: ", "))
      }
      for step in common {
        guard let one = left[step], let other = right[step] else { continue }
        do throws(Failure) {
          let contents = try CheckpointDifference(
            Checkpoint(opening: one), Checkpoint(opening: other))
          guard contents.isEmpty else {
            difference = (step, contents)
            return
          }
          equal += 1
        } catch {
          guard Self.wasRemoved(first, [one]) || Self.wasRemoved(second, [other]) else {
            throw error
          }
        }
      }
      // If the run has removed all of them meanwhile, compare the newer ones.
      if equal > 0 { return }
    }
  }

  /// Returns whether a running run has removed one of the checkpoints found in it.
  private static func wasRemoved(_ path: String, _ files: some Sequence<String>) -> Bool {
    isDirectory(path) && files.contains { fileStatus($0) == nil }
  }

  /// Returns the checkpoints of a run directory by their steps, or the checkpoint at a path.
  private static func files(_ path: String) throws(Failure) -> [Int: String] {
    guard isDirectory(path) else {
      return [try Checkpoint(opening: path).step: path]
    }
    let inside = CheckpointDirectory(inside: path)
    let steps = try inside.steps()
    guard !steps.isEmpty else {
      throw Failure(.noInput, "'\(inside.path)' contains no checkpoint")
    }
    return Dictionary(uniqueKeysWithValues: steps.map { ($0, inside.file(ofStep: $0)) })
  }

  package var report: Report {
    var report = Report()
    report.add("runs", .array(paths.map { .string($0) }))
    report.add("equal", .boolean(difference == nil))
    report.add("equal checkpoints", .integer(equal))
    if !onlyInOne.isEmpty {
      let steps = onlyInOne.map(\.description).joined(separator: ", ")
      report.add("steps of one run only", .string(steps))
    }
    guard let (step, contents) = difference else { return report }
    report.add("first difference after step", .integer(step))
    if !contents.entries.isEmpty {
      report.add(
        "entries", columns: ["entry", "first", "second"],
        rows: contents.entries.map {
          [.string($0.name), .string($0.first.short), .string($0.second.short)]
        })
    }
    if !contents.tensors.isEmpty {
      report.add(
        "tensors",
        columns: [
          "tensor", "elements", "differ", "greatest difference", "first at", "first", "second",
          "units in the last place",
        ],
        rows: contents.tensors.map {
          [
            .string($0.name), .integer($0.count), .integer($0.differing), .number($0.greatest),
            .string("[\($0.index.map(\.description).joined(separator: ", "))]"),
            .string($0.first.description), .string($0.second.description),
            .integer($0.unitsInTheLastPlace),
          ]
        })
    }
    return report
  }
}

extension String {
  /// The text, truncated if it is long.
  fileprivate var short: String { count > 48 ? "\(prefix(45))..." : self }
}
