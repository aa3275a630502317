internal import CLinux
internal import CMPI
package import Diagnostics
internal import Glibc
internal import Processes

/// The processes that train together, as seen by one of them.
///
/// Everything here is collective unless it says otherwise: all ranks call it, in the same order.
/// The thread that started the communicator makes all calls. Without a launcher it is a group of
/// one: MPI is not initialised and operations do nothing.
@safe package final class Communicator {
  package let rank: Int
  package let size: Int
  /// The host of each rank.
  package private(set) var hosts: [String]
  /// The number of ranks on this host, and this rank's place among them.
  package private(set) var localSize = 1
  package private(set) var localRank = 0
  /// The whole cores this rank may count on beside the others of its host; at least one.
  package private(set) var cores = 1

  /// The step that messages about a silent rank name.
  package var step = 0
  /// Whether they advise to resume, as far as this rank knows.
  package var hasCheckpoint = false
  /// How long to wait for another rank before giving up on it.
  package var timeout: Duration

  /// Messages are cut into pieces below 2^31 bytes, which MPI counts in an `Int32`.
  package var pieceBytes = 1 << 30
  var requests: [MPI_Request?] = unsafe []
  /// Whether ranks outnumber cores, so that one that waits must let others run.
  package private(set) var isOversubscribed = false
  /// The messages of the operations; the world's communicator is for the roll call.
  private(set) var group: MPI_Comm?
  /// The thread that initialised MPI, the only one that may call it.
  let thread = pthread_self()
  /// The last failure that all ranks know of.
  var agreedFailure: Failure?

  package var host: String { hosts[rank] }

  /// Joins the group that the launcher started, or makes a group of one.
  package static func start(timeout: Duration = .seconds(60)) throws(Failure) -> Communicator {
    let launcher = Launcher { name in
      unsafe getenv(name).map { value in unsafe String(cString: value) }
    }
    guard launcher.startsMPI else {
      do throws(Failure) { try launcher.checkSize(1) } catch { throw ofFirstTask(error, launcher) }
      return try unsafe Communicator(rank: 0, size: 1, group: nil, timeout: timeout)
    }
    try dieWithLauncher()
    let needed = Int32(MPI_THREAD_FUNNELED)
    var provided: Int32 = 0
    // It waits for all ranks. The first that sees it in vain speaks, and the launcher ends the others.
    try Watchdog.guarding(
      timeout + .seconds(2 * min(launcher.task, 10)),
      saying: "rank \(launcher.task): MPI_Init_thread has not returned for "
        + "\(timeout.components.seconds) s: not all of the \(launcher.tasks) ranks have started "
        + "nn-dist; look at what the launcher started on the others, and allow more with --timeout if "
        + "they are only slow"
    ) { () throws(Failure) in
      try unsafe checkMPI(MPI_Init_thread(nil, nil, needed, &provided), "MPI_Init_thread")
    }
    guard provided >= needed else {
      throw Failure(
        .internalError, "MPI offers thread level \(provided); MPI_THREAD_FUNNELED is needed")
    }
    let world = unsafe MPI_COMM_WORLD
    try unsafe checkMPI(
      MPI_Comm_set_errhandler(world, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler")
    var rank: Int32 = 0
    var size: Int32 = 0
    try unsafe checkMPI(MPI_Comm_rank(world, &rank), "MPI_Comm_rank")
    try unsafe checkMPI(MPI_Comm_size(world, &size), "MPI_Comm_size")
    do throws(Failure) {
      try launcher.checkSize(Int(size))
    } catch {
      _ = MPI_Finalize()
      throw ofFirstTask(error, launcher)
    }
    return try unsafe Communicator(
      rank: Int(rank), size: Int(size), group: world, timeout: timeout)
  }

  /// A group of this process alone, beside the one that it is in.
  package static func alone() throws(Failure) -> Communicator {
    try unsafe Communicator(rank: 0, size: 1, group: nil, timeout: .seconds(60))
  }

  /// A failure that all tasks of a job find, each for itself: one tells.
  private static func ofFirstTask(_ failure: Failure, _ launcher: Launcher) -> Failure {
    if launcher.task > 0 { endProcess(failure.code) }
    return failure
  }

  private init(rank: Int, size: Int, group: MPI_Comm?, timeout: Duration) throws(Failure) {
    self.rank = rank
    self.size = size
    self.timeout = timeout
    unsafe self.group = group
    hosts = (0..<size).map { "\($0)" }
    if size > 1, let world = unsafe group {
      // The handle is written when the request completes, so it must stay in place until then.
      let copy = UnsafeMutablePointer<MPI_Comm?>.allocate(capacity: 1)
      unsafe copy.initialize(to: nil)
      defer { unsafe copy.deallocate() }
      var request: MPI_Request?
      try unsafe checkMPI(MPI_Comm_idup(world, copy, &request), "MPI_Comm_idup")
      unsafe requests.append(request)
      try wait(for: .start)
      unsafe self.group = copy.pointee
      try unsafe checkMPI(
        MPI_Comm_set_errhandler(self.group, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler")
    }
    try place()
  }

  /// Tells the ranks where each of them runs.
  private func place() throws(Failure) {
    let own = Placement.current()
    let records = try collect(
      own.bytes, counts: Array(repeating: Placement.byteCount, count: size), in: .start)
    let placements = records.map { Placement(bytes: $0) }
    hosts = placements.map(\.host)
    localSize = hosts.count { $0 == own.host }
    localRank = hosts[..<rank].count { $0 == own.host }
    // A third of a core three times is a core.
    let share =
      Placement.coreShare(of: rank, in: placements, quota: Placement.quota()) + 1e-9
    cores = max(1, Int(share))
    isOversubscribed = share < 1
  }

  /// Leaves the group when all are ready to; nothing may be called afterwards.
  package func finish() throws(Failure) {
    guard unsafe group != nil else { return }
    try barrier(.finish)
    unsafe group = nil
    try Watchdog.guarding(
      timeout,
      saying: "\(named(rank)): MPI_Finalize has not returned for "
        + "\(timeout.components.seconds) s; the work was done"
    ) { () throws(Failure) in try checkMPI(MPI_Finalize(), "MPI_Finalize") }
  }

  /// Has the kernel end this process with its launcher, which would otherwise leave it behind.
  private static func dieWithLauncher() throws(Failure) {
    let launcher = getppid()
    guard linux_die_with_parent() == 0 else {
      throw Failure(.internalError, "prctl(PR_SET_PDEATHSIG) failed with errno \(errno)")
    }
    // It may have ended before the call.
    if getppid() != launcher { endProcess(.internalError) }
  }
}

/// Turns MPI's status into a failure that carries its text.
func checkMPI(_ status: Int32, _ call: @autoclosure () -> String) throws(Failure) {
  guard status != MPI_SUCCESS else { return }
  var text = [UInt8](repeating: 0, count: Int(MPI_MAX_ERROR_STRING) + 1)
  var length: Int32 = 0
  unsafe text.withUnsafeMutableBytes { bytes in
    _ = unsafe MPI_Error_string(
      status, bytes.bindMemory(to: CChar.self).baseAddress, &length)
  }
  let reason = String(decoding: text.prefix(Int(max(0, length))), as: UTF8.self)
  throw Failure(.internalError, "\(call()) failed: \(reason)")
}
