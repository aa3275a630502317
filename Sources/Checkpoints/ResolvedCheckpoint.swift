package import Diagnostics
internal import Files

/// The checkpoint that a path refers to: the file itself, or one of a run directory.
package struct ResolvedCheckpoint: Equatable, Sendable {
  /// Which checkpoint of a run to use.
  package enum Choice: Equatable, Sendable {
    /// The checkpoint marked as the best, or the newest if none is marked.
    case best
    case newest
  }

  package let path: String
  /// Whether the path was a directory, in which a running run may replace checkpoints.
  private let isInRun: Bool
  /// A note for the user about the choice; nil if there was no choice.
  package let note: String?

  /// Creates the result that another rank has found.
  package init(at path: String) {
    self.path = path
    (isInRun, note) = (false, nil)
  }

  package init(_ path: String, _ choice: Choice) throws(Failure) {
    isInRun = isDirectory(path)
    guard isInRun else {
      self.path = path
      note = nil
      return
    }
    let directory = CheckpointDirectory(inside: path)
    guard let newest = try directory.latest() else {
      throw Failure(.noInput, "'\(directory.path)' contains no checkpoint")
    }
    guard choice == .best, let best = try directory.best() else {
      self.path = newest
      note = nil
      return
    }
    self.path = best
    note =
      best == newest
      ? "the best checkpoint of the run, and its newest"
      : "the best checkpoint of the run; --last uses the newest, '\(newest)'"
  }

  /// The directory of the checkpoint.
  package var directory: CheckpointDirectory { CheckpointDirectory(directoryName(path)) }

  /// Whether a running run has removed the checkpoint since it was found.
  package var wasRemoved: Bool { isInRun && fileStatus(path) == nil }

  /// Finds a checkpoint and passes it to a body.
  ///
  /// If the body fails because a running run has removed the checkpoint, it starts again.
  package static func reading<Result: ~Copyable>(
    _ path: String, _ choice: Choice, _ body: (ResolvedCheckpoint) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    while true {
      let found = try ResolvedCheckpoint(path, choice)
      do throws(Failure) {
        return try body(found)
      } catch {
        guard found.wasRemoved else { throw error }
      }
    }
  }
}
