import Glibc

/// Gives the thread back its subnormal numbers.
///
/// Threads that have trained flush them, and tests of one process share threads.
package func useSubnormals() {
  // FE_DFL_ENV, a macro that is not imported: the environment at the start of a program.
  _ = unsafe fesetenv(UnsafePointer(bitPattern: -1))
}
