import Diagnostics
import Files
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
