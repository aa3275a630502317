package import Diagnostics
internal import Glibc

/// Replaces a file so that readers see the old or the new text, also after a power failure.
package func writeAtomically(_ text: String, to path: String) throws(Failure) {
  let temporary = TemporaryFile(for: path)
  try temporary.write(text)
  try temporary.synchronize()
  try temporary.rename(to: path)
  try synchronizeDirectory(directoryName(path))
}

/// A file that is renamed to its final name, or removed when it goes out of scope.
package struct TemporaryFile: ~Copyable {
  package let path: String

  /// The names of temporary files end in this and the process ID.
  private static let mark = ".nn-dist-"

  package init(for path: String) {
    self.path = "\(directoryName(path))/.\(baseName(path))\(Self.mark)\(getpid())"
  }

  deinit {
    // A library may still have the file open after an error: truncating frees the space anyway.
    if let file = try? FileDescriptor(path, O_WRONLY, "remove") { _ = ftruncate(file.number, 0) }
    _ = unsafe unlink(path.cPath)
  }

  package func write(_ text: String) throws(Failure) {
    let file = try FileDescriptor(
      path, O_WRONLY | O_CREAT | O_EXCL, "create", otherwise: .cannotCreate)
    try file.write(text)
  }

  package func synchronize() throws(Failure) {
    try FileDescriptor(path, O_RDONLY, "open").synchronize()
  }

  /// Renames the file; replaces another regular file of that name.
  ///
  /// The corresponding C function is `rename`.
  package borrowing func rename(to name: String) throws(Failure) {
    try checkReplaceable(name)
    guard unsafe Glibc.rename(path.cPath, name.cPath) == 0 else {
      throw systemFailure("create", name, otherwise: .cannotCreate)
    }
  }

  /// Removes the temporary files of dead processes in a directory.
  package static func removeStale(in directory: String) throws(Failure) {
    for name in try fileNames(in: directory) where name.hasPrefix(".") {
      guard let mark = name.firstRange(of: mark), let process = pid_t(name[mark.upperBound...])
      else { continue }
      // A file with our own process ID is that of an earlier process.
      if process == getpid() || (kill(process, 0) != 0 && errno == ESRCH) {
        _ = unsafe unlink("\(directory)/\(name)".cPath)
      }
    }
  }
}
