import Foundation
import Processes
import TestSupport
import Testing

/// What control groups of both versions grant, read from folders like the kernel's.
@Suite struct MemoryLimitsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func limits(_ membership: String) throws -> [MemoryLimits.Limit] {
    try folder.write(membership, to: "cgroup")
    return ControlGroup.folders(root: folder.path, membership: folder.path(of: "cgroup"))
      .compactMap { ControlGroup.limit(of: $0) }
  }

  private func write(_ files: [(name: String, text: String)], in group: String) throws {
    try FileManager.default.createDirectory(
      atPath: folder.path(of: group), withIntermediateDirectories: true)
    for (name, text) in files { try folder.write(text, to: "\(group)/\(name)") }
  }

  /// The group itself sets no limit, that above it does; files in memory are given back.
  @Test func secondVersion() throws {
    try write(
      [("memory.max", "max\n"), ("memory.current", "5\n"), ("memory.stat", "anon 5\n")], in: "a/b")
    try write(
      [
        ("memory.max", "1000\n"), ("memory.current", "700\n"),
        ("memory.stat", "anon 500\ninactive_file 150\nactive_file 50\n"),
      ], in: "a")
    let limits = try limits("0::/a/b\n")
    #expect(limits.map(\.bytes) == [1000] && limits.map(\.free) == [500])
    #expect(limits[0].name == "the control group '\(folder.path)/a'" && limits[0].isShared)
  }

  /// The first version counts what lies below in figures of their own.
  @Test func firstVersion() throws {
    try write(
      [
        ("memory.limit_in_bytes", "9223372036854771712\n"), ("memory.usage_in_bytes", "1\n"),
      ], in: "memory")
    try write(
      [
        ("memory.limit_in_bytes", "1000\n"), ("memory.usage_in_bytes", "700\n"),
        ("memory.stat", "inactive_file 1\ntotal_inactive_file 100\ntotal_active_file 10\n"),
      ], in: "memory/job")
    let limits = try limits("5:cpu,cpuacct:/job\n4:memory:/job\n0::/\n")
    #expect(limits.map(\.bytes) == [1000] && limits.map(\.free) == [410])
  }

  @Test func noGroups() throws {
    #expect(try limits("0::/\n").isEmpty)
    #expect(ControlGroup.folders(root: "/sys", membership: folder.path(of: "absent")).isEmpty)
  }
}
