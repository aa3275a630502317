internal import Diagnostics
internal import Files
internal import Glibc

/// A file of events that records are appended to.
final class EventFile {
  private let file: FileDescriptor

  /// Opens a file, or makes a new one.
  init(_ path: String, time: Double) throws(Failure) {
    file = try FileDescriptor(
      path, O_WRONLY | O_CREAT | O_APPEND, "create", otherwise: .cannotCreate)
    if fileStatus(path)?.st_size == 0 { try append(.version(time: time)) }
  }

  /// Appends an event, with one write: a process that is killed leaves it whole or not at all.
  func append(_ event: Event) throws(Failure) {
    try file.write(Record.framed(event.message.bytes))
  }

  /// Makes a file end after a step, if there is one.
  ///
  /// Events of later steps, those about the session, and what is damaged at the end go.
  static func cut(_ path: String, after step: Int) throws(Failure) {
    guard fileStatus(path) != nil, try !isAsNeeded(path, after: step) else { return }
    let temporary = TemporaryFile(for: path)
    let copy = try FileDescriptor(
      temporary.path, O_WRONLY | O_CREAT | O_EXCL, "create", otherwise: .cannotCreate)
    var reader = try RecordReader(path)
    while let contents = try reader.next() {
      if EventOutline(contents).stays(after: step) { try copy.write(Record.framed(contents)) }
    }
    try copy.synchronize()
    try temporary.rename(to: path)
  }

  /// Whether nothing must go.
  private static func isAsNeeded(_ path: String, after step: Int) throws(Failure) -> Bool {
    var reader = try RecordReader(path)
    while let contents = try reader.next() {
      if !EventOutline(contents).stays(after: step) { return false }
    }
    return reader.isAtEnd
  }
}
