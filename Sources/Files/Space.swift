package import Diagnostics
internal import Glibc

extension ExitCode {
  /// The exit code for an `errno` of a write.
  package init(writing systemError: Int32, otherwise: ExitCode = .inputOutput) {
    switch systemError {
    case EACCES, EPERM: self = .noPermission
    case ENOSPC, EDQUOT, EIO, EFBIG: self = .inputOutput
    default: self = otherwise
    }
  }
}

/// Returns the bytes free for this user on the file system of an existing path, nil if unknown.
///
/// The corresponding C function is `statvfs`.
package func freeBytes(of path: String) -> Int? {
  var status = statvfs()
  guard unsafe statvfs(path.cPath, &status) == 0, status.f_blocks > 0 else { return nil }
  let (bytes, overflow) = status.f_bavail.multipliedReportingOverflow(by: status.f_frsize)
  return overflow ? nil : Int(clamping: bytes)
}

/// Returns the bytes that a file occupies on the disk.
package func allocatedBytes(of path: String) -> Int {
  fileStatus(path).map { Int($0.st_blocks) * 512 } ?? 0
}
