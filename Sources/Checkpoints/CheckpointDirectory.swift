package import Diagnostics
internal import Files
internal import Glibc

/// The checkpoints of a run: `step-000001234.h5`, each with its `.sha256`, and `best`.
///
/// A checkpoint exists when its `.h5` has its name. Everything else in the directory is left alone.
package struct CheckpointDirectory: Equatable, Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  /// The steps that checkpoints exist of, in ascending order.
  package func steps() throws(Failure) -> [Int] {
    guard fileStatus(path) != nil else { return [] }
    return try fileNames(in: path).compactMap(Self.step).sorted()
  }

  package func file(ofStep step: Int) -> String { "\(path)/\(Self.name(ofStep: step))" }

  /// The checkpoint of the highest step, whatever the dates say; nil if there is none.
  package func latest() throws(Failure) -> String? { try steps().last.map(file) }

  /// The checkpoint that was marked as the best, nil if none was or it is gone.
  package func best() throws(Failure) -> String? {
    guard fileStatus(bestFile) != nil else { return nil }
    let name = try readText(bestFile).split(separator: "\n").first.map(String.init) ?? ""
    guard Self.step(name) != nil, fileStatus("\(path)/\(name)") != nil else { return nil }
    return "\(path)/\(name)"
  }

  /// Marks a checkpoint as the best, which rotation then spares.
  func markBest(_ step: Int) throws(Failure) {
    try writeAtomically(Self.name(ofStep: step) + "\n", to: bestFile)
  }

  /// Removes all but the newest `count` checkpoints, the best one and that of `step`.
  ///
  /// Checkpoints are finite when they are written, so the newest finite one is always kept.
  func rotate(keeping count: Int, sparing step: Int) throws(Failure) {
    let best = try best()
    for old in try steps().dropLast(max(1, count)) where old != step && file(ofStep: old) != best {
      // The data go first: a checkpoint without its digest would look damaged.
      for name in [file(ofStep: old), Self.digestFile(of: file(ofStep: old))] {
        guard unsafe unlink(name.cPath) == 0 || errno == ENOENT else {
          throw systemFailure("remove", name)
        }
      }
    }
  }

  private var bestFile: String { "\(path)/best" }

  static func digestFile(of checkpoint: String) -> String { checkpoint + ".sha256" }

  static func name(ofStep step: Int) -> String {
    let digits = String(step)
    return "step-\(String(repeating: "0", count: max(0, 9 - digits.count)))\(digits).h5"
  }

  /// The step in a name that this program gave, nil for any other name.
  static func step(_ name: String) -> Int? {
    guard name.hasPrefix("step-"), name.hasSuffix(".h5"),
      let step = Int(name.dropFirst(5).dropLast(3)), step >= 0, Self.name(ofStep: step) == name
    else { return nil }
    return step
  }
}
