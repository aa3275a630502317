import Synchronization

private let turn = Mutex(())

/// Runs a body that uses HDF5 while no other test does: the library wants one thread at a time, and
/// tests run side by side.
package func usingHDF5<Result: ~Copyable, Failure>(
  _ body: () throws(Failure) -> sending Result
) throws(Failure) -> sending Result {
  try turn.withLock { _ throws(Failure) in try body() }
}
