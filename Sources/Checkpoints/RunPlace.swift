internal import Diagnostics
internal import Files
internal import Glibc

/// Where a run writes: the directory whose `.lock` it holds.
struct RunPlace: Equatable, Sendable {
  private let path: String
  private let device: dev_t
  private let inode: ino_t

  /// The place of a run that has its `.lock` open.
  init(_ path: String, lockedBy file: borrowing Descriptor) {
    var status = stat()
    _ = unsafe fstat(file.number, &status)
    self.path = path
    device = status.st_dev
    inode = status.st_ino
  }

  /// Whether the path still leads to the directory; nobody else can have its `.lock` while it is open.
  var isThere: Bool {
    linkStatus("\(path)/.lock").map { $0.st_dev == device && $0.st_ino == inode } ?? false
  }

  /// Refuses to write to a file where the directory was moved away: another run may have its name.
  func check(writing file: String) throws(Failure) {
    guard !isThere else { return }
    throw Failure(
      .inputOutput,
      "cannot write '\(file)': '\(path)' was moved or replaced while this run went on; go on with "
        + "--resume --run DIR where it is now")
  }
}
