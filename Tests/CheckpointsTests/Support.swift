import Checkpoints
import Diagnostics
import Foundation
import Graphs
import Testing

/// A directory of its own for a test, removed with all it holds at the end.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "checkpoints-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

func bytes(of path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

func put(_ bytes: some Collection<UInt8>, at path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

func names(in path: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: path).sorted()
}

@discardableResult
func shell(_ command: String) throws -> Int32 {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/sh")
  process.arguments = ["-c", command]
  try process.run()
  process.waitUntilExit()
  return process.terminationStatus
}

/// The failure that a piece of code ends in; its absence is an issue of the test.
func failure(
  _ code: ExitCode, sourceLocation: Testing.SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) -> String {
  do { try body() } catch let failure as Failure {
    #expect(failure.code == code, "\(failure)", sourceLocation: sourceLocation)
    return failure.message
  } catch { return "\(error)" }
  Issue.record("accepted", sourceLocation: sourceLocation)
  return ""
}

let layout = TensorLayout(packing: [
  ("conv1/weight", [8, 1, 3, 3]), ("conv1/bias", [8]),
  ("residual1/conv1/weight", [8, 8, 3, 3]), ("dense1/weight", [10, 72]), ("dense1/bias", [10]),
])

/// Numbers that differ from step to step.
func numbers(_ step: Int) -> [Float] {
  (0..<layout.count).map { Float($0 ^ step) / 7 }
}

func state(_ step: Int) -> CheckpointState {
  var state = CheckpointState()
  state.set("epoch", step / 10)
  state.set("seed", -7)
  state.set("best_loss", 0.1)
  state.set("loss_window", [0.5, 0.25, .infinity])
  state.set("engine", "onednn")
  return state
}

func save(
  _ step: Int, in directory: CheckpointDirectory, keep: Int = 3, best: Int? = nil,
  values: [Float]? = nil, extra: String = ""
) throws {
  var writer = try CheckpointWriter(step: step, in: directory)
  try unsafe (values ?? numbers(step)).withUnsafeBufferPointer {
    try unsafe writer.write($0, as: layout, in: .weights)
    try unsafe writer.write($0, as: layout, in: .moment("m"))
  }
  try writer.commit(
    state(step), configuration: "name: größer\n\(extra)", coding: "shape: [72]\n", metrics: "{}",
    keep: keep, best: best)
}

func weights(_ path: String, _ group: TensorGroup = .weights) throws -> [Float] {
  let checkpoint = try Checkpoint(opening: path)
  var values = Array(repeating: Float.nan, count: layout.count)
  try unsafe values.withUnsafeMutableBufferPointer {
    try unsafe checkpoint.read(group, as: layout, into: $0)
  }
  return values
}
