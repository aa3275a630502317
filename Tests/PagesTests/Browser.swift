import Foundation
import TestSupport
import Testing

/// A headless Chromium, which `Tests/References/browser.py` drives.
struct Browser {
  /// A step for the script, and what it returned.
  typealias Step = [String: Any]

  struct Visit {
    let results: [Any]
    /// Errors, warnings, violations of the content security policy and dialogs.
    let console: [String]
    let requests: [String]
  }

  static let script = URL(filePath: #filePath)
    .appending(path: "../../References/browser.py").standardized.path

  /// Whether this machine has Chromium and Python.
  static let isHere = isInPath("chromium") && isInPath("python3")

  static func isInPath(_ name: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
  }

  static func visit(_ steps: [Step], in folder: TemporaryFolder) throws -> Visit {
    let file = folder.path(of: "steps-\(UUID().uuidString).json")
    try JSONSerialization.data(withJSONObject: steps).write(to: URL(filePath: file))
    let ending = try ChildProcess(
      ["python3", script, file], in: folder.path, environment: ProcessInfo.processInfo.environment,
      limit: .seconds(180)
    ).wait()
    #expect(ending.status == 0, "\(ending.errors)")
    let answer = try #require(
      try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any])
    return Visit(
      results: try #require(answer["results"] as? [Any]),
      console: try #require(answer["console"] as? [String]),
      requests: try #require(answer["requests"] as? [String]))
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test where there is no browser: Debian's packages chromium and python3.
  static var browser: Self { .data("chromium and python3", areHere: Browser.isHere) }
}
