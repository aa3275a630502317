internal import CLinux
internal import COpenMP

/// What a thread must set before it computes anything that reaches weights.
package enum NumericThread {
  /// Makes library calls of this thread single-threaded, and subnormal numbers zero.
  ///
  /// Both settings belong to the thread; a new one does not inherit the first. Subnormals make Adam many times
  /// slower; a library that splits its work by thread count would change bits with it.
  package static func prepare() {
    omp_set_num_threads(1)
    linux_flush_subnormals()
  }

  /// What this thread has set, to be restored where it is somebody else's.
  package static var settings: Settings {
    Settings(threads: omp_get_max_threads(), control: linux_float_control())
  }

  /// How a thread computes.
  package struct Settings {
    fileprivate let threads: Int32
    fileprivate let control: UInt64

    /// Sets it on this thread.
    package func restore() {
      omp_set_num_threads(threads)
      linux_set_float_control(control)
    }
  }
}
