internal import CLinux
internal import Glibc

/// A sleep that another thread can end.
@safe package final class Pause: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var hasEnded = false

  package init() {
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(changed, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(mutex)
    unsafe changed.deallocate()
    unsafe mutex.deallocate()
  }

  /// Ends the current wait and all later ones.
  package func end() {
    unsafe pthread_mutex_lock(mutex)
    hasEnded = true
    unsafe pthread_cond_broadcast(changed)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// Waits for this time; returns false as soon as the pause was ended.
  package func wait(milliseconds: Int) -> Bool {
    let end = linux_milliseconds() + milliseconds
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while !hasEnded, linux_milliseconds() < end { unsafe linux_wait_until(changed, mutex, end) }
    return !hasEnded
  }
}
