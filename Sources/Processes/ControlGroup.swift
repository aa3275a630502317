internal import CLinux

/// The memory limits of control groups, version 1 and 2.
package enum ControlGroup {
  /// Returns the folder of a group and its parents, whose limits also apply.
  ///
  /// `root` is the mount point; `membership` is the path of a file like `/proc/self/cgroup`.
  package static func folders(root: String, membership: String) -> [String] {
    text(membership).split(separator: "\n").flatMap { line -> [String] in
      // `4:memory:/a/b` in version 1, `0::/a/b` in version 2.
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3,
        fields[1].isEmpty || fields[1].split(separator: ",").contains("memory")
      else { return [] }
      let top = fields[1].isEmpty ? root : "\(root)/memory"
      let names = fields[2].split(separator: "/")
      return (0...names.count).map {
        ([top] + names.prefix($0).map(String.init)).joined(separator: "/")
      }
    }
  }

  /// Returns the limit that a group's folder sets, or nil.
  ///
  /// The page cache counts as free: the kernel reclaims it when a process needs memory.
  package static func limit(of folder: String) -> MemoryLimits.Limit? {
    for (limit, usage, prefix) in [
      ("memory.max", "memory.current", "\n"),
      ("memory.limit_in_bytes", "memory.usage_in_bytes", "\ntotal_"),
    ] {
      guard let bytes = number(text("\(folder)/\(limit)")), bytes < 1 << 60,
        let used = number(text("\(folder)/\(usage)"))
      else { continue }
      let statistics = "\n" + text("\(folder)/memory.stat")
      let files = ["inactive_file ", "active_file "].reduce(0) { sum, name in
        guard let label = statistics.firstRange(of: prefix + name) else { return sum }
        return sum + (number(statistics[label.upperBound...]) ?? 0)
      }
      return MemoryLimits.Limit(
        name: "the control group '\(folder)'", bytes: bytes, free: max(0, bytes - used + files),
        isShared: true)
    }
    return nil
  }

  private static func number(_ text: some StringProtocol) -> Int? {
    Int(text.prefix { $0.isNumber })
  }

  /// Returns the text of a small kernel file, or an empty string if there is none.
  static func text(_ path: String) -> String {
    var bytes = [CChar](repeating: 0, count: 8192)
    guard unsafe linux_read_text(path, &bytes, bytes.count) == 0 else { return "" }
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
