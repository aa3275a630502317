internal import Diagnostics
internal import Glibc

/// The bytes of a configuration file; never waits on a pipe and never reads more than the limit.
func readText(_ path: String) throws(Failure) -> [UInt8] {
  let file = unsafe open(path.cPath, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard file >= 0 else { throw unreadable(path, errno) }
  defer { close(file) }
  var status = stat()
  guard unsafe fstat(file, &status) == 0 else { throw unreadable(path, errno) }
  guard status.st_mode & S_IFMT == S_IFREG else {
    let what = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "not a regular file"
    throw Failure(.noInput, "cannot read \(path): it is \(what), expected a YAML file")
  }
  guard status.st_size <= YAMLParser.sizeLimit else {
    throw Failure(
      .badConfiguration,
      "\(path): the file has \(status.st_size) bytes: the limit is \(YAMLParser.sizeLimit) (1 MiB)")
  }
  var text = [UInt8](repeating: 0, count: YAMLParser.sizeLimit + 1)
  var count = 0
  while count < text.count {
    let got = unsafe text.withUnsafeMutableBytes { bytes in
      unsafe read(file, bytes.baseAddress.map { unsafe $0 + count }, bytes.count - count)
    }
    if got < 0, errno == EINTR { continue }
    guard got >= 0 else { throw unreadable(path, errno) }
    if got == 0 { break }
    count += got
  }
  return Array(text.prefix(count))
}

private func unreadable(_ path: String, _ error: Int32) -> Failure {
  let reason = unsafe String(cString: strerror(error))
  let code: ExitCode = error == EACCES || error == EPERM ? .noPermission : .noInput
  return Failure(code, "cannot read \(path): \(reason)")
}
