internal import Diagnostics
internal import Files
internal import Glibc

/// The lock of a run directory, held until the process ends, however it ends.
struct RunLock: ~Copyable {
  private let file: Descriptor
  let place: RunPlace
  /// Who held the lock and died with it, nil if the last one left in order.
  let previousOwner: String?

  init(in directory: String) throws(Failure) {
    let path = "\(directory)/.lock"
    let file = try Descriptor(path, O_RDWR | O_CREAT, "create", otherwise: .cannotCreate)
    let locked = flock(file.number, LOCK_EX | LOCK_NB)
    let number = errno
    let owner = Self.owner(in: path)
    let place = RunPlace(directory, lockedBy: file)
    // Another start may have moved the directory away in between.
    guard locked == 0, place.isThere else {
      if locked == 0 { _ = flock(file.number, LOCK_UN) }
      if locked == 0 || number == EWOULDBLOCK { throw Self.isHeld(directory, by: owner) }
      throw Failure(
        .cannotCreate,
        "cannot lock '\(directory)': \(unsafe String(cString: strerror(number))); use --run DIR")
    }
    _ = ftruncate(file.number, 0)
    try file.write("pid \(getpid()) on host \(hostName())\n")
    previousOwner = owner
    self.place = place
    self.file = file
  }

  /// Refuses a directory whose lock is held; takes it only for a moment, and only if there is one.
  static func check(in directory: String) throws(Failure) {
    let path = "\(directory)/.lock"
    guard fileStatus(path) != nil else { return }
    let file = try Descriptor(path, O_RDONLY, "read")
    let locked = flock(file.number, LOCK_SH | LOCK_NB)
    if locked != 0, errno == EWOULDBLOCK { throw isHeld(directory, by: owner(in: path)) }
    if locked == 0 { _ = flock(file.number, LOCK_UN) }
  }

  /// Who wrote into the lock last, unless that one left in order.
  private static func owner(in path: String) -> String? {
    (try? readText(path))?.split(separator: "\n").first.map(String.init)
  }

  private static func isHeld(_ directory: String, by owner: String?) -> Failure {
    Failure(
      .cannotCreate,
      "'\(directory)' is locked by \(owner ?? "another process"); wait for it or use --run DIR")
  }

  deinit {
    // The file stays: removing it would let two processes lock two files of the same name.
    _ = ftruncate(file.number, 0)
    // Closing alone leaves it to a process that was forked meanwhile, until that runs its program.
    _ = flock(file.number, LOCK_UN)
  }
}

private func hostName() -> String {
  var name = Array(repeating: CChar(0), count: 256)
  guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
