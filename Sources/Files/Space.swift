package import Diagnostics
internal import Glibc

extension ExitCode {
  /// The status for a system error number met while writing.
  package init(writing systemError: Int32, otherwise: ExitCode = .inputOutput) {
    switch systemError {
    case EACCES, EPERM: self = .noPermission
    case ENOSPC, EDQUOT, EIO, EFBIG: self = .inputOutput
    default: self = otherwise
    }
  }
}

/// The bytes free for this user on the file system of an existing path, nil if it does not say.
package func freeBytes(of path: String) -> Int? {
  var status = statvfs()
  guard unsafe statvfs(path.cPath, &status) == 0, status.f_blocks > 0 else { return nil }
  let (bytes, overflow) = status.f_bavail.multipliedReportingOverflow(by: status.f_frsize)
  return overflow ? nil : Int(clamping: bytes)
}

/// The bytes that a file occupies on its disk.
package func allocatedBytes(of path: String) -> Int {
  var status = stat()
  return unsafe stat(path.cPath, &status) == 0 ? Int(status.st_blocks) * 512 : 0
}
