package import Checkpoints
package import Communication
package import Diagnostics

extension Communicator {
  /// Hands the checkpoint that a path means on the first rank to a body on all ranks, and does so again
  /// with another one if a run that goes on has removed it before the body was done.
  ///
  /// Collective.
  package func reading<Result: ~Copyable>(
    _ path: String, _ choice: ResolvedCheckpoint.Choice,
    _ body: (ResolvedCheckpoint) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    while true {
      let own: ResolvedCheckpoint? = try together { () throws(Failure) in
        rank == 0 ? try ResolvedCheckpoint(path, choice) : nil
      }
      let path = try broadcast(own?.path ?? "")
      do throws(Failure) {
        return try body(own ?? ResolvedCheckpoint(at: path))
      } catch {
        // Only together can ranks begin again.
        guard isKnownToAll(error), try broadcast([own?.wasRemoved == true ? 1 : 0]) == [1] else {
          throw error
        }
      }
    }
  }
}
