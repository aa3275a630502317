internal import Glibc

/// Counts the allocations of this process if the library `Tests/AllocationCounter` is preloaded.
@safe struct AllocationCounter {
  private typealias Getter = @convention(c) () -> UInt64

  private let own: Getter
  private let library: Getter

  /// Nil if the library is not loaded.
  init?() {
    // The default handle of `dlsym` is null.
    guard let own = unsafe dlsym(nil, "nn_dist_allocations"),
      let library = unsafe dlsym(nil, "nn_dist_library_allocations")
    else { return nil }
    self.own = unsafe unsafeBitCast(own, to: Getter.self)
    self.library = unsafe unsafeBitCast(library, to: Getter.self)
  }

  /// The allocations since the process began.
  var allocations: Allocations { Allocations(own: Int(own()), library: Int(library())) }
}

/// Numbers of allocations.
package struct Allocations: Equatable, Sendable {
  /// By nn-dist and the Swift runtime.
  package var own: Int
  /// By C libraries, mostly oneDNN.
  package var library: Int

  static func - (a: Allocations, b: Allocations) -> Allocations {
    Allocations(own: a.own - b.own, library: a.library - b.library)
  }

  static func += (a: inout Allocations, b: Allocations) {
    a = Allocations(own: a.own + b.own, library: a.library + b.library)
  }
}
