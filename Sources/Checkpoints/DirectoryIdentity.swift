internal import Diagnostics
internal import Files
internal import Glibc

/// Identifies a run directory by its open `.lock`, to detect that it was moved or replaced.
struct DirectoryIdentity: Equatable, Sendable {
  private let path: String
  private let device: dev_t
  private let inode: ino_t

  /// Creates the identity of a directory whose `.lock` is open.
  init(_ path: String, lockedBy file: borrowing FileDescriptor) {
    var status = stat()
    _ = unsafe fstat(file.number, &status)
    self.path = path
    device = status.st_dev
    inode = status.st_ino
  }

  /// Whether the path still leads to the same directory.
  ///
  /// While `.lock` is open, no other file can have its inode.
  var isUnchanged: Bool {
    linkStatus("\(path)/.lock").map { $0.st_dev == device && $0.st_ino == inode } ?? false
  }

  /// Throws if the directory was moved or replaced: the path may belong to another run.
  func check(writing file: String) throws(Failure) {
    guard !isUnchanged else { return }
    throw Failure(
      .inputOutput,
      "cannot write '\(file)': '\(path)' was moved or replaced during this run; continue with "
        + "--resume --run DIR and its new path")
  }
}
