package import Diagnostics
internal import Glibc

/// One block of memory, allocated once and aligned for vectors.
@safe package final class Arena: @unchecked Sendable {
  package let start: UnsafeMutableRawPointer
  package let byteCount: Int

  /// Takes the memory at once and fills it with zeros, unless only its addresses are wanted.
  package init(byteCount: Int, isTouched: Bool = true) throws(Failure) {
    // A gigantic size must fail as a message, not as a trap in the allocator.
    var memory: UnsafeMutableRawPointer?
    let size = max(byteCount, 64)
    guard unsafe posix_memalign(&memory, 4096, size) == 0, let memory = unsafe memory else {
      throw Failure(
        .outOfMemory,
        "no memory for \(byteCount.asBytes); use a smaller batch, more shards or fewer workers")
    }
    if isTouched { unsafe memset(memory, 0, size) }
    unsafe start = memory
    self.byteCount = byteCount
  }

  deinit { unsafe free(start) }
}
