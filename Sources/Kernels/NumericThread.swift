internal import CLinux
internal import COpenMP

/// The settings of a thread that computes.
package enum NumericThread {
  /// Makes library calls of this thread single-threaded, and subnormal numbers zero.
  ///
  /// Both belong to the thread; a new thread does not inherit the first. Subnormals make Adam many
  /// times slower; a library that splits its work among threads would change bits.
  package static func prepare() {
    omp_set_num_threads(1)
    linux_flush_subnormals()
  }

  /// The settings of this thread, to be restored on a thread of another owner.
  package static var settings: Settings {
    Settings(threads: omp_get_max_threads(), control: linux_float_control())
  }

  /// The settings.
  package struct Settings {
    fileprivate let threads: Int32
    fileprivate let control: UInt64

    /// Applies the settings to this thread.
    package func restore() {
      omp_set_num_threads(threads)
      linux_set_float_control(control)
    }
  }
}
