import Diagnostics
import Files
import Glibc
import TestSupport
import Testing

@Suite struct FilesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func aTextIsReplacedWhole() throws {
    try writeAtomically("one\n", to: folder.path(of: "text"))
    try writeAtomically("two\n", to: folder.path(of: "text"))
    #expect(try folder.text(of: "text") == "two\n")
    #expect(folder.names(in: "") == ["text"])
  }

  /// The digests of the empty text and of "abc", as FIPS 180-2 gives them.
  @Test func digestsAreThoseOfTheStandard() throws {
    #expect(SHA256.of("").hasPrefix("e3b0c44298fc1c149afbf4c8996fb924"))
    #expect(SHA256.of("abc").hasSuffix("b00361a396177a9cb410ff61f20015ad"))
    try folder.write("abc", to: "abc")
    #expect(try SHA256.of(file: folder.path(of: "abc")) == SHA256.of("abc"))
  }

  /// Opening a FIFO would wait for its other end, reading or writing.
  @Test(.timeLimit(.minutes(1)))
  func onlyRegularFilesAreOpened() throws {
    let path = folder.path(of: "fifo")
    #expect(unsafe mkfifo(path, 0o600) == 0)
    for flags in [O_RDONLY, O_WRONLY | O_CREAT | O_APPEND, O_RDWR] {
      let failure = #expect(throws: Failure.self) {
        _ = try Descriptor(path, flags, "open", otherwise: .noInput)
      }
      #expect(failure?.message == "cannot open '\(path)': it is not a regular file")
      #expect(failure?.code == .noInput)
    }
    for other in ["/dev/zero", folder.path] {
      #expect(throws: Failure.self) { _ = try readText(other) }
    }
    try synchronizeDirectory(folder.path)
  }

  @Test func directoriesAreMadeWithThoseAboveThem() throws {
    try makeDirectories(folder.path(of: "a/b/c"))
    #expect(isDirectory(folder.path(of: "a/b/c")))
    try folder.write("", to: "file")
    let failure = #expect(throws: Failure.self) {
      try makeDirectories(folder.path(of: "file/below"))
    }
    #expect(failure?.code == .cannotCreate)
    #expect(failure?.message.contains("it is a file, not a directory") == true)
  }
}
