internal import Files
public import Foundation
internal import Diagnostics

/// Writes files to `~/Documents`, which is created if necessary.
public enum ExportManager {
  /// Writes numbers or words, one on each line, as `<filename>.csv`; nil if it cannot be written.
  public static func getCSV<T>(filename: String = "file", _ data: [T]) -> URL? {
    let text = data.map { "\($0)\n" }.joined()
    return url(filename, "csv") { url in try writeAtomically(text, to: url.path) }
  }

  /// Writes a model as `<filename>.smodel`; nil if it cannot be written.
  public static func getModel<T: Codable>(filename: String = "model", model: T) -> URL? {
    url(filename, "smodel") { url in
      let encoder = JSONEncoder()
      encoder.outputFormatting = .prettyPrinted
      try writeAtomically(String(decoding: encoder.encode(model), as: UTF8.self), to: url.path)
    }
  }

  /// The place of a written file; nil after an error, which is printed.
  static func url(
    _ name: String, _ ending: String, write: (URL) throws -> Void
  ) -> URL? {
    // Foundation ignores HOME.
    let home =
      environmentVariable("HOME").map { URL(fileURLWithPath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser
    let folder = home.appendingPathComponent("Documents")
    let url = folder.appendingPathComponent("\(name).\(ending)")
    // Ranks that share a home would write over each other.
    guard Group.isFirst else { return url }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try write(url)
      return url
    } catch {
      Group.tell("'\(url.path)' cannot be written: \(error)")
      return nil
    }
  }
}
