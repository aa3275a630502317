package import Diagnostics
internal import Files
internal import Glibc

/// The checkpoints of a run: `step-000001234.h5`, each with its `.sha256`, and `best`.
///
/// A checkpoint exists when its `.h5` has its name. Everything else in the directory is left alone.
package struct CheckpointDirectory: Equatable, Sendable {
  package let path: String
  /// Of the run that writes here, if one does.
  private let run: RunPlace?

  package init(_ path: String) {
    self.path = path
    run = nil
  }

  init(_ path: String, of run: RunPlace) {
    self.path = path
    self.run = run
  }

  /// Refuses to write where the run's directory was moved away, and another may have its name.
  package func checkPlace() throws(Failure) { try run?.check(writing: path) }

  /// The steps that checkpoints exist of, in ascending order.
  package func steps() throws(Failure) -> [Int] {
    guard fileStatus(path) != nil else { return [] }
    return try fileNames(in: path).compactMap { Self.step($0) }.sorted()
  }

  package func file(ofStep step: Int) -> String { "\(path)/\(Self.name(ofStep: step))" }

  /// The checkpoint of the highest step, whatever the dates say; nil if there is none.
  package func latest() throws(Failure) -> String? {
    guard let step = try steps().last else { return nil }
    return try own(file(ofStep: step))
  }

  /// The checkpoint that was marked as the best, nil if none was or it is gone.
  package func best() throws(Failure) -> String? {
    guard fileStatus(bestFile) != nil else { return nil }
    let name = try readText(bestFile).split(separator: "\n").first.map(String.init) ?? ""
    guard Self.step(name) != nil, fileStatus("\(path)/\(name)") != nil else { return nil }
    return try own("\(path)/\(name)")
  }

  /// Refuses a checkpoint that is a link: no link inside a run directory is followed.
  private func own(_ file: String) throws(Failure) -> String {
    for name in [file, Self.digestFile(of: file)] where linkStatus(name)?.kind == S_IFLNK {
      throw Failure(
        .badData,
        "'\(name)' is a symbolic link, expected a regular file; name the file that it leads to, or "
          + "remove it")
    }
    return file
  }

  /// Marks the best checkpoint, then removes all but the newest `count`, the best and that of `step`.
  ///
  /// `best` is what the checkpoint of `step` holds, which nothing can separate from its weights: the mark
  /// alone would be that of an older one where a kill or a full disk came between the two. It is nil
  /// where a run marks none; what is marked then stays. Checkpoints are finite when they are written,
  /// so the newest finite one is always kept.
  package func settle(best: Int?, keeping count: Int, sparing step: Int) throws(Failure) {
    try checkPlace()
    if let best, case let file = file(ofStep: best), fileStatus(file) != nil,
      try self.best() != file
    {
      try writeAtomically(baseName(file) + "\n", to: bestFile)
    }
    let marked = try self.best()
    for old in try steps().dropLast(max(1, count)) where old != step && file(ofStep: old) != marked
    {
      // The data go first: a checkpoint without its digest would look damaged.
      try remove(file(ofStep: old))
      try remove(Self.digestFile(of: file(ofStep: old)))
    }
  }

  /// Removes digests whose data are not there: a kill came before the data had their name, or after
  /// rotation had removed them.
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
    try checkPlace()
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

  /// The step of a file that this program named, nil for any other.
  package static func step(ofFile path: String) -> Int? { step(baseName(path)) }

  /// The step in a name that this program gave, nil for any other name.
  static func step(_ name: String) -> Int? {
    guard name.hasPrefix("step-"), name.hasSuffix(".h5"),
      let step = Int(name.dropFirst(5).dropLast(3)), step >= 0, Self.name(ofStep: step) == name
    else { return nil }
    return step
  }
}
