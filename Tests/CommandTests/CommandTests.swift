import Foundation
import TestSupport
import Testing

/// What a person sees of `nn-dist`: the built program, run as they would run it.
///
/// One test at a time: several processes on the cores of one machine are enough.
@Suite(
  .serialized, .enabled(if: Workspace.program != nil, "build nn-dist, or set NN_DIST_BINARY"))
enum CommandTests {
  /// Whether a command was refused as it should be: with this status, in one line that says all
  /// this.
  static func expectRefusal(
    _ ending: ChildProcess.Ending, _ status: Int32, _ texts: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(!ending.timedOut, sourceLocation: sourceLocation)
    #expect(ending.status == status, "\(ending.errors)", sourceLocation: sourceLocation)
    #expect(
      ending.errorLines.count == 1, "one line is enough: \(ending.errors)",
      sourceLocation: sourceLocation)
    for text in texts {
      #expect(
        ending.errors.contains(text), "\(ending.errors) lacks '\(text)'",
        sourceLocation: sourceLocation)
    }
  }

  /// The one object that a command answers with.
  static func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }
}
