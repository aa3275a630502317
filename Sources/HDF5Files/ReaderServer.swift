internal import CLinux
internal import CSockets
internal import Diagnostics
internal import Glibc
internal import Processes

/// The fork server: forks a process for each file, which reads only that file.
///
/// It has one thread, so `fork` is safe, and reads no file itself, so no file can crash it.
enum ReaderServer {
  static func serve() -> Never {
    prepareLibrary()
    var files = [Int32](repeating: -1, count: Int(sockets_file_limit))
    var words = [0, 0]
    let own = getpid()
    while unsafe sockets_receive_files(STDIN_FILENO, &words, 16, &files) == 16 {
      var answer = 0
      switch ReaderProcess.Order(rawValue: words[0]) {
      case .open:
        let process = linux_fork()
        if process == 0 { FileServer.serve(files, for: own) }
        answer = process > 0 ? Int(process) : -Int(errno)
      case .end:
        var status = Int32()
        let process = pid_t(truncatingIfNeeded: words[1])
        if process > 1 {
          kill(process, SIGKILL)
          _ = unsafe waitpid(process, &status, 0)
        }
        answer = Int(status)
      case nil: _exit(ExitCode.internalError.rawValue)
      }
      for file in files where file >= 0 { close(file) }
      unsafe sockets_send_files(STDIN_FILENO, &answer, 8, files, 0)
    }
    _exit(ExitCode.done.rawValue)
  }
}

/// Answers requests about one file until the socket closes.
enum FileServer {
  /// Numbers are passed through shared memory with two halves: one is filled while the other is
  /// copied.
  static let halfBytes = ElementReader.partBytes
  static let windowBytes = 2 * halfBytes

  /// The limit of processor time for an answer, or for a part of a dataset.
  static let secondsLimit = 20
  /// Enough for the largest chunk, compressed and not, and the buffers of two datasets.
  private static let memoryLimit = rlim_t(1 << 31)

  /// Runs the server; `files` are the shared memory and the socket.
  static func serve(_ files: [Int32], for parent: pid_t) -> Never {
    // If the library loops, the process does not see that the socket closes.
    guard linux_die_with_parent() == 0, getppid() == parent else { _exit(1) }
    limitResources()
    dup2(files[1], STDIN_FILENO)
    close(files[1])
    let window = unsafe mmap(
      nil, windowBytes, PROT_READ | PROT_WRITE, MAP_SHARED, files[0], 0)
    guard let window = unsafe window, unsafe window != MAP_FAILED else { _exit(1) }
    do {
      try unsafe serve(Channel(STDIN_FILENO), window)
    } catch { _exit(0) }
  }

  private static func serve(
    _ channel: Channel, _ window: UnsafeMutableRawPointer
  ) throws -> Never {
    var packet = try channel.receive()
    let (path, location) = (try String(from: &packet), try String(from: &packet))
    let size = try Int(from: &packet)
    let handler: RequestHandler
    do throws(Failure) {
      renewTime()
      handler = RequestHandler(try HDF5File(opening: location, named: path, size: size))
    } catch {
      try channel.send(Packet(Reply.failure(error)))
      _exit(0)
    }
    try channel.send(Packet(Reply.value(Packet())))
    while true {
      var packet = try channel.receive()
      let request = try Request(from: &packet)
      renewTime()
      let reply: Reply
      do {
        reply = .value(
          [.read, .readRows].contains(request.kind)
            ? try unsafe send(request, handler, channel, window) : try handler.answer(request))
      } catch let failure as Failure { reply = .failure(failure) }
      try channel.send(Packet(reply))
    }
  }

  /// Sends numbers part by part; a part of 0 bytes is the end.
  private static func send(
    _ request: Request, _ handler: RequestHandler, _ channel: Channel,
    _ window: UnsafeMutableRawPointer
  ) throws -> Packet {
    var (filled, emptied) = (0, 0)
    func awaitEmptying() throws(Failure) {
      guard (try? channel.receive(1)) != nil else { _exit(0) }
      emptied += 1
    }
    defer { while emptied < filled { try? awaitEmptying() } }
    try unsafe handler.read(request, partBytes: halfBytes) { () throws(Failure) in
      if filled - emptied == 2 { try awaitEmptying() }
      renewTime()
      return unsafe window + filled % 2 * halfBytes
    } done: { count throws(Failure) in
      filled += 1
      guard (try? channel.send(Packet(Reply.value(Packet(count))))) != nil else { _exit(0) }
    }
    return Packet(0)
  }

  private static func limitResources() {
    limit(__rlimit_resource_t(RLIMIT_DATA.rawValue), to: memoryLimit)
    limit(__rlimit_resource_t(RLIMIT_CORE.rawValue), to: 0)
    // If the host runs out of memory, the kernel kills this process first.
    let file = unsafe open("/proc/self/oom_score_adj", O_WRONLY)
    _ = unsafe write(file, "1000", 4)
    close(file)
  }

  private static func renewTime() {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let used = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + 1
    limit(__rlimit_resource_t(RLIMIT_CPU.rawValue), to: rlim_t(used + secondsLimit))
  }

  /// Sets the soft limit of a resource.
  ///
  /// The corresponding C function is `setrlimit`.
  private static func limit(_ resource: __rlimit_resource_t, to value: rlim_t) {
    var limit = rlimit()
    unsafe getrlimit(resource, &limit)
    limit.rlim_cur = min(value, limit.rlim_max)
    unsafe setrlimit(resource, &limit)
  }
}

/// An answer to a request.
enum Reply: Message {
  case value(Packet)
  case failure(Failure)

  func write(to packet: inout Packet) {
    switch self {
    case .value(let value):
      0.write(to: &packet)
      packet.add(contentsOf: value)
    case .failure(let failure):
      Int(failure.code.rawValue).write(to: &packet)
      failure.message.write(to: &packet)
    }
  }

  init(from packet: inout Packet) throws(Packet.Malformed) {
    let code = try Int(from: &packet)
    guard code != 0 else {
      self = .value(packet)
      return
    }
    let message = try String(from: &packet)
    switch ExitCode(rawValue: Int32(truncatingIfNeeded: code)) {
    case .noInput: self = .failure(Failure(.noInput, message))
    // A damaged file can make the library allocate without bound, so this counts as a lack of
    // memory only if this process has a limit itself.
    case .outOfMemory where MemoryLimits.areSet: self = .failure(Failure(.outOfMemory, message))
    // Any other failure means that the file is damaged.
    default: self = .failure(Failure(.badData, message))
    }
  }
}
