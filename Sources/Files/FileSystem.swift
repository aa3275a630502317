package import Diagnostics
package import Glibc

/// An open regular file or directory, closed when it goes out of scope.
package struct FileDescriptor: ~Copyable {
  package let number: Int32
  private let path: String

  /// Opens a regular file, or a directory with `O_DIRECTORY`; failures say "cannot `action`".
  ///
  /// Other kinds of files are refused: a FIFO would block, and a device could do anything. A file
  /// to write to must not be a symbolic link. The corresponding C function is `open`.
  package init(
    _ path: String, _ flags: Int32, _ action: String, otherwise code: ExitCode = .inputOutput
  ) throws(Failure) {
    let writes = flags & O_ACCMODE != O_RDONLY
    let number = unsafe open(
      path.cPath, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (writes ? O_NOFOLLOW : 0), 0o644)
    if number < 0 {
      // ENXIO: a FIFO without a reader, a socket, or a device that does not exist.
      let failure =
        errno == ENXIO
        ? Self.isIrregular(path, action, code) : systemFailure(action, path, otherwise: code)
      if writes { try checkReplaceable(path) }
      throw failure
    }
    var status = stat()
    let kind = unsafe fstat(number, &status) == 0 ? status.kind : 0
    guard kind == (flags & O_DIRECTORY == 0 ? S_IFREG : S_IFDIR) else {
      close(number)
      if writes { try checkReplaceable(path) }
      throw Self.isIrregular(path, action, code)
    }
    _ = fcntl(number, F_SETFL, flags)
    self.number = number
    self.path = path
  }

  /// Standard input, whatever kind of file it is.
  ///
  /// The corresponding C function is `dup`.
  package init(standardInput path: String) throws(Failure) {
    let number = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
    guard number >= 0 else { throw systemFailure("read", path, otherwise: .noInput) }
    self.number = number
    self.path = path
  }

  private static func isIrregular(_ path: String, _ action: String, _ code: ExitCode) -> Failure {
    Failure(code, "cannot \(action) '\(path)': it is not a regular file")
  }

  deinit { close(number) }

  package func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }

  /// Writes all bytes.
  ///
  /// The corresponding C function is `write`.
  package func write(_ bytes: [UInt8]) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(number, $0.baseAddress, $0.count)
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw systemFailure("write", path, needing: rest.count)
      }
    }
  }

  /// Flushes the contents to the disk.
  ///
  /// The corresponding C function is `fsync`.
  package func synchronize() throws(Failure) {
    if fsync(number) != 0 { throw systemFailure("write", path) }
  }
}

/// Reads a file in pieces and passes each to `body`.
package func readFile(_ path: String, _ body: (UnsafeRawBufferPointer) -> Void) throws(Failure) {
  let file = try FileDescriptor(path, O_RDONLY, "read", otherwise: .noInput)
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
  defer { unsafe buffer.deallocate() }
  while true {
    let count = unsafe read(file.number, buffer.baseAddress, buffer.count)
    if count == 0 { return }
    if count > 0 {
      unsafe body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    } else if errno != EINTR {
      throw systemFailure("read", path, otherwise: .noInput)
    }
  }
}

/// Returns the text of a file; invalid UTF-8 is replaced.
package func readText(_ path: String) throws(Failure) -> String {
  var bytes: [UInt8] = []
  try unsafe readFile(path) { unsafe bytes.append(contentsOf: $0) }
  return String(decoding: bytes, as: UTF8.self)
}

/// Returns the sorted names in a directory.
package func fileNames(in directory: String) throws(Failure) -> [String] {
  guard let stream = unsafe opendir(directory.cPath) else {
    throw systemFailure("read", directory, otherwise: .noInput)
  }
  defer { unsafe closedir(stream) }
  var names: [String] = []
  while let entry = unsafe readdir(stream) {
    names.append(
      unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(path: $0) }
      })
  }
  // Strings that Unicode treats as equal are ordered by their bytes.
  return names.sorted { $0 == $1 ? $0.utf8.lexicographicallyPrecedes($1.utf8) : $0 < $1 }
}

/// Flushes the entries of a directory to the disk, for example after `rename`.
package func synchronizeDirectory(_ path: String) throws(Failure) {
  try FileDescriptor(path, O_RDONLY | O_DIRECTORY, "open").synchronize()
}

/// Returns the status of a file, following symbolic links; nil if there is none.
///
/// The corresponding C function is `stat`.
package func fileStatus(_ path: String) -> stat? {
  var status = stat()
  return unsafe stat(path.cPath, &status) == 0 ? status : nil
}

/// Throws if there is something else than a regular file at a path: a link, a folder, a device.
package func checkReplaceable(_ path: String) throws(Failure) {
  guard let kind = linkStatus(path)?.kind, kind != S_IFREG else { return }
  let name =
    switch kind {
    case S_IFLNK: "a symbolic link"
    case S_IFDIR: "a folder"
    case S_IFIFO: "a named pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  throw Failure(
    .cannotCreate,
    "cannot write '\(path)': it is \(name), expected a regular file or nothing; remove it or write "
      + "elsewhere")
}

/// Returns the status of a file without following a symbolic link; nil if there is none.
///
/// The corresponding C function is `lstat`.
package func linkStatus(_ path: String) -> stat? {
  var status = stat()
  return unsafe lstat(path.cPath, &status) == 0 ? status : nil
}

extension stat {
  /// One of `S_IFREG`, `S_IFDIR` and so on.
  package var kind: mode_t { st_mode & S_IFMT }
}

package func isDirectory(_ path: String) -> Bool {
  fileStatus(path)?.kind == S_IFDIR
}

package func directoryName(_ path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Returns a path, or its nearest parent that exists.
package func nearestExistingPath(to path: String) -> String {
  var path = path
  while fileStatus(path) == nil, path != "." && path != "/" { path = directoryName(path) }
  return path
}

package func baseName(_ path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
  return String(path[path.utf8.index(after: slash)...])
}

/// Creates a directory and its parents.
package func makeDirectories(_ path: String) throws(Failure) {
  if isDirectory(path) { return }
  let parent = directoryName(path)
  if parent != "/" && parent != "." { try makeDirectories(parent) }
  if unsafe mkdir(path.cPath, 0o755) == 0 { return }
  guard errno == EEXIST else {
    throw systemFailure("create directory", path, otherwise: .cannotCreate)
  }
  if isDirectory(path) { return }
  let problem =
    fileStatus(path) == nil
    ? "it is a link to something that does not exist" : "it is a file, not a directory"
  throw Failure(.cannotCreate, "cannot create directory '\(path)': \(problem)")
}

/// Returns a failure for the system call that has just set `errno`.
///
/// `bytes` is the space that a write needs, for the message of a full disk.
package func systemFailure(
  _ action: String, _ path: String, otherwise code: ExitCode = .inputOutput, needing bytes: Int = 0
) -> Failure {
  let number = errno
  if number == ENOSPC {
    let free = freeBytes(of: directoryName(path)).map { ", \($0.asBytes) free" } ?? ""
    let needed = bytes > 0 ? ": needs \(bytes.asBytes)\(free)" : ""
    return Failure(.inputOutput, "cannot \(action) '\(path)': no space left\(needed)")
  }
  return Failure(
    ExitCode(writing: number, otherwise: code),
    "cannot \(action) '\(path)': \(unsafe String(cString: strerror(number)))")
}
