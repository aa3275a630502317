package import Checkpoints
package import Communication
package import Diagnostics

extension Communicator {
  /// Calls `body` on all ranks with the checkpoint that rank 0 finds at a path.
  ///
  /// Starts again if a running training removes the checkpoint while `body` reads it. Collective.
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
        // Ranks can start again only together.
        guard isKnownToAll(error), try broadcast([own?.wasRemoved == true ? 1 : 0]) == [1] else {
          throw error
        }
      }
    }
  }
}
