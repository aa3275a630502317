package import Diagnostics
internal import Glibc

/// A text output: a terminal, a file, a pipe, or nothing.
///
/// Only one thread may use a console. The program must ignore SIGPIPE; after the reader of a pipe
/// has closed it, the console discards its output.
package final class Console {
  /// Whether a line can be overwritten.
  package let isTerminal: Bool
  /// Whether text may have colours.
  package let hasColor: Bool
  /// Whether the locale has all characters of Unicode.
  package let hasUnicode: Bool
  /// The first error while writing; a closed pipe is not an error.
  package private(set) var failure: Failure?

  private let descriptor: Int32
  private let fixedWidth: Int?
  private let fixedHeight: Int?
  /// Whether lines are printed, and not the status alone.
  private let printsLines: Bool
  /// Whether somebody may read what is written.
  package private(set) var isOpen: Bool
  private var showsStatus = false

  /// A console without output, for ranks other than 0.
  package static var silent: Console { Console(nowhere: ()) }

  /// The console for results and progress.
  package static var standardOutput: Console { Console(descriptor: STDOUT_FILENO) }

  /// The console for failures.
  package static var standardError: Console { Console(descriptor: STDERR_FILENO) }

  /// Creates a console for an open descriptor, which the caller owns.
  ///
  /// A terminal without a width does not count as one: `mpirun` gives its processes a
  /// pseudo-terminal also if its own output is a file, and does not set its size then.
  package init(
    descriptor: Int32, printsLines: Bool = true,
    environment: (String) -> String? = environmentVariable
  ) {
    self.descriptor = descriptor
    self.printsLines = printsLines
    isOpen = true
    isTerminal =
      isatty(descriptor) == 1 && windowSize(of: descriptor) != nil && environment("TERM") != "dumb"
    hasColor = isTerminal && (environment("NO_COLOR") ?? "").isEmpty
    // The first that is set counts; without any the locale is C.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(environment).first { !$0.isEmpty }
    hasUnicode = ["UTF-8", "UTF8"].contains { (locale ?? "").uppercased().contains($0) }
    func size(_ variable: String) -> Int? {
      environment(variable).flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
    }
    fixedWidth = size("COLUMNS")
    fixedHeight = size("LINES")
  }

  private init(nowhere: ()) {
    descriptor = -1
    printsLines = false
    isOpen = false
    isTerminal = false
    hasColor = false
    hasUnicode = false
    fixedWidth = nil
    fixedHeight = nil
  }

  /// The same output for the status line alone.
  package var statusOnly: Console {
    isOpen ? Console(descriptor: descriptor, printsLines: false) : .silent
  }

  /// The current number of columns: from `COLUMNS`, the terminal, or 80.
  package var width: Int { fixedWidth ?? windowSize(of: descriptor)?.columns ?? 80 }

  /// The current number of lines: from `LINES`, the terminal, or 24.
  package var height: Int {
    let rows = windowSize(of: descriptor)?.rows ?? 0
    return fixedHeight ?? (rows > 0 ? rows : 24)
  }

  /// Prints a line, escaped; it replaces the status line.
  package func print(_ line: String) { print(fields: [line]) }

  /// Prints a line of tab-separated fields.
  package func print(fields: [String]) { print(lines: CollectionOfOne(fields)) }

  /// Prints lines of tab-separated fields at once.
  package func print(lines: some Sequence<[String]>) {
    guard printsLines else { return }
    var text = showsStatus ? Self.erasure : ""
    for fields in lines {
      text += fields.map(\.printable).joined(separator: "\t")
      text += "\n"
    }
    write(text)
    showsStatus = false
  }

  /// Prints a line of parts, each escaped and then in its style.
  package func print(parts: [Part]) {
    guard printsLines else { return }
    let line = parts.map { part in
      part.style.map { styled(part.text.printable, $0) } ?? part.text.printable
    }
    write((showsStatus ? Self.erasure : "") + line.joined() + "\n")
    showsStatus = false
  }

  /// Prints a text of several lines.
  package func print(text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      print(String(line))
    }
  }

  /// Prints a part of a text as it is; on a terminal only lines and tabs control it.
  package func print(part text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0).printable }
        .joined(separator: "\t")
    }
    write(isTerminal ? lines.joined(separator: "\n") : text)
  }

  /// Shows or replaces the status line; on a terminal only.
  package func show(status: String) {
    guard isTerminal else { return }
    write("\r\(status)\u{1b}[K")
    showsStatus = true
  }

  /// Erases the status line.
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

  /// Waits if a write must be retried; closes the console after any other error.
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

extension Console {
  /// A colour or weight of text, by its number in a terminal's control sequences.
  package enum Style: Int, Sendable {
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33
    case magenta = 35
    case cyan = 36
    case brightBlue = 94
  }

  /// A part of a line, and how it looks where there are colours.
  package struct Part: Equatable, Sendable {
    package let text: String
    package let style: Style?

    package init(_ text: String, _ style: Style? = nil) {
      self.text = text
      self.style = style
    }
  }

  /// Returns the text in a style if the console has colours.
  package func styled(_ text: String, _ style: Style) -> String {
    hasColor && !text.isEmpty ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
  }
}

/// Returns the size of a terminal's window, or nil if it has no width.
private func windowSize(of descriptor: Int32) -> (columns: Int, rows: Int)? {
  var size = winsize()
  guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return (Int(size.ws_col), Int(size.ws_row))
}
