internal import Foundation

/// A small program or library in C that a test compiles and puts around `nn-dist`.
package enum CProgram {
  /// A compiler of C, nil if there is none.
  package static let compiler = ["cc", "clang"].lazy.compactMap { name in
    ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":")
      .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }.first

  /// Compiles a file of `Tests`, such as `ThreadEnd/thread_end.c`, into a file of a folder.
  ///
  /// - Returns: the path of the program or library; nil if it cannot be compiled.
  package static func build(
    _ source: String, asLibrary isLibrary: Bool = false, in folder: TemporaryFolder
  ) throws -> String? {
    guard let compiler else { return nil }
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "..")
    let result = folder.path(of: isLibrary ? "library.so" : "program")
    let words = [compiler, "-O2"] + (isLibrary ? ["-shared", "-fPIC"] : [])
    let ending = try ChildProcess(
      words + ["-o", result, tests.appendingPathComponent(source).path], in: "/",
      environment: ProcessInfo.processInfo.environment
    ).wait()
    return ending.status == 0 ? result : nil
  }
}
