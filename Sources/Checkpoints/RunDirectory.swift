package import Diagnostics
internal import Files
internal import Glibc

/// The directory `runs/<name>` of a run, locked until this value goes out of scope.
///
/// It contains `config.yaml`, `checkpoints/`, and the files of RunFiles. Only one rank may open it.
package struct RunDirectory: ~Copyable {
  /// What to do if the directory contains a run.
  package enum Start: Sendable {
    case new, resume, fresh
  }

  package let path: String
  /// The new path of the earlier run after `fresh`, nil if there was none.
  package let movedTo: String?
  /// The process that was killed while it held the lock, nil if the last one exited normally.
  package let previousOwner: String?
  private let lock: RunLock

  package init(_ path: String, _ start: Start) throws(Failure) {
    let path = path.hasSuffix("/") && path.count > 1 ? String(path.dropLast()) : path
    try Self.checkNames(path)
    try makeDirectories("\(path)/checkpoints")
    var lock = try RunLock(in: path)
    let previousOwner = lock.previousOwner
    var movedTo: String?
    if try Self.holdsRun(path) {
      switch start {
      case .resume: break
      case .new: throw Self.isTaken(path)
      case .fresh:
        movedTo = try Self.moveAside(path)
        lock = try RunLock(in: path)
      }
    }
    for folder in ["", "/checkpoints", "/samples"] where isDirectory(path + folder) {
      try TemporaryFile.removeStale(in: path + folder)
    }
    self.path = path
    self.movedTo = movedTo
    self.previousOwner = previousOwner
    self.lock = lock
  }

  /// Whether a process trains in a directory.
  package static func isRunning(_ path: String) -> Bool {
    (try? RunLock.check(in: path)) == nil
  }

  /// Throws if a run cannot start here; changes nothing.
  package static func rehearse(_ path: String, _ start: Start) throws(Failure) {
    let parent = nearestExistingPath(to: path)
    guard isDirectory(parent) else {
      throw Failure(
        .cannotCreate, "cannot create directory '\(path)': '\(parent)' is a file, not a directory")
    }
    guard unsafe access(parent.cPath, W_OK | X_OK) == 0 else {
      throw systemFailure("write to", parent, otherwise: .cannotCreate)
    }
    try checkNames(path)
    try RunLock.check(in: path)
    if case .new = start, try holdsRun(path) { throw isTaken(path) }
  }

  /// Throws if a file that a run writes to is a link or another kind of file.
  ///
  /// The directory itself may be a link.
  private static func checkNames(_ path: String) throws(Failure) {
    let logs = ["metrics.jsonl", "layers.jsonl", "run.jsonl"]
    let pages = ["report.json", "report.html"]
    for name in [".lock", "config.yaml", "checkpoints/best"] + logs + pages {
      try checkReplaceable("\(path)/\(name)")
    }
    for name in ["checkpoints", "samples", "tensorboard"]
    where linkStatus("\(path)/\(name)")?.kind == S_IFLNK {
      throw Failure(
        .cannotCreate,
        "cannot write to '\(path)/\(name)': it is a symbolic link, expected a folder; "
          + "make the whole run directory a link instead, or use --run DIR")
    }
  }

  private static func isTaken(_ path: String) -> Failure {
    Failure(
      .cannotCreate,
      "'\(path)' already contains a run; continue it with --resume, start over with --fresh "
        + "(it is kept under another name) or use another directory with --run DIR")
  }

  package var checkpoints: CheckpointDirectory {
    CheckpointDirectory("\(path)/checkpoints", of: lock.identity)
  }

  package var configurationFile: String { "\(path)/config.yaml" }

  package var metricsFile: String { "\(path)/metrics.jsonl" }

  package var sessionsFile: String { "\(path)/run.jsonl" }

  /// The folder of what the network makes during the run, if it makes something.
  package var samplesFolder: String { "\(path)/samples" }

  private static func holdsRun(_ path: String) throws(Failure) -> Bool {
    if fileStatus("\(path)/config.yaml") != nil { return true }
    return try CheckpointDirectory("\(path)/checkpoints").latest() != nil
  }

  /// Renames a folder of runs, if it is there, and returns its new name.
  package static func setAside(_ path: String) throws(Failure) -> String? {
    isDirectory(path) ? try rename(unlinked(path)) : nil
  }

  /// Renames a directory, creates an empty one, and returns the new name of the old one.
  private static func moveAside(_ path: String) throws(Failure) -> String {
    let directory = unlinked(path)
    let name = try rename(directory)
    try makeDirectories("\(directory)/checkpoints")
    return name
  }

  /// The target of a link, so that a new run uses the same disk.
  private static func unlinked(_ path: String) -> String {
    let real = unsafe realpath(path.cPath, nil)
    defer { unsafe free(real) }
    return unsafe real.map { unsafe String(path: $0) } ?? path
  }

  /// Renames a directory to the next free name `<name>~1`, `<name>~2`, ..., and returns that.
  private static func rename(_ directory: String) throws(Failure) -> String {
    var number = 1
    var status = stat()
    while unsafe lstat("\(directory)~\(number)".cPath, &status) == 0 { number += 1 }
    let name = "\(directory)~\(number)"
    guard unsafe Glibc.rename(directory.cPath, name.cPath) == 0 else {
      throw systemFailure("rename", directory, otherwise: .cannotCreate)
    }
    return name
  }
}
