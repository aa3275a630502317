internal import Diagnostics
internal import Files
internal import Glibc

/// The lock of a run directory; the kernel releases it when the process ends in any way.
struct RunLock: ~Copyable {
  private let file: FileDescriptor
  let identity: DirectoryIdentity
  /// The process that was killed while it held the lock, nil if the last one exited normally.
  let previousOwner: String?

  init(in directory: String) throws(Failure) {
    let path = "\(directory)/.lock"
    let file = try FileDescriptor(path, O_RDWR | O_CREAT, "create", otherwise: .cannotCreate)
    let locked = flock(file.number, LOCK_EX | LOCK_NB)
    let number = errno
    let owner = Self.owner(in: path)
    let identity = DirectoryIdentity(directory, lockedBy: file)
    // Another process may have renamed the directory in between.
    guard locked == 0, identity.isUnchanged else {
      if locked == 0 { _ = flock(file.number, LOCK_UN) }
      if locked == 0 || number == EWOULDBLOCK { throw Self.isHeld(directory, by: owner) }
      throw Failure(
        .cannotCreate,
        "cannot lock '\(directory)': \(unsafe String(cString: strerror(number))); use --run DIR")
    }
    _ = ftruncate(file.number, 0)
    try file.write("pid \(getpid()) on host \(hostName())\n")
    previousOwner = owner
    self.identity = identity
    self.file = file
  }

  /// Throws if the lock of a directory is held; does not keep it.
  static func check(in directory: String) throws(Failure) {
    let path = "\(directory)/.lock"
    guard fileStatus(path) != nil else { return }
    let file = try FileDescriptor(path, O_RDONLY, "read")
    let locked = flock(file.number, LOCK_SH | LOCK_NB)
    if locked != 0, errno == EWOULDBLOCK { throw isHeld(directory, by: owner(in: path)) }
    if locked == 0 { _ = flock(file.number, LOCK_UN) }
  }

  /// Returns the text of the lock file, which an owner removes when it exits normally.
  private static func owner(in path: String) -> String? {
    (try? readText(path))?.split(separator: "\n").first.map(String.init)
  }

  private static func isHeld(_ directory: String, by owner: String?) -> Failure {
    Failure(
      .cannotCreate,
      "'\(directory)' is locked by \(owner ?? "another process"); wait for it or use --run DIR")
  }

  deinit {
    // The file stays: after removing it, two processes could lock two files of the same name.
    _ = ftruncate(file.number, 0)
    // Closing alone would leave the lock to a forked process until that calls `exec`.
    _ = flock(file.number, LOCK_UN)
  }
}

private func hostName() -> String {
  var name = Array(repeating: CChar(0), count: 256)
  guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
