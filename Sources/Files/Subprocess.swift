package import Diagnostics
internal import Glibc

/// Runs other programs and waits for them.
package enum Subprocess {
  /// How a program failed.
  package struct AbnormalExit: Sendable {
    /// The exit status; 128 plus the signal, as in a shell.
    package let status: Int32
    /// The last line of its output.
    package let message: String
  }

  /// Runs a program found in `PATH`; returns nil if it exits with 0.
  ///
  /// The child does not inherit blocked signals. The corresponding C function is `posix_spawnp`.
  package static func run(_ words: [String]) throws(Failure) -> AbnormalExit? {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
      throw Failure(.internalError, "cannot make a pipe for \(words[0])")
    }
    defer { close(ends[0]) }
    var files = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&files)
    defer { unsafe posix_spawn_file_actions_destroy(&files) }
    unsafe posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&files, ends[1], STDERR_FILENO)
    var arguments = unsafe words.map { unsafe strdup($0.cPath) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var process = pid_t()
    let status = unsafe posix_spawnp(
      &process, words[0].cPath, &files, &attributes, &arguments, environ)
    close(ends[1])
    guard status == 0 else {
      throw Failure(
        .noInput, "cannot run \(words[0]): \(unsafe String(cString: strerror(status))); install it")
    }
    let output = readAll(ends[0])
    var word: Int32 = 0
    while unsafe waitpid(process, &word, 0) < 0, errno == EINTR {}
    guard word != 0 else { return nil }
    let signal = word & 0x7f
    let code = signal == 0 ? word >> 8 & 0xff : 128 + signal
    return AbnormalExit(
      status: code,
      message: output.split(separator: "\n").last.map(String.init)
        ?? "\(words[0]) exited with \(code)")
  }

  private static func readAll(_ descriptor: Int32) -> String {
    var (text, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
    while true {
      let count = unsafe read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return String(path: text) }
      // The end of the output explains a failure, so only that is kept.
      text = Array((text + buffer[..<count]).suffix(buffer.count))
    }
  }
}
