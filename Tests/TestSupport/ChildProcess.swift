package import Foundation

/// A program under test, in a process group of its own and never without a deadline.
///
/// Whoever inherits its output keeps it running in this sense: a program that has left processes
/// behind has not ended. Waiting costs no processor time.
package final class ChildProcess {
  /// What is left of a program that ended.
  package struct Ending: Sendable {
    /// As in a shell: the exit status, or 128 and the number of the signal.
    package let status: Int32
    package let output: String
    package let errors: String
    /// Whether the deadline passed and the process group was killed.
    package let timedOut: Bool

    package var errorLines: [Substring] { errors.split(separator: "\n") }
  }

  package let identifier: pid_t
  private let deadline: ContinuousClock.Instant
  /// The reading ends of the program's standard output and standard error.
  private let pipes: [FileHandle]
  private var texts = [Data(), Data()]
  private var isOpen = [true, true]
  private var timedOut = false
  private let exit: Exit

  /// Starts a program, found in `PATH` if it has no slash, with exactly this environment.
  package init(
    _ command: [String], in directory: String, environment: [String: String],
    limit: Duration = .seconds(60)
  ) throws {
    let (identifier, pipes) = try Spawn.start(command, directory, environment)
    self.identifier = identifier
    self.pipes = pipes
    deadline = .now + limit
    let exit = Exit()
    self.exit = exit
    Thread.detachNewThread { exit.await(identifier) }
  }

  deinit { kill() }

  package func send(_ signal: Int32) { _ = Foundation.kill(identifier, signal) }

  private func kill() { _ = Foundation.kill(-identifier, SIGKILL) }

  /// Waits until the standard output holds a text; false if the program ends without it.
  package func waits(for text: String) -> Bool {
    while !String(decoding: texts[0], as: UTF8.self).contains(text) {
      guard isOpen[0], read() else { return false }
    }
    return true
  }

  /// Waits until the program and all that share its output have ended.
  package func wait() -> Ending {
    while isOpen.contains(true), read() {}
    var status = exit.status(before: deadline)
    if status == nil {
      timedOut = true
      kill()
      status = exit.status(before: .now + .seconds(10))
    }
    return Ending(
      status: status ?? -1, output: String(decoding: texts[0], as: UTF8.self),
      errors: String(decoding: texts[1], as: UTF8.self), timedOut: timedOut)
  }

  /// Takes what has been written, or waits for it; false when the deadline has passed.
  private func read() -> Bool {
    // Poll leaves descriptors below zero alone.
    var polled = zip(pipes, isOpen).map { pipe, isOpen in
      pollfd(fd: isOpen ? pipe.fileDescriptor : -1, events: Int16(POLLIN), revents: 0)
    }
    let left = deadline - .now
    let milliseconds = max(0, left.components.seconds * 1000 + 1)
    guard unsafe poll(&polled, 2, Int32(milliseconds)) > 0 else {
      if errno == EINTR, left > .zero { return true }
      timedOut = true
      kill()
      isOpen = [false, false]
      return false
    }
    for i in polled.indices where polled[i].revents != 0 {
      let data = pipes[i].availableData
      if data.isEmpty { isOpen[i] = false } else { texts[i].append(data) }
    }
    return true
  }
}

/// The status of a process, which a thread waits for.
private final class Exit: @unchecked Sendable {
  private let condition = NSCondition()
  private var status: Int32?

  func await(_ process: pid_t) {
    var word: Int32 = 0
    while unsafe waitpid(process, &word, 0) < 0, errno == EINTR {}
    let signal = word & 0x7f
    condition.withLock { status = signal == 0 ? word >> 8 & 0xff : 128 + signal }
    condition.broadcast()
  }

  func status(before deadline: ContinuousClock.Instant) -> Int32? {
    condition.withLock {
      while status == nil {
        let left = deadline - .now
        guard left > .zero else { return nil }
        _ = condition.wait(until: Date(timeIntervalSinceNow: left / .seconds(1)))
      }
      return status
    }
  }
}

private enum Spawn {
  /// One at a time: a child must not inherit the pipes of another.
  private static let lock = NSLock()

  static func start(
    _ command: [String], _ directory: String, _ environment: [String: String]
  ) throws -> (pid_t, [FileHandle]) {
    try lock.withLock {
      let (output, errors) = (Pipe(), Pipe())
      for pipe in [output, errors] {
        for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
          guard fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw POSIXError(.EBADF)
          }
        }
      }
      let identifier = try spawn(
        ["env", "-C", directory] + command, environment,
        output.fileHandleForWriting.fileDescriptor, errors.fileHandleForWriting.fileDescriptor)
      try output.fileHandleForWriting.close()
      try errors.fileHandleForWriting.close()
      return (identifier, [output.fileHandleForReading, errors.fileHandleForReading])
    }
  }

  private static func spawn(
    _ command: [String], _ environment: [String: String], _ output: Int32, _ errors: Int32
  ) throws -> pid_t {
    var files = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&files)
    defer { unsafe posix_spawn_file_actions_destroy(&files) }
    unsafe posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&files, output, 1)
    unsafe posix_spawn_file_actions_adddup2(&files, errors, 2)

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // Whatever the test process ignores or blocks, the program starts with a clean slate.
    var (all, none) = (sigset_t(), sigset_t())
    unsafe sigfillset(&all)
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var words = unsafe command.map { unsafe strdup($0) } + [nil]
    var variables =
      unsafe environment.sorted { $0.key < $1.key }
      .map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    defer { unsafe (words + variables).forEach { unsafe free($0) } }
    var identifier = pid_t()
    let status = unsafe posix_spawnp(
      &identifier, "env", &files, &attributes, &words, &variables)
    guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EINVAL) }
    return identifier
  }
}
