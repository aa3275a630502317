import Foundation
import Testing

extension CommandTests {
  /// What users depend on changes only where CHANGELOG.md says so.
  ///
  /// `Tests/Interface/current` holds what this tree offers, `Tests/Interface/released` what the
  /// last release did. `make snapshot` writes the first anew; a release copies it over the second.
  @Suite struct InterfaceTests {
    private static let writes =
      ProcessInfo.processInfo.environment["NN_DIST_WRITES_SNAPSHOT"] != nil

    @Test(arguments: InterfacePage.compared)
    func theSnapshotIsCurrent(_ page: InterfacePage) throws {
      let lines = try page.linesOfTheBuild()
      #expect(lines.count > 20, "there is something to compare")
      if Self.writes { try page.write(lines) }
      let changes = InterfaceChanges(from: try page.lines(of: .current), to: lines).description
      #expect(
        changes.isEmpty,
        """
        The interface differs from Tests/Interface/current/\(page).txt:
        \(changes.joined(separator: "\n"))
        If that is meant, name it in CHANGELOG.md and write the snapshot anew: make snapshot
        """)
    }

    @Test(arguments: InterfacePage.allCases)
    func everyChangeIsInTheChangelog(_ page: InterfacePage) throws {
      let text = try String(contentsOfFile: "\(Workspace.repository)/CHANGELOG.md", encoding: .utf8)
      let changes = InterfaceChanges(
        from: try page.lines(of: .released), to: try page.lines(of: .current))
      let unnamed = changes.unnamed(in: UnreleasedChanges(changelog: text))
      #expect(
        unnamed.isEmpty,
        """
        Since the last release Tests/Interface/\(page).txt has changed:
        \(changes.description.joined(separator: "\n"))
        In CHANGELOG.md, [Unreleased] does not name, in backquotes:
        \(unnamed.joined(separator: "\n"))
        """)
    }

    // MARK: The rule itself

    private static let before = [
      "data.batch  integer, 64", "layer old  short form", "layer old.size  integer", "loss  a loss",
      "Brain.add(_:)  func add(_ a: Int)",
    ]

    private func unnamed(_ after: [String], _ changelog: String) -> [String] {
      InterfaceChanges(
        from: Set(Self.before.map(InterfaceLine.init(text:))),
        to: Set(after.map(InterfaceLine.init(text:)))
      ).unnamed(in: UnreleasedChanges(changelog: changelog))
    }

    private static let head = "# Changelog\n\n## [Unreleased]\n\n"

    @Test func additionsAreNamed() {
      let after = Self.before + ["layer lstm", "layer lstm.units  integer", "data.window  integer"]
      #expect(
        unnamed(after, Self.head + "### Added\n\n- `window`, `data.win`, `layer`\n")
          == ["data.window", "layer lstm", "layer lstm.units"].map { "`\($0)` under ### Added" })
      #expect(
        unnamed(after, Self.head + "### Fixed\n\n- `data.window` and\n  `layer\n  lstm`\n").isEmpty)
      #expect(
        unnamed(after, "## [Unreleased]\n\n## [1.0]\n\n### Added\n\n- `layer lstm`").count == 3)
    }

    @Test func aStarStandsForEachLayer() {
      let after = Self.before + ["layer old.name  text", "layer new.name  text", "layer new.key"]
      #expect(
        unnamed(after, Self.head + "### Added\n\n- `layer *.name`\n")
          == ["`layer new.key` under ### Added"])
    }

    @Test func changesAndRemovalsHaveTheirSections() {
      let after = ["data.batch  integer, 32", "loss  a loss", "Brain.add(_:)  func add(_ a: Int)"]
      let expected = [
        "`data.batch` under ### Changed", "`layer old` under ### Removed",
        "`layer old.size` under ### Removed",
      ]
      #expect(unnamed(after, Self.head + "### Added\n\n- `data.batch`, `layer old`") == expected)
      // A whole that is still there names none of its parts.
      #expect(unnamed(after, Self.head + "### Changed\n\n- `data`") == expected)
      #expect(
        unnamed(
          after, Self.head + "### Changed\n\n- `data.batch`\n\n### Removed\n\n- `layer old`\n"
        ).isEmpty)
    }

    @Test func anOverloadIsAnAddition() {
      let after = Self.before + ["Brain.add(_:)  func add(_ a: Float)"]
      #expect(unnamed(after, Self.head) == ["`Brain.add(_:)` under ### Added"])
      #expect(unnamed(after, Self.head + "### Added\n\n- `Brain.add(_:)`").isEmpty)
    }
  }
}
