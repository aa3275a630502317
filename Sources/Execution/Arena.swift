package import Diagnostics
internal import Glibc

/// One block of memory, allocated once, aligned for vectors and touched at the start.
@safe package final class Arena: @unchecked Sendable {
  package let start: UnsafeMutableRawPointer
  package let byteCount: Int

  package init(byteCount: Int) throws(Failure) {
    // A gigantic size must fail as a message, not as a trap in the allocator.
    var memory: UnsafeMutableRawPointer?
    let size = max(byteCount, 64)
    guard unsafe posix_memalign(&memory, 4096, size) == 0, let memory = unsafe memory else {
      throw Failure(
        .outOfMemory,
        "no memory for \(byteCount.asBytes); use a smaller batch, more shards or fewer workers")
    }
    unsafe memset(memory, 0, size)
    unsafe start = memory
    self.byteCount = byteCount
  }

  deinit { unsafe free(start) }
}
