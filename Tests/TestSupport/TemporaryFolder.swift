package import Foundation

/// A folder for one test, removed with all that is in it.
package final class TemporaryFolder {
  package let path: String

  package init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("nn-dist-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  package func path(of name: String) -> String { "\(path)/\(name)" }

  package func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: path(of: name))
  }

  package func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(of: name)))
  }

  package func data(of name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path(of: name)))
  }

  package func text(of name: String) throws -> String {
    String(decoding: try data(of: name), as: UTF8.self)
  }

  /// The names in a folder, sorted; none if it does not exist.
  package func names(in name: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path(of: name)))?.sorted() ?? []
  }

  package func copy(_ name: String, to other: String) throws {
    try FileManager.default.copyItem(atPath: path(of: name), toPath: path(of: other))
  }
}
