import Diagnostics
import Foundation
import Reports
import Testing

@Suite struct ConsoleTests {
  @Test func aPipeIsNoTerminal() throws {
    let screen = try Screen()
    #expect(!screen.console.isTerminal && !screen.console.hasColor)
    #expect(screen.console.width == 80)
    screen.console.show(status: "passing")
    screen.console.print("line")
    screen.console.clearStatus()
    #expect(screen.text() == "line\n")
  }

  @Test func aLineStaysOne() throws {
    let screen = try Screen()
    screen.console.print("a\nb\u{1b}[2J\u{202e}")
    screen.console.print(fields: ["a\tb", "0.5"])
    screen.console.print(text: "one\n\ntwo")
    #expect(screen.text() == "a\\nb\\u{1B}[2J\\u{202E}\na\\tb\t0.5\none\n\ntwo\n")
  }

  @Test func aTerminalHasAWidthAndColour() throws {
    let screen = try Screen(columns: 97)
    #expect(screen.console.isTerminal && screen.console.hasColor)
    #expect(screen.console.width == 97)
  }

  @Test func aTerminalWithoutAWidthIsNone() throws {
    #expect(try !Screen(columns: 0).console.isTerminal)
  }

  @Test(arguments: [
    (["TERM": "dumb"], false, false), (["NO_COLOR": "1"], true, false),
    (["NO_COLOR": ""], true, true), (["TERM": "xterm"], true, true),
  ])
  func environment(variables: [String: String], isTerminal: Bool, hasColor: Bool) throws {
    let console = try Screen(columns: 80, environment: variables).console
    #expect(console.isTerminal == isTerminal)
    #expect(console.hasColor == hasColor)
  }

  @Test(arguments: [("40", 40), ("0", 97), ("-3", 97), ("wide", 97), ("", 97)])
  func columns(variable: String, width: Int) throws {
    let screen = try Screen(columns: 97, environment: ["COLUMNS": variable])
    #expect(screen.console.width == width)
  }

  @Test(arguments: [("40", 40), ("0", 24), ("", 24)])
  func lines(variable: String, height: Int) throws {
    let screen = try Screen(columns: 97, environment: ["LINES": variable])
    #expect(screen.console.height == height)
  }

  @Test(arguments: [
    ([:], false), (["LANG": "C.UTF-8"], true), (["LANG": "de_DE.utf8"], true),
    (["LANG": "C.UTF-8", "LC_CTYPE": "C"], false), (["LC_ALL": "", "LC_CTYPE": "C.UTF-8"], true),
    (["LANG": "C", "LC_ALL": "en_US.UTF-8"], true),
    (["LANG": "C.UTF-8", "LC_ALL": "POSIX"], false),
  ])
  func locales(variables: [String: String], hasUnicode: Bool) throws {
    #expect(try Screen(columns: 80, environment: variables).console.hasUnicode == hasUnicode)
  }

  @Test func partsOfALineHaveTheirStyles() throws {
    let parts = [Console.Part("a\u{1b}"), Console.Part("b\n", .red), Console.Part("c")]
    let screens = try [Screen(columns: 80), Screen()]
    for screen in screens { screen.console.print(parts: parts) }
    #expect(screens[0].text() == "a\\u{1B}\u{1b}[31mb\\n\u{1b}[0mc\n")
    #expect(screens[1].text() == "a\\u{1B}b\\nc\n")
  }

  @Test func aLineTakesThePlaceOfTheStatus() throws {
    let screen = try Screen(columns: 80)
    screen.console.show(status: "one")
    screen.console.show(status: "two")
    screen.console.print("line")
    screen.console.print("next")
    screen.console.show(status: "three")
    screen.console.clearStatus()
    screen.console.clearStatus()
    #expect(
      screen.text() == "\rone\u{1b}[K\rtwo\u{1b}[K\r\u{1b}[Kline\nnext\n\rthree\u{1b}[K\r\u{1b}[K")
  }

  @Test func styles() throws {
    #expect(try Screen(columns: 80).console.styled("x", .red) == "\u{1b}[31mx\u{1b}[0m")
    #expect(try Screen(columns: 80).console.styled("", .bold) == "")
    #expect(try Screen().console.styled("x", .red) == "x")
  }

  @Test func aReaderWhoHasGoneSilencesTheConsole() throws {
    signal(SIGPIPE, SIG_IGN)
    let screen = try Screen()
    screen.closeReader()
    for _ in 0..<3 { screen.console.print("unheard") }
    #expect(screen.console.failure == nil)
  }

  @Test func aFullDeviceIsAFailure() throws {
    let device = unsafe open("/dev/full", O_WRONLY)
    try #require(device >= 0)
    defer { close(device) }
    let console = Console(descriptor: device) { _ in nil }
    console.print("lost")
    #expect(console.failure?.code == .inputOutput)
    #expect(console.failure?.message == "standard output: No space left on device")
  }

  @Test func theSilentConsoleSaysNothing() {
    let console = Console.silent
    console.print("unheard")
    console.show(status: "unseen")
    #expect(!console.isTerminal && console.failure == nil)
  }

  @Test func longTextIsWrittenWhole() throws {
    let path = NSTemporaryDirectory() + "console-\(UUID().uuidString)"
    let file = unsafe open(path, O_WRONLY | O_CREAT, 0o600)
    try #require(file >= 0)
    defer { unsafe unlink(path) }
    let line = String(repeating: "ä", count: 300_000)
    Console(descriptor: file) { _ in nil }.print(line)
    close(file)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == line + "\n")
  }
}
