internal import Diagnostics
internal import Files
internal import Glibc

/// The lock of a run directory, held until the process ends, however it ends.
struct RunLock: ~Copyable {
  private let file: Descriptor
  /// Who held the lock and died with it, nil if the last one left in order.
  let previousOwner: String?

  init(in directory: String) throws(Failure) {
    let path = "\(directory)/.lock"
    let file = try Descriptor(path, O_RDWR | O_CREAT, "create", otherwise: .cannotCreate)
    let locked = flock(file.number, LOCK_EX | LOCK_NB)
    let number = errno
    let owner = (try? readText(path))?.split(separator: "\n").first.map(String.init)
    // Another start may have moved the directory away in between.
    var mine = stat()
    let there = fileStatus(path)
    guard locked == 0, unsafe fstat(file.number, &mine) == 0, there?.st_ino == mine.st_ino else {
      if locked == 0 || number == EWOULDBLOCK {
        throw Failure(
          .cannotCreate,
          "'\(directory)' is locked by \(owner ?? "another process"); wait for it or use --run DIR")
      }
      throw Failure(
        .cannotCreate,
        "cannot lock '\(directory)': \(unsafe String(cString: strerror(number))); use --run DIR")
    }
    _ = ftruncate(file.number, 0)
    try file.write("pid \(getpid()) on host \(hostName())\n")
    previousOwner = owner
    self.file = file
  }

  deinit {
    // The file stays: removing it would let two processes lock two files of the same name.
    _ = ftruncate(file.number, 0)
  }
}

private func hostName() -> String {
  var name = Array(repeating: CChar(0), count: 256)
  guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
