import Diagnostics
import Foundation
import HDF5Files
import Inspections
import Reports
import TestSupport
import Testing

@Suite struct InspectionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func put(_ bytes: [UInt8], at name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path(of: name)))
    return folder.path(of: name)
  }

  private func json(_ path: String) throws -> [String: Any] {
    let text = try inspect(path).json.description
    return try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func images() throws {
    let idx: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4]
    let description = try json(put(idx, at: "x"))
    #expect(description["kind"] as? String == "IDX file" && description["bytes"] as? Int == 20)
    #expect(description["numbers"] as? String == "uint8")
    #expect(description["shape"] as? [Int] == [1, 2, 2])
  }

  private func put(image name: String, width: Int = 2, height: Int = 2) throws {
    let file = folder.path(of: name)
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    _ = try put(
      pngFile(width: width, height: height, [UInt8](repeating: 7, count: width * height)), at: name)
  }

  @Test func foldersOfImages() throws {
    for name in ["0", "1", "2"] { try put(image: "images/cat/\(name).png") }
    try put(image: "images/dog/0.PNG")
    var description = try json(folder.path(of: "images"))
    #expect(description["kind"] as? String == "folder of images")
    #expect(description["images"] as? Int == 4 && description["do not fit"] == nil)
    let classes = try #require(description["classes"] as? [[String: Any]])
    #expect(classes.map { $0["class"] as? String } == ["cat", "dog"])
    #expect(classes.map { $0["images"] as? Int } == [3, 1])

    try put(image: "images/dog/1.png", width: 3)
    _ = try put([0, 1], at: "images/dog/2.png")
    _ = try put([0, 1], at: "images/cat/notes.txt")
    _ = try put([0, 1], at: "images/.hidden")
    try put(image: "images/loose.png")
    try FileManager.default.createDirectory(
      atPath: folder.path(of: "images/empty"), withIntermediateDirectories: true)
    let coloured = "\(#filePath.split(separator: "Tests/")[0])Tests/References/masks/coloured.png"
    let head = try inspect(coloured).json.description
    #expect(head.contains("\"coloured\": true"))
    try FileManager.default.copyItem(
      atPath: coloured, toPath: folder.path(of: "images/cat/9.png"))
    description = try json(folder.path(of: "images"))
    #expect(description["images"] as? Int == 6 && description["files that do not fit"] as? Int == 6)
    let kinds = try #require(description["kinds"] as? [[String: Any]])
    #expect(kinds[0]["pixels"] as? String == "2x2" && kinds[0]["colour"] as? String == "grey")
    #expect(kinds[0]["images"] as? Int == 4 && kinds.count == 3)
    let problems = try #require(description["do not fit"] as? [[String: String]])
    let texts = Dictionary(problems.map { ($0["file"] ?? "", $0["problem"] ?? "") }) { $1 }
    #expect(texts["loose.png"] == "not in the folder of a class")
    #expect(texts["cat/notes.txt"] == "no file that ends in .png")
    #expect(texts["dog/1.png"] == "3x2 pixels, most have 2x2")
    #expect(texts["dog/2.png"]?.contains("PNG") == true)
    #expect(texts["empty"] == "a folder without images")
    #expect(texts["cat/9.png"] != nil)

    try put(image: "flat/a.png")
    let flat = try json(folder.path(of: "flat"))
    #expect(flat["images"] as? Int == 1 && flat["classes"] == nil)
  }

  @Test func tables() throws {
    let text = "a;kind;b\n1;x;NA\n-3;y;2.5\n2;x;2.5\n"
    let path = try put(Array(text.utf8), at: "t.csv")
    let description = try json(path)
    #expect(description["kind"] as? String == "table" && description["records"] as? Int == 3)
    #expect(description["separator"] as? String == "semicolon")
    let columns = try #require(description["columns"] as? [[String: Any]])
    #expect(columns.map { $0["content"] as? String } == ["numbers", "2 words", "numbers"])
    #expect(columns[0]["least"] as? Double == -3 && columns[0]["greatest"] as? Double == 2)
    #expect(columns[0]["mean"] as? Double == 0 && columns[2]["missing"] as? Int == 1)
    #expect(
      try inspect(path).lines.suffix(3).map { $0.split(separator: " ").first } == [
        "a", "kind", "b",
      ])
  }

  @Test func configurations() throws {
    let text = """
      name: small
      data: {dataset: digits}
      model: [flatten, {dense: 10}]
      loss: cross_entropy
      optimizer: adam
      """
    let path = try put(Array(text.utf8), at: "small.yaml")
    let description = try json(path)
    #expect(description["name"] as? String == "small")
    #expect(description["batch"] as? String == "64, or all of a smaller training set")
    #expect(description["layers"] as? [String] == ["flatten", "dense"])
    let wrong = try put(Array(text.replacing("loss:", with: "lose:").utf8), at: "wrong.yaml")
    let failure = #expect(throws: Failure.self) { _ = try inspect(wrong) }
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.message.contains("wrong.yaml:4:1: unknown key 'lose'") == true)
  }

  @Test func otherFilesOfHDF5() throws {
    let path = folder.path(of: "other.h5")
    try usingHDF5 {
      var writer = try HDF5Writer(creating: path)
      try unsafe [Float(1), 2, 3, 4].withUnsafeBufferPointer {
        unsafe try writer.write($0, shape: [2, 2], to: "a/b")
      }
      try writer.write("text", to: "words")
      try writer.close()
      let description = try json(path)
      #expect(description["kind"] as? String == "HDF5 file")
      let contents = try #require(description["contents"] as? [[String: Any]])
      #expect(contents.map { $0["path"] as? String } == ["a", "a/b", "words"])
      #expect(contents.map { $0["type"] as? String } == ["group", "float32", "text"])
      #expect(contents[1]["shape"] as? [Int] == [2, 2])
    }
  }

  @Test(
    arguments: [
      ([], 65, "header"), ([0, 0], 65, "needs 4 bytes of head, the file has 2"),
      ([1, 0, 2, 3], 65, "found none of these"),
      ([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], 65, "as an HDF5 file"),
      ([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 65, "as a PNG image"),
      ([0x1f, 0x8b, 8, 0], 65, "cut off"),
    ] as [([UInt8], Int32, String)])
  func whatIsNothing(_ bytes: [UInt8], _ status: Int32, _ text: String) throws {
    let path = try put(bytes, at: "x")
    let failure = #expect(throws: Failure.self) { _ = try usingHDF5 { try inspect(path) } }
    #expect(failure?.code.rawValue == status)
    #expect(failure?.message.contains(text) == true, "\(String(describing: failure))")
  }

  @Test func whatIsNotThere() {
    for (path, text) in [("none", "No such file"), ("", "contains no checkpoint")] {
      let failure = #expect(throws: Failure.self) { _ = try inspect(folder.path(of: path)) }
      #expect(failure?.code == .noInput && failure?.message.contains(text) == true)
    }
    let failure = #expect(throws: Failure.self) { _ = try inspect("/dev/zero") }
    #expect(failure?.code == .noInput)
  }

  @Test func figuresOfTensors() {
    let figures = TensorStatistics(of: [3, -4, 1])
    #expect(figures.least == -4 && figures.greatest == 3 && figures.mean == 0)
    #expect((figures.norm - 26.0.squareRoot()).magnitude < 1e-12)
    let spoilt = TensorStatistics(of: [1, .nan, 2])
    #expect(spoilt.norm.isNaN && spoilt.mean.isNaN)
    #expect(TensorStatistics(of: [.infinity, 1]).greatest == .infinity)
  }
}
