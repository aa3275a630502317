internal import Communication
internal import Diagnostics
internal import Execution
internal import Glibc
internal import Processes
internal import Reports

/// The processes that run this program, which mpirun or another launcher started; one without any.
///
/// It is joined when the first network is compiled, and left when the program ends. All ranks run
/// the same program, so all are at the same call; as MPI wants it, calls that train come from one
/// thread.
@safe enum Group {
  /// Joined once; a process that cannot join exits.
  static var world: Communicator { unsafe joined }

  nonisolated(unsafe) private static let joined: Communicator = {
    Engine.prepareEnvironment()
    do throws(Failure) {
      let world = try Communicator.start()
      if world.size > 1 { atexit { Group.leave() } }
      return world
    } catch {
      Console.standardError.print(error.message)
      endProcess(error.code)
    }
  }()

  /// Whether this is rank 0, which prints.
  static var isFirst: Bool { world.rank == 0 }

  /// The number of worker threads of this process.
  static let workers: Int = {
    let wanted = environmentVariable("NN_DIST_WORKERS").flatMap(Int.init)
    return min(max(1, wanted ?? world.cores), 1024)
  }()

  private static func leave() {
    do throws(Failure) { try world.finish() } catch { world.abort(error) }
  }

  /// Prints a failure in one line; if not all ranks have it, the job ends.
  static func report(_ failure: Failure) {
    guard world.isKnownToAll(failure) else { world.abort(failure) }
    if isFirst { tell(failure.message) }
  }

  /// Writes a line to standard error.
  static func tell(_ line: String) { Console.standardError.print("neuron: \(line)") }
}
