package import Diagnostics
internal import Glibc

/// Writes a text so that a reader, and a machine that loses power, finds the old or the new one.
package func writeAtomically(_ text: String, to path: String) throws(Failure) {
  let temporary = TemporaryFile(for: path)
  try temporary.write(text)
  try temporary.synchronize()
  try temporary.rename(to: path)
  try synchronizeDirectory(directoryName(path))
}

/// A file beside the one it is going to become; what is left of it is removed.
package struct TemporaryFile: ~Copyable {
  package let path: String

  /// What the names of all temporary files of this program end in, before the process number.
  private static let mark = ".nn-dist-"

  package init(for path: String) {
    self.path = "\(directoryName(path))/.\(baseName(path))\(Self.mark)\(getpid())"
  }

  deinit {
    // A library may hold the file open after an error: give its space back all the same.
    if let file = try? Descriptor(path, O_WRONLY, "remove") { _ = ftruncate(file.number, 0) }
    _ = unsafe unlink(path.cPath)
  }

  package func write(_ text: String) throws(Failure) {
    let file = try Descriptor(
      path, O_WRONLY | O_CREAT | O_EXCL, "create", otherwise: .cannotCreate)
    try file.write(text)
  }

  package func synchronize() throws(Failure) {
    try Descriptor(path, O_RDONLY, "open").synchronize()
  }

  /// Gives the file its name, in the place of another regular file if there is one.
  package borrowing func rename(to name: String) throws(Failure) {
    try checkReplaceable(name)
    guard unsafe Glibc.rename(path.cPath, name.cPath) == 0 else {
      throw systemFailure("create", name, otherwise: .cannotCreate)
    }
  }

  /// Removes what dead processes left in a directory, and nothing that others made.
  package static func removeStale(in directory: String) throws(Failure) {
    for name in try fileNames(in: directory) where name.hasPrefix(".") {
      guard let mark = name.firstRange(of: mark), let process = pid_t(name[mark.upperBound...])
      else { continue }
      // A process number of our own is that of a process before us.
      if process == getpid() || (kill(process, 0) != 0 && errno == ESRCH) {
        _ = unsafe unlink("\(directory)/\(name)".cPath)
      }
    }
  }
}
