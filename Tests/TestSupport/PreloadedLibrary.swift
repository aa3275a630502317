internal import Foundation

/// A library of one C file in `Tests`, compiled to be preloaded; removed at the end.
package final class PreloadedLibrary {
  package let path: String

  /// The C compiler, nil where there is none.
  package static let compiler = ["cc", "clang"].lazy
    .flatMap { name in
      (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map {
        "\($0)/\(name)"
      }
    }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Compiles a file, named relative to `Tests`.
  package init(_ source: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
    path =
      FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).so").path
    let compiler = try ChildProcess(
      [
        Self.compiler ?? "cc", "-O2", "-shared", "-fPIC", "-o", path,
        folder.appendingPathComponent(source).path,
      ], in: "/", environment: ProcessInfo.processInfo.environment)
    let ending = compiler.wait()
    guard ending.status == 0 else { throw CocoaError(.executableLoad) }
  }

  deinit { _ = try? FileManager.default.removeItem(atPath: path) }
}
