import Foundation
import Testing

/// A line of the snapshot: something that users depend on.
struct InterfaceLine: Hashable, Comparable {
  /// What CHANGELOG.md has to call it: `data.batch`, `train --resume`, `evaluate classes[].recall`.
  let name: String
  /// Its type, default and whatever else must not change unnoticed.
  let detail: String

  init(_ name: String, _ detail: String) {
    self.name = name
    self.detail = detail
  }

  /// A line of a page; two spaces end the name.
  init(text: some StringProtocol) {
    let parts = String(text).split(separator: "  ", maxSplits: 1)
    self.init(String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
  }

  var text: String { detail.isEmpty ? name : "\(name)  \(detail)" }

  static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}

/// One file of the snapshot in `Tests/Interface`.
enum InterfacePage: String, CaseIterable, CustomTestStringConvertible {
  /// Keys of configurations, dataset descriptors and codings.
  case configuration
  /// Commands, options and exit codes.
  case commands
  /// Fields of `--json` answers and of `metrics.jsonl`.
  case answers
  /// Names in run directories, and what checkpoints, caches and model files hold.
  case files
  /// Public declarations of the library Neuron.
  case library

  var testDescription: String { rawValue }

  /// Those that this build can compare: without oneDNN the configuration offers other engines.
  static var compared: [Self] {
    #if ONEDNN
      allCases
    #else
      allCases.filter { $0 != .configuration }
    #endif
  }

  /// Two snapshots: that of the last release, and that of the code in this tree.
  enum Snapshot: String { case released, current }

  func file(of snapshot: Snapshot) -> URL {
    URL(fileURLWithPath: Workspace.repository)
      .appendingPathComponent("Tests/Interface/\(snapshot.rawValue)/\(rawValue).txt")
  }

  func lines(of snapshot: Snapshot) throws -> Set<InterfaceLine> {
    let text = try String(contentsOf: file(of: snapshot), encoding: .utf8)
    return Set(text.split(separator: "\n").map(InterfaceLine.init(text:)))
  }

  /// The lines that the built program and library have now.
  func linesOfTheBuild() throws -> Set<InterfaceLine> {
    switch self {
    case .configuration: ConfigurationInterface.lines
    case .commands: CommandInterface.lines
    case .answers: try InterfaceRuns().answers()
    case .files: try InterfaceRuns().files()
    case .library: try LibraryInterface.lines()
    }
  }

  func write(_ lines: Set<InterfaceLine>) throws {
    let text = lines.sorted().map { $0.text + "\n" }.joined()
    try text.write(to: file(of: .current), atomically: true, encoding: .utf8)
  }
}
