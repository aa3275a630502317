package import Diagnostics
internal import Glibc
internal import Processes

/// One block of memory, allocated once and aligned for vectors.
@safe package final class Arena: @unchecked Sendable {
  package let start: UnsafeMutableRawPointer
  package let byteCount: Int

  /// The size of huge pages of x86-64 and arm64.
  private static let largePage = 2 << 20

  /// Allocates memory and fills it with zeros; without `isTouched` only addresses are reserved.
  package init(byteCount: Int, isTouched: Bool = true) throws(Failure) {
    if isTouched {
      try MemoryLimits.require(byteCount, for: "a block of \(byteCount.asBytes)")
    }
    // A gigantic size must end with a message, not with a trap in the allocator.
    var memory: UnsafeMutableRawPointer?
    let size = max(byteCount, 64)
    let isLarge = size >= Self.largePage
    guard unsafe posix_memalign(&memory, isLarge ? Self.largePage : 4096, size) == 0,
      let memory = unsafe memory
    else {
      throw Failure(
        .outOfMemory,
        "no memory for \(byteCount.asBytes); use a smaller batch, more shards or fewer workers")
    }
    // Page walks would otherwise slow down matrices that are read again and again.
    if isLarge { unsafe madvise(memory, size, MADV_HUGEPAGE) }
    if isTouched { unsafe memset(memory, 0, size) }
    unsafe start = memory
    self.byteCount = byteCount
  }

  deinit { unsafe free(start) }
}
