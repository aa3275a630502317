import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

/// Images with masks; those of References/masks were written by Pillow.
@Suite struct MasksTests {
  private let files: DataFolder

  init() throws { files = try DataFolder() }

  private func put(_ mask: String, at name: String) throws {
    let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../References/masks/\(mask).png")
    try files.put([UInt8](Data(contentsOf: golden)), at: "data/\(name)")
  }

  private func image(_ name: String, width: Int = 4) throws {
    try files.png(
      "data/\(name)", width: width, height: 5, channels: 3, [UInt8](repeating: 9, count: 15 * width)
    )
  }

  private static func numbers(below limit: Int) -> [Int32] {
    (0..<20).map { (place: Int) -> Int32 in
      let number: Int = 7 * (place / 4) + 5 * (place % 4)
      return Int32(number % limit)
    }
  }

  private static let data = "dataset: {images: {training: x, masks: y, ignore: 255}}"

  @Test func greyValuesAndPlacesInAPalette() throws {
    for name in ["a.png", "b.png", "c.PNG"] { try image("x/\(name)") }
    try put("grey", at: "y/a.png")
    try put("palette", at: "y/b.png")
    try put("bits", at: "y/c.PNG")
    // A mask without an image is none of this set.
    try put("grey", at: "y/d.png")
    let data = try files.load(Self.data).training
    #expect(data.shape == [5, 4, 3] && data.targets.shape == [5, 4] && data.count == 3)
    let classes = Self.numbers(below: 4)
    let grey = classes.map { (label: Int32) -> Int32 in label == 3 ? -1 : label }
    #expect(data.labels == grey + classes + Self.numbers(below: 2))
    #expect(data.classes == ["0", "1", "2", "3"])
    #expect(data.targetCounts == [15, 20, 20])
  }

  @Test func namedClassesAndATestSet() throws {
    for name in ["x/a.png", "v/b.png"] { try image(name) }
    for name in ["y/a.png", "w/b.png"] { try put("grey", at: name) }
    let data = try files.load(
      "dataset: {images: {training: x, masks: y, test: v, test_masks: w, ignore: 255,"
        + " classes: [sky, road, tree, car]}}")
    #expect(data.training.classes == ["sky", "road", "tree", "car"])
    #expect(data.test.labels == data.training.labels && data.hasTestSet)
    #expect(
      data.training.coding.targets == .classes(data.training.classes, shape: [5, 4]))
  }

  @Test func masksThatDoNotFit() throws {
    try image("x/a.png")
    files.expect(Self.data, fails: .noInput, "there is no 'y'")
    try put("grey", at: "y/b.png")
    files.expect(Self.data, fails: .badData, "x/a.png': there is no mask '", "y/a.png'")
    try put("gamma", at: "y/a.png")
    files.expect(Self.data, fails: .badData, "y/a.png'", "changed by a chunk 'gAMA'")
    try put("coloured", at: "y/a.png")
    files.expect(Self.data, fails: .badData, "y/a.png'", "found a coloured image")
    try files.png(
      "data/y/a.png", width: 3, height: 5, channels: 1, [UInt8](repeating: 0, count: 15))
    files.expect(Self.data, fails: .badData, "y/a.png': expected 4x5 pixels as", "found 3x5")
    try put("grey", at: "y/a.png")
    files.expect(
      Self.data.replacing("ignore: 255", with: "ignore: 255, classes: [a, b]"), fails: .badData,
      "y/a.png' has the label 2 at [0, 2], expected 0 to 1")
    try files.put("", at: "data/x/c.jpg")
    files.expect(Self.data, fails: .badData, "x/c.jpg': only files that end in .png are read")
    files.expect(
      "dataset: {images: {training: x, ignore: 255}}", fails: .badConfiguration,
      "is for images with masks")
    files.expect(
      "dataset: {images: {training: x, masks: y, test: x}}", fails: .badConfiguration,
      "expected both test and test_masks")
  }
}
