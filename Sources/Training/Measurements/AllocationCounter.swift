internal import Glibc

/// How often memory was allocated in this process, if the library that counts it was preloaded:
/// `Tests/AllocationCounter`.
@safe struct AllocationCounter {
  private typealias Getter = @convention(c) () -> UInt64

  private let own: Getter
  private let library: Getter

  /// Nil where nobody counts.
  init?() {
    // The default handle of `dlsym` is null.
    guard let own = unsafe dlsym(nil, "nn_dist_allocations"),
      let library = unsafe dlsym(nil, "nn_dist_library_allocations")
    else { return nil }
    self.own = unsafe unsafeBitCast(own, to: Getter.self)
    self.library = unsafe unsafeBitCast(library, to: Getter.self)
  }

  /// Since the process began.
  var allocations: Allocations { Allocations(own: Int(own()), library: Int(library())) }
}

/// Calls that took memory.
package struct Allocations: Equatable, Sendable {
  /// By nn-dist and the Swift runtime.
  package var own: Int
  /// By the libraries underneath, oneDNN above all.
  package var library: Int

  static func - (a: Allocations, b: Allocations) -> Allocations {
    Allocations(own: a.own - b.own, library: a.library - b.library)
  }

  static func += (a: inout Allocations, b: Allocations) {
    a = Allocations(own: a.own + b.own, library: a.library + b.library)
  }
}
