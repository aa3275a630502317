internal import Diagnostics
internal import Glibc

/// Another program of the system, run to its end.
enum Program {
  /// Runs a program that is found in `PATH`; nil if it ended well, otherwise what it said.
  static func run(_ words: [String]) throws(Failure) -> String? {
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
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var process = pid_t()
    let status = unsafe posix_spawnp(&process, words[0], &files, nil, &arguments, environ)
    close(ends[1])
    guard status == 0 else {
      throw Failure(
        .noInput, "cannot run \(words[0]): \(unsafe String(cString: strerror(status))); install it")
    }
    let said = readAll(ends[0])
    var word: Int32 = 0
    while unsafe waitpid(process, &word, 0) < 0, errno == EINTR {}
    if word == 0 { return nil }
    return said.split(separator: "\n").last.map(String.init)
      ?? "\(words[0]) ended with \(word >> 8)"
  }

  private static func readAll(_ descriptor: Int32) -> String {
    var (text, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
    while true {
      let count = unsafe read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return String(decoding: text, as: UTF8.self) }
      // What a program says at the end is what went wrong.
      text = Array((text + buffer[..<count]).suffix(buffer.count))
    }
  }
}
