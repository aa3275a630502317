internal import CLinux
internal import CMPI
package import Diagnostics
internal import Glibc
internal import Processes

/// A group of processes that communicate over MPI.
///
/// All methods are collective unless documented otherwise: all ranks call them in the same order.
/// Only the thread that called `start` may call them. Without a launcher the group has one rank:
/// MPI is not initialised, and collectives do nothing.
@safe package final class Communicator {
  package let rank: Int
  package let size: Int
  /// The host of each rank.
  package private(set) var hosts: [String]
  /// The number of ranks on this host, and the index of this rank among them.
  package private(set) var localSize = 1
  package private(set) var localRank = 0
  /// This rank's share of the cores of its host, rounded down; at least 1.
  package private(set) var cores = 1

  /// The training step, for messages about a rank that does not respond.
  package var step = 0
  /// Whether there is a checkpoint, so that these messages advise to resume.
  package var hasCheckpoint = false
  /// How long to wait for another rank.
  package var timeout: Duration

  /// The largest message; MPI counts bytes in an `Int32`.
  package var pieceBytes = 1 << 30
  var requests: [MPI_Request?] = unsafe []
  /// Whether the ranks of this host outnumber its cores.
  package private(set) var isOversubscribed = false
  /// A duplicate of `MPI_COMM_WORLD` for collectives; the roll call uses `MPI_COMM_WORLD` itself.
  private(set) var group: MPI_Comm?
  /// The thread that initialised MPI, the only one that may call it.
  let thread = pthread_self()
  /// The last failure that all ranks know of.
  var commonFailure: Failure?

  package var host: String { hosts[rank] }

  /// Joins the group of processes that the launcher started; without a launcher, a group of one.
  ///
  /// The corresponding MPI function is `MPI_Init_thread`.
  package static func start(timeout: Duration = .seconds(60)) throws(Failure) -> Communicator {
    let launcher = Launcher()
    guard launcher.startsMPI else {
      do throws(Failure) { try launcher.checkSize(1) } catch { throw ofFirstTask(error, launcher) }
      return try unsafe Communicator(rank: 0, size: 1, group: nil, timeout: timeout)
    }
    try dieWithLauncher()
    let needed = Int32(MPI_THREAD_FUNNELED)
    var provided: Int32 = 0
    // The call waits for all ranks. Higher ranks get more time, so that only one prints the
    // message.
    try Watchdog.run(
      within: timeout + .seconds(2 * min(launcher.task, 10)),
      message: "rank \(launcher.task): MPI_Init_thread has not returned for "
        + "\(timeout.components.seconds) s: not all of the \(launcher.tasks) ranks have started "
        + "nn-dist; check what the launcher started for the others, or raise --timeout if they are "
        + "only slow"
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

  /// Returns a group of this process alone.
  ///
  /// The corresponding MPI constant is `MPI_COMM_SELF`.
  package static func alone() throws(Failure) -> Communicator {
    try unsafe Communicator(rank: 0, size: 1, group: nil, timeout: .seconds(60))
  }

  /// Returns the failure on the first task; other tasks exit with its code without a message.
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
      // MPI writes the handle when the request completes, so its address must not change.
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
    try exchangePlacements()
  }

  /// Exchanges hosts and affinity masks, and computes this rank's share of cores.
  private func exchangePlacements() throws(Failure) {
    let own = Placement.current()
    let records = try allGather(
      own.bytes, counts: Array(repeating: Placement.byteCount, count: size), in: .start)
    let placements = records.map { Placement(bytes: $0) }
    hosts = placements.map(\.host)
    localSize = hosts.count { $0 == own.host }
    localRank = hosts[..<rank].count { $0 == own.host }
    // 1/3 + 1/3 + 1/3 must round down to 1.
    let share =
      Placement.coreShare(of: rank, in: placements, quota: Placement.quota()) + 1e-9
    cores = max(1, Int(share))
    isOversubscribed = share < 1
  }

  /// Leaves the group; no other method may be called afterwards.
  ///
  /// The corresponding MPI function is `MPI_Finalize`.
  package func finish() throws(Failure) {
    guard unsafe group != nil else { return }
    try barrier(.finish)
    unsafe group = nil
    try Watchdog.run(
      within: timeout,
      message: "\(describe(rank)): MPI_Finalize has not returned for "
        + "\(timeout.components.seconds) s; the work was done"
    ) { () throws(Failure) in try checkMPI(MPI_Finalize(), "MPI_Finalize") }
  }

  /// Lets the kernel kill this process when its launcher ends.
  ///
  /// The corresponding C function is `prctl` with `PR_SET_PDEATHSIG`.
  private static func dieWithLauncher() throws(Failure) {
    let launcher = getppid()
    guard linux_die_with_parent() == 0 else {
      throw Failure(.internalError, "prctl(PR_SET_PDEATHSIG) failed with errno \(errno)")
    }
    // The launcher may have ended before the call.
    if getppid() != launcher { endProcess(.internalError) }
  }
}

/// Throws a failure with MPI's error text unless the status is `MPI_SUCCESS`.
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
