internal import CSockets
package import Diagnostics
internal import Glibc
internal import Synchronization

/// The client of the fork server (`ReaderServer`), which forks a process for each HDF5 file.
///
/// The fork server is a second instance of this program, or the program `nn-dist` in the same
/// folder. It does not inherit a launcher's environment variables, and ends when its socket closes.
package enum ReaderProcess {
  /// The hidden command that starts it.
  static let word = "hdf5-reader"

  /// The requests; a message is an order and a process ID.
  enum Order: Int { case open, end }

  /// This end of the socket; nil until the server runs.
  private static let control = Mutex<Int32?>(nil)
  private static let isReader = Atomic<Bool>(false)
  private static let patience = 60

  /// Runs the fork server and exits, if this process was started as one.
  ///
  /// `nn-dist` calls it first. A program that calls it can serve as its own fork server.
  package static func serveIfAsked(_ words: [String]) {
    var kind = Int32()
    var size = socklen_t(MemoryLayout<Int32>.size)
    if words.dropFirst() == [word], unsafe getsockopt(0, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 {
      ReaderServer.serve()
    }
    isReader.store(true, ordering: .relaxed)
  }

  /// Starts the fork server unless it runs.
  ///
  /// Under MPI it must start before `MPI_Init_thread`; otherwise it starts with the first file.
  package static func start() throws(Failure) {
    try control.withLock { socket throws(Failure) in
      if socket == nil { socket = try spawn() }
    }
  }

  /// Forks a process that inherits the open files, and returns its ID.
  static func open(_ files: [Int32]) throws(Failure) -> pid_t {
    try start()
    let process = try ask(.open, 0, files)
    guard process > 0 else {
      throw Failure(
        .outOfMemory,
        "cannot start a process that reads HDF5 files: "
          + "\(unsafe String(cString: strerror(Int32(-process))))")
    }
    return pid_t(process)
  }

  /// Kills a forked process and returns its status, as `waitpid` does.
  static func end(_ process: pid_t) throws(Failure) -> Int32 {
    Int32(truncatingIfNeeded: try ask(.end, Int(process)))
  }

  private static func ask(
    _ order: Order, _ process: Int, _ files: [Int32] = []
  ) throws(Failure) -> Int {
    try control.withLock { socket throws(Failure) in
      guard let socket else { throw ended() }
      var words = [order.rawValue, process]
      guard unsafe sockets_send_files(socket, &words, 16, files, Int32(files.count)) == 0 else {
        throw ended()
      }
      var answer = 0
      for _ in 0..<patience {
        let count = unsafe recv(socket, &answer, 8, 0)
        if count == 8 { return answer }
        guard count < 0, errno == EAGAIN || errno == EINTR else { break }
      }
      throw ended()
    }
  }

  private static func ended() -> Failure {
    Failure(
      .internalError, "the process that reads HDF5 files for this one has ended; start again")
  }

  // MARK: Starting

  private static func spawn() throws(Failure) -> Int32 {
    let program = try program()
    var ends: [Int32] = [-1, -1]
    guard
      unsafe socketpair(
        AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    else { throw systemFailure(errno) }
    _ = Channel(ends[0], patience: patience)
    // Standard input is the socket. No other descriptor is inherited, and output is discarded.
    var files = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&files)
    defer { unsafe posix_spawn_file_actions_destroy(&files) }
    unsafe posix_spawn_file_actions_adddup2(&files, ends[1], STDIN_FILENO)
    unsafe posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    unsafe posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // Block all signals but crashes and SIGXCPU: a terminal's signals are for this process.
    var (blocked, all) = (sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    unsafe sigfillset(&blocked)
    unsafe sigdelset(&blocked, SIGXCPU)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let texts = ["nn-dist", word]
    var words = unsafe texts.map { unsafe strdup($0) } + [nil]
    var variables = unsafe environment().map { unsafe strdup($0.cPath) } + [nil]
    defer { unsafe (words + variables).forEach { unsafe free($0) } }
    var process = pid_t()
    let status = unsafe posix_spawn(
      &process, program.cPath, &files, &attributes, &words, &variables)
    close(ends[1])
    guard status == 0 else {
      close(ends[0])
      throw systemFailure(status)
    }
    return ends[0]
  }

  private static func systemFailure(_ number: Int32) -> Failure {
    Failure(
      .internalError,
      "cannot start the process that reads HDF5 files: "
        + "\(unsafe String(cString: strerror(number)))")
  }

  /// Returns the variables of the dynamic linker and the HDF5 library.
  private static func environment() -> [String] {
    var variables = ["SWIFT_BACKTRACE=enable=no"]
    var place = unsafe environ
    while let text = unsafe place.pointee {
      let variable = unsafe String(path: text)
      if ["LD_", "HDF5_"].contains(where: variable.hasPrefix) { variables.append(variable) }
      unsafe place += 1
    }
    return variables
  }

  private static func program() throws(Failure) -> String {
    let own = "/proc/self/exe"
    if isReader.load(ordering: .relaxed) { return own }
    guard let path = unsafe realpath(own, nil) else { throw systemFailure(errno) }
    defer { unsafe free(path) }
    let name = unsafe String(path: path)
    let program = name[...(name.lastIndex(of: "/") ?? name.startIndex)] + "nn-dist"
    guard unsafe access(String(program).cPath, X_OK) == 0 else {
      throw Failure(
        .noInput,
        "'\(name)' reads HDF5 files through the program nn-dist, expected at '\(program)'; "
          + "put it there"
      )
    }
    return String(program)
  }
}
