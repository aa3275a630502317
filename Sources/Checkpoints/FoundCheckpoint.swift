package import Diagnostics
internal import Files

/// The checkpoint that a path means: the file itself, or one of a run directory.
package struct FoundCheckpoint: Equatable, Sendable {
  /// Which checkpoint of a run is meant.
  package enum Choice: Equatable, Sendable {
    /// The one that the run has marked as its best, or the newest where it has marked none.
    case best
    case newest
  }

  package let path: String
  /// Whether it was found in a directory, which may hold another one by now.
  private let isInRun: Bool
  /// What a user must know of the choice; nil where there was none.
  package let note: String?

  /// The one that another rank has found.
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
    let directory = CheckpointDirectory(
      isDirectory("\(path)/checkpoints") ? "\(path)/checkpoints" : path)
    guard let newest = try directory.latest() else {
      throw Failure(.noInput, "'\(directory.path)' holds no checkpoint")
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
      : "the best checkpoint of the run; --last takes the newest, '\(newest)'"
  }

  /// Where it lies.
  package var directory: CheckpointDirectory { CheckpointDirectory(directoryName(path)) }

  /// Whether its run, which goes on, has removed it meanwhile.
  package var wasRemoved: Bool { isInRun && fileStatus(path) == nil }

  /// Finds the checkpoint that a path means and hands it to a body, and does so again with the one
  /// that the path means then, if a run that goes on has removed it before the body was done.
  package static func reading<Result: ~Copyable>(
    _ path: String, _ choice: Choice, _ body: (FoundCheckpoint) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    while true {
      let found = try FoundCheckpoint(path, choice)
      do throws(Failure) {
        return try body(found)
      } catch {
        guard found.wasRemoved else { throw error }
      }
    }
  }
}
