internal import CLinux
internal import Diagnostics
internal import Files
internal import Glibc
internal import Processes

/// The client of a process that reads one HDF5 file (`FileServer`).
///
/// The HDF5 library crashes on some files, and loops or exhausts memory on others. Then only that
/// process ends.
@safe final class FileProcess {
  let fileSize: Int
  private let path: String
  private let process: pid_t
  private let channel: Channel
  private let patience: Int
  private let window: UnsafeRawBufferPointer
  /// How the process ended; nil while it runs.
  private var failure: Failure?

  init(opening path: String, patience: Int) throws(Failure) {
    let fileSize = try HDF5Reader.size(of: path)
    try MemoryLimits.require(FileServer.windowBytes, for: "the process that reads '\(path)'")
    let memory = linux_memory_file(FileServer.windowBytes)
    defer { close(memory) }
    let start = unsafe mmap(nil, FileServer.windowBytes, PROT_READ, MAP_SHARED, memory, 0)
    guard let start = unsafe start, unsafe start != MAP_FAILED else {
      throw systemFailure("read", path, otherwise: .outOfMemory)
    }
    do throws(Failure) {
      let (process, socket) = try Self.start(memory, path)
      self.process = process
      // If it blocks on a dead file server, the file watchdog ends this process with a message.
      channel = Channel(socket, patience: patience) { FileWatchdog.isWaitingForFile(process) }
      FileWatchdog.watch(process)
    } catch {
      unsafe munmap(start, FileServer.windowBytes)
      throw error
    }
    unsafe window = UnsafeRawBufferPointer(start: start, count: FileServer.windowBytes)
    self.path = path
    self.patience = patience
    self.fileSize = fileSize
    var packet = Packet(path)
    Self.absolute(path).write(to: &packet)
    fileSize.write(to: &packet)
    _ = try exchange(packet)
  }

  /// Returns the absolute path, since the process may have another working directory.
  ///
  /// Passing a descriptor would not work: the library opens `/proc/self/fd/N` by the name it links
  /// to, and a file that was just replaced has none.
  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let folder = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(folder) }
    return "\(unsafe String(path: folder))/\(path)"
  }

  /// Starts the process; returns its ID and this end of the socket.
  private static func start(
    _ memory: Int32, _ path: String
  ) throws(Failure) -> (pid_t, Int32) {
    var ends: [Int32] = [-1, -1]
    guard
      unsafe socketpair(
        AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    else { throw systemFailure("read", path, otherwise: .internalError) }
    defer { close(ends[1]) }
    do throws(Failure) { return (try ReaderProcess.open([memory, ends[1]]), ends[0]) } catch {
      close(ends[0])
      throw error
    }
  }

  deinit {
    close(channel.socket)
    FileWatchdog.forget(process)
    if failure == nil { _ = try? ReaderProcess.end(process) }
    unsafe munmap(UnsafeMutableRawPointer(mutating: window.baseAddress), window.count)
  }

  func ask(_ request: Request) throws(Failure) -> Packet { try exchange(Packet(request)) }

  /// Reads numbers into memory, which they must fill.
  func fill(_ target: UnsafeMutableRawBufferPointer, _ request: Request) throws(Failure) {
    var (done, parts) = (0, 0)
    var packet = try ask(request)
    while true {
      guard let count = try? Int(from: &packet), 0...FileServer.halfBytes ~= count,
        count <= target.count - done, count > 0 || done == target.count
      else { throw end(after: .malformed) }
      if count == 0 { return }
      let place = parts % 2 * FileServer.halfBytes
      unsafe UnsafeMutableRawBufferPointer(rebasing: target[done..<done + count])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: window[place..<place + count]))
      done += count
      parts += 1
      packet = try exchange(nil, empties: true)
    }
  }

  /// Ends the process after an invalid answer.
  func endMalformed() -> Failure { end(after: .malformed) }

  private let advice = "the file is damaged or hostile"

  /// Sends a request, or acknowledges that a part was copied, and returns the reply.
  private func exchange(_ packet: Packet?, empties: Bool = false) throws(Failure) -> Packet {
    if let failure { throw failure }
    let reply: Reply
    do throws(Channel.Problem) {
      if empties { try channel.send([1]) }
      if let packet { try channel.send(packet) }
      var answer = try channel.receive()
      guard let received = try? Reply(from: &answer) else { throw .malformed }
      reply = received
    } catch { throw end(after: error) }
    switch reply {
    case .value(let value): return value
    case .failure(let failure): throw failure
    }
  }

  /// Ends the process, and returns a failure that describes how it ended.
  private func end(after problem: Channel.Problem) -> Failure {
    let ending: Failure
    do throws(Failure) {
      let status = try ReaderProcess.end(process)
      let signal = status & 0x7f
      let event =
        switch (problem, signal) {
        case (.silent, _): "its reader did not answer for \(patience) s"
        case (.malformed, _): "its reader sent an invalid answer"
        case (_, SIGXCPU):
          "reading it took more than \(FileServer.secondsLimit) s of processor time"
        case (_, SIGKILL): "its reader was killed, perhaps for lack of memory"
        case (_, 0): "its reader ended with status \(status >> 8 & 0xff)"
        default: "the HDF5 library crashed on it (signal \(signal))"
        }
      ending = Failure(.badData, "cannot read '\(path)': \(event); \(advice)")
    } catch { ending = error }
    failure = ending
    return ending
  }
}
