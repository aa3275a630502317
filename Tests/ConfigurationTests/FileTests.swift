import Configuration
import Diagnostics
import Foundation
import Testing

@Suite struct FileTests {
  /// A folder that goes away with the test.
  final class Folder {
    let path = NSTemporaryDirectory() + "configuration-\(UUID().uuidString)/"

    init() throws {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: Data, _ name: String) throws -> String {
      try bytes.write(to: URL(fileURLWithPath: path + name))
      return path + name
    }
  }

  private let folder: Folder

  init() throws { folder = try Folder() }

  private func failure(at path: String) -> Failure? {
    do {
      _ = try Settings(file: path, schema: Samples.top)
      return nil
    } catch {
      return error
    }
  }

  @Test func readsAFile() throws {
    let path = try folder.write(Data(Samples.text.utf8), "good.yaml")
    let settings = try Settings(file: path, set: ["seed=2"], schema: Samples.top)
    #expect(settings.integer("seed") == 2)
    #expect(settings.location(of: "name").description == "\(path):1:7")
  }

  @Test func badBytesAreNamedByPlace() throws {
    let path = try folder.write(Data(Array("a: 1\nbé: ".utf8) + [0xFF]), "bytes.yaml")
    #expect(failure(at: path)?.code == .badConfiguration)
    #expect(failure(at: path)?.message.hasPrefix("\(path):2:5: not plain UTF-8 text: ") == true)
  }

  @Test(arguments: [
    ("/no/such.yaml", "cannot read /no/such.yaml: No such file or directory"),
    ("/", "cannot read /: it is a directory, expected a YAML file"),
    ("/dev/null", "cannot read /dev/null: it is not a regular file, expected a YAML file"),
    ("", "cannot read : No such file or directory"),
  ])
  func whatCannotBeReadIsNamed(_ path: String, _ message: String) {
    #expect(failure(at: path) == Failure(.noInput, message))
  }

  @Test func aPipeDoesNotHang() throws {
    let path = folder.path + "pipe"
    let made = unsafe mkfifo(path, 0o600)
    try #require(made == 0)
    #expect(failure(at: path)?.code == .noInput)
  }

  /// The superuser may read everything, so a process of its own becomes another user.
  @Test func aForbiddenFileIsAPermission() async {
    await #expect(processExitsWith: .success) {
      let folder = try Folder()
      let path = try folder.write(Data("a: 1".utf8), "forbidden.yaml")
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
      let user = geteuid()
      if user == 0 { try #require(seteuid(65534) == 0) }
      let failure = #expect(throws: Failure.self) {
        _ = try Settings(file: path, schema: Samples.top)
      }
      if user == 0 { try #require(seteuid(user) == 0) }
      #expect(failure?.code == .noPermission)
    }
  }

  @Test func aLargeFileIsRefusedUnread() throws {
    let comment = Data(repeating: UInt8(ascii: "#"), count: 1 << 20)
    let allowed = try folder.write(comment, "allowed.yaml")
    #expect(failure(at: allowed)?.message.contains("the file is empty") == true)
    let large = try folder.write(comment + comment, "large.yaml")
    #expect(failure(at: large)?.code == .badConfiguration)
    #expect(
      failure(at: large)?.message
        == "\(large): the file has 2097152 bytes: the limit is 1048576 (1 MiB)")
  }
}
