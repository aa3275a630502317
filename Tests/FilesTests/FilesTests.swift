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

  /// Root may make devices, which must stay what they are.
  @Test(arguments: ["ln -s target", "mkfifo", "mkdir", "mknod -m 666 device c 1 3; true"])
  func onlyRegularFilesAreReplaced(_ command: String) throws {
    try folder.write("precious", to: "target")
    let name = command.hasPrefix("mknod") ? "device" : "place"
    let made = try ChildProcess(
      ["sh", "-c", command + (name == "place" ? " place" : "")], in: folder.path,
      environment: ["PATH": "/usr/bin:/bin"]
    ).wait()
    guard made.status == 0, linkStatus(folder.path(of: name)) != nil else { return }
    let kind = linkStatus(folder.path(of: name))?.kind
    let failure = #expect(throws: Failure.self) {
      try writeAtomically("text", to: folder.path(of: name))
    }
    #expect(failure?.code == .cannotCreate)
    #expect(failure?.message.contains("expected a regular file or nothing") == true)
    #expect(throws: Failure.self) {
      try FileDescriptor(folder.path(of: name), O_WRONLY | O_CREAT, "create").write("text")
    }
    #expect(linkStatus(folder.path(of: name))?.kind == kind)
    #expect(try folder.text(of: "target") == "precious")
    #expect(!folder.names(in: "").contains { $0.hasPrefix(".") })
  }

  /// The name of a temporary file can be foreseen.
  @Test func aLinkInThePlaceOfATemporaryFileIsNotFollowed() throws {
    try folder.write("precious", to: "target")
    let place = TemporaryFile(for: folder.path(of: "text")).path
    #expect(unsafe symlink(folder.path(of: "target"), place) == 0)
    #expect(throws: Failure.self) { try writeAtomically("text", to: folder.path(of: "text")) }
    #expect(try folder.text(of: "target") == "precious")
  }

  /// Opening a FIFO would wait for its other end, reading or writing.
  @Test(.timeLimit(.minutes(10)))
  func onlyRegularFilesAreOpened() throws {
    let path = folder.path(of: "fifo")
    #expect(unsafe mkfifo(path, 0o600) == 0)
    for flags in [O_RDONLY, O_WRONLY | O_CREAT | O_APPEND, O_RDWR] {
      let failure = #expect(throws: Failure.self) {
        _ = try FileDescriptor(path, flags, "open", otherwise: .noInput)
      }
      let isRead = flags & O_ACCMODE == O_RDONLY
      #expect(failure?.code == (isRead ? .noInput : .cannotCreate))
      #expect(
        failure?.message.hasPrefix(
          isRead
            ? "cannot open '\(path)': it is not a regular file"
            : "cannot write '\(path)': it is a named pipe") == true)
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
