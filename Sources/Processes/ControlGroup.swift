internal import CLinux

/// The memory of control groups, of the first version and the second.
package enum ControlGroup {
  /// A group's folder and those above it, in which limits count as well.
  package static func folders(root: String, membership: String) -> [String] {
    text(membership).split(separator: "\n").flatMap { line -> [String] in
      // `4:memory:/a/b` in the first version, `0::/a/b` in the second.
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

  /// The limit in a group's folder; nil if it sets none.
  ///
  /// What files hold in memory is given back when it is wanted.
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

  /// A small file of the kernel, empty if there is none.
  static func text(_ path: String) -> String {
    var bytes = [CChar](repeating: 0, count: 8192)
    guard unsafe linux_read_text(path, &bytes, bytes.count) == 0 else { return "" }
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
