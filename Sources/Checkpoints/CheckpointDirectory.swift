package import Diagnostics
internal import Files
internal import Glibc

/// The checkpoints of a run: `step-000001234.h5`, each with its `.sha256`, and `best`.
///
/// A checkpoint exists if its `.h5` has this name. Other files in the directory are ignored.
package struct CheckpointDirectory: Equatable, Sendable {
  package let path: String
  /// The identity of the directory of the run that writes here; nil for a reader.
  private let run: DirectoryIdentity?

  package init(_ path: String) {
    self.path = path
    run = nil
  }

  /// The checkpoints in a run directory, or in a directory of checkpoints itself.
  package init(inside path: String) {
    self.init(isDirectory("\(path)/checkpoints") ? "\(path)/checkpoints" : path)
  }

  init(_ path: String, of run: DirectoryIdentity) {
    self.path = path
    self.run = run
  }

  /// Throws if the directory of the run was moved or replaced.
  package func checkNotMoved() throws(Failure) { try run?.check(writing: path) }

  /// Returns the steps of all checkpoints, in ascending order.
  package func steps() throws(Failure) -> [Int] {
    guard fileStatus(path) != nil else { return [] }
    return try fileNames(in: path).compactMap { Self.step($0) }.sorted()
  }

  package func file(ofStep step: Int) -> String { "\(path)/\(Self.name(ofStep: step))" }

  /// Returns the checkpoint of the highest step, or nil if there is none.
  package func latest() throws(Failure) -> String? {
    guard let step = try steps().last else { return nil }
    return try regular(file(ofStep: step))
  }

  /// Returns the checkpoint that is marked as the best; nil if there is no mark or no such file.
  package func best() throws(Failure) -> String? {
    guard fileStatus(bestFile) != nil else { return nil }
    let name = try readText(bestFile).split(separator: "\n").first.map(String.init) ?? ""
    guard Self.step(name) != nil, fileStatus("\(path)/\(name)") != nil else { return nil }
    return try regular("\(path)/\(name)")
  }

  /// Throws if a checkpoint is a symbolic link: no link inside a run directory is followed.
  private func regular(_ file: String) throws(Failure) -> String {
    for name in [file, Self.digestFile(of: file)] where linkStatus(name)?.kind == S_IFLNK {
      throw Failure(
        .badData,
        "'\(name)' is a symbolic link, expected a regular file; name the file that it leads to, or "
          + "remove it")
    }
    return file
  }

  /// Marks the best checkpoint, then removes all but the newest `count`, the best and that of
  /// `step`.
  ///
  /// `best` is the step of the best checkpoint as stored in the checkpoint of `step`: after a kill
  /// or on a full disk, the mark may be outdated. If `best` is nil, the mark does not change. All
  /// checkpoints are finite, so the newest finite one is always kept.
  package func rotate(best: Int?, keeping count: Int, sparing step: Int) throws(Failure) {
    try checkNotMoved()
    if let best, case let file = file(ofStep: best), fileStatus(file) != nil,
      try self.best() != file
    {
      try writeAtomically(baseName(file) + "\n", to: bestFile)
    }
    let marked = try self.best()
    for old in try steps().dropLast(max(1, count)) where old != step && file(ofStep: old) != marked
    {
      // Remove the data first: a checkpoint without its digest would appear damaged.
      try remove(file(ofStep: old))
      try remove(Self.digestFile(of: file(ofStep: old)))
    }
  }

  /// Removes digests without data, which a kill leaves before the data are renamed or between the
  /// two removals of a rotation.
  package func removeOrphans() throws(Failure) {
    let ending = Self.digestFile(of: "")
    for name in try fileNames(in: path) where name.hasSuffix(ending) {
      let data = String(name.dropLast(ending.count))
      if Self.step(data) != nil, linkStatus("\(path)/\(data)") == nil {
        try remove("\(path)/\(name)")
      }
    }
  }

  private func remove(_ file: String) throws(Failure) {
    try checkNotMoved()
    guard unsafe unlink(file.cPath) == 0 || errno == ENOENT else {
      throw systemFailure("remove", file)
    }
  }

  private var bestFile: String { "\(path)/best" }

  static func digestFile(of checkpoint: String) -> String { checkpoint + ".sha256" }

  static func name(ofStep step: Int) -> String {
    let digits = String(step)
    return "step-\(String(repeating: "0", count: max(0, 9 - digits.count)))\(digits).h5"
  }

  /// Returns the step in the name of a checkpoint file, or nil for other names.
  package static func step(ofFile path: String) -> Int? { step(baseName(path)) }

  /// Returns the step in a name of the form `step-000001234.h5`, or nil for other names.
  static func step(_ name: String) -> Int? {
    guard name.hasPrefix("step-"), name.hasSuffix(".h5"),
      let step = Int(name.dropFirst(5).dropLast(3)), step >= 0, Self.name(ofStep: step) == name
    else { return nil }
    return step
  }
}
