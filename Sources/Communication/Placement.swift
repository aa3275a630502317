internal import CLinux
internal import Glibc

/// Where a process runs: its host and its affinity mask.
///
/// Ranks exchange placements at the start, for messages and to share cores: the affinity mask of a
/// rank does not show whether other ranks are bound to the same cores.
package struct Placement: Equatable {
  package static let byteCount = hostBytes + coreWords * 8
  private static let hostBytes = 64
  private static let coreWords = 16

  package let host: String
  /// The affinity mask, one bit per core.
  package let cores: [UInt64]

  package init(host: String, cores: [UInt64]) {
    self.host = host
    self.cores = cores
  }

  /// Returns the placement of this process.
  ///
  /// The corresponding C functions are `gethostname` and `sched_getaffinity`.
  package static func current() -> Placement {
    var name = [UInt8](repeating: 0, count: hostBytes)
    unsafe name.withUnsafeMutableBytes { bytes in
      guard let base = unsafe bytes.bindMemory(to: CChar.self).baseAddress else { return }
      unsafe gethostname(base, hostBytes - 1)
    }
    var mask = [UInt64](repeating: 0, count: coreWords)
    let isKnown = unsafe mask.withUnsafeMutableBufferPointer { words in
      guard let base = words.baseAddress else { return false }
      return unsafe linux_affinity(base) == 0
    }
    if !isKnown { mask[0] = 1 }
    return Placement(host: text(name[...]), cores: mask)
  }

  package var bytes: [UInt8] {
    let name = Array(host.utf8.prefix(Self.hostBytes))
    let padding = [UInt8](repeating: 0, count: Self.hostBytes - name.count)
    return name + padding
      + cores.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
  }

  package init(bytes: ArraySlice<UInt8>) {
    host = Self.text(bytes.prefix(Self.hostBytes))
    let words = Array(bytes.dropFirst(Self.hostBytes))
    cores = stride(from: 0, to: words.count - 7, by: 8).map { start in
      (0..<8).reduce(0) { $0 | UInt64(words[start + $1]) << ($1 * 8) }
    }
  }

  /// Returns a rank's share of cores: each core counts 1 / (ranks that may run on it).
  package static func coreShare(
    of rank: Int, in placements: [Placement], quota: Double?
  ) -> Double {
    let neighbours = placements.filter { $0.host == placements[rank].host }
    var share = 0.0
    for (word, bits) in placements[rank].cores.enumerated() {
      for bit in 0..<64 where bits >> bit & 1 == 1 {
        share += 1 / Double(neighbours.count { $0.cores[word] >> bit & 1 == 1 })
      }
    }
    guard let quota else { return share }
    return min(share, quota / Double(neighbours.count))
  }

  /// Returns the number of cores that the control group (version 2) allows, nil without a limit.
  package static func quota() -> Double? {
    let file = unsafe open("/sys/fs/cgroup/cpu.max", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
    return quota(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self))
  }

  /// Parses a `cpu.max` such as `200000 100000` (2 cores); `max` means no limit.
  package static func quota(_ text: String) -> Double? {
    let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    guard numbers.count == 2, numbers[0] > 0, numbers[1] > 0 else { return nil }
    return numbers[0] / numbers[1]
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
