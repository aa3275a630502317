import Foundation
import Reports
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A console whose output a test reads: a pipe, or a terminal of a given width.
final class Screen {
  let console: Console
  private var input: Int32
  private let output: Int32

  /// A pipe.
  init() throws {
    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    (input, output) = (ends[0], ends[1])
    console = Console(descriptor: output) { _ in nil }
  }

  /// A terminal that passes what is written to it on unchanged.
  init(columns: UInt16, environment: [String: String] = [:]) throws {
    input = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
    try #require(input >= 0)
    var locked: Int32 = 0
    var number: UInt32 = 0
    let (setLock, getNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))
    try #require(unsafe ioctl(input, setLock, &locked) == 0)
    try #require(unsafe ioctl(input, getNumber, &number) == 0)
    output = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(output >= 0)
    var modes = termios()
    unsafe tcgetattr(output, &modes)
    unsafe cfmakeraw(&modes)
    unsafe tcsetattr(output, TCSANOW, &modes)
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    try #require(unsafe ioctl(output, UInt(TIOCSWINSZ), &size) == 0)
    console = Console(descriptor: output) { environment[$0] }
  }

  deinit {
    closeReader()
    close(output)
  }

  /// What was written since the last call.
  func text() -> String {
    var waiting = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
    var bytes: [UInt8] = []
    while unsafe poll(&waiting, 1, 0) == 1 {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = unsafe read(input, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Ends the reading side.
  func closeReader() {
    if input >= 0 { close(input) }
    input = -1
  }
}
