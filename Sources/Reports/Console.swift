package import Diagnostics
internal import Glibc

/// A stream of text to a person: a terminal, a file, a pipe, or nobody.
///
/// A console is used by one thread. The caller ignores SIGPIPE; a reader who has gone away then
/// silences the console.
package final class Console {
  /// Whether a line can be drawn over, which is what a terminal is for.
  package let isTerminal: Bool
  /// Whether text may carry colours.
  package let hasColor: Bool
  /// What went wrong while writing; a reader who has gone away is no failure.
  package private(set) var failure: Failure?

  private let descriptor: Int32
  private let fixedWidth: Int?
  private var isOpen: Bool
  private var showsStatus = false

  /// The console of ranks that have nothing to say.
  package static var silent: Console { Console(nowhere: ()) }

  /// Where answers and progress go.
  package static var standardOutput: Console { Console(descriptor: STDOUT_FILENO) }

  /// Where failures go.
  package static var standardError: Console { Console(descriptor: STDERR_FILENO) }

  /// A console on an open descriptor, which stays the caller's.
  ///
  /// A terminal without a width is none: `mpirun` gives its processes one even where their output
  /// ends in a file, and then leaves it without a size.
  package init(descriptor: Int32, environment: (String) -> String? = variable) {
    self.descriptor = descriptor
    isOpen = true
    isTerminal =
      isatty(descriptor) == 1 && columns(of: descriptor) != nil && environment("TERM") != "dumb"
    hasColor = isTerminal && (environment("NO_COLOR") ?? "").isEmpty
    fixedWidth = environment("COLUMNS").flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
  }

  private init(nowhere: ()) {
    descriptor = -1
    isOpen = false
    isTerminal = false
    hasColor = false
    fixedWidth = nil
  }

  /// The value of a variable of the process's environment.
  package static func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  /// The columns of a line at this moment, for windows change: `COLUMNS`, the terminal's, or 80.
  package var width: Int { fixedWidth ?? columns(of: descriptor) ?? 80 }

  /// Writes a line, in place of the status if one is shown; what would break the line is escaped.
  package func print(_ line: String) { print(fields: [line]) }

  /// Writes a line of fields with tabs between them.
  package func print(fields: [String]) {
    let line = fields.map(\.printable).joined(separator: "\t")
    write("\(showsStatus ? Self.erasure : "")\(line)\n")
    showsStatus = false
  }

  /// Writes a text of several lines.
  package func print(text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      print(String(line))
    }
  }

  /// Shows a passing line, in place of the one before; on a terminal only.
  package func show(status: String) {
    guard isTerminal else { return }
    write("\r\(status)\u{1b}[K")
    showsStatus = true
  }

  /// Takes the passing line away.
  package func clearStatus() {
    guard showsStatus else { return }
    write(Self.erasure)
    showsStatus = false
  }

  private static let erasure = "\r\u{1b}[K"

  private func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var start = 0
      while isOpen, start < bytes.count {
        let rest = unsafe UnsafeRawBufferPointer(bytes)[start...]
        let count = unsafe Glibc.write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count > 0 { start += count } else { recover(from: errno) }
      }
    }
  }

  /// Waits where a write is to be tried again, and closes the console where it is not.
  private func recover(from error: Int32) {
    switch error {
    case EINTR: break
    case EAGAIN:
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = unsafe poll(&request, 1, -1)
    case EPIPE: isOpen = false
    default:
      isOpen = false
      let stream = descriptor == STDERR_FILENO ? "standard error" : "standard output"
      failure = Failure(.inputOutput, unsafe "\(stream): \(String(cString: strerror(error)))")
    }
  }
}

/// The width of a terminal, if it has one.
private func columns(of descriptor: Int32) -> Int? {
  var size = winsize()
  guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}

extension Console {
  /// A colour or weight of text, by its number in a terminal's control sequences.
  package enum Style: Int, Sendable {
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
  }

  /// The text in a style, where the console has any.
  package func styled(_ text: String, _ style: Style) -> String {
    hasColor && !text.isEmpty ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
  }
}
