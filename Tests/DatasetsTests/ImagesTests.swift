import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

/// Folders of PNG images, and CIFAR-10.
@Suite struct ImagesTests {
  private let files: DataFolder
  private static let folder = "dataset: {images: train}"

  init() throws { files = try DataFolder() }

  @Test func classesAreFolders() throws {
    try files.png("data/train/dog/b.png", width: 2, height: 1, channels: 1, [3, 4])
    try files.png("data/train/dog/a.PNG", width: 2, height: 1, channels: 1, [5, 6])
    try files.png("data/train/cat/z.png", width: 2, height: 1, channels: 1, [1, 2])
    try files.png("data/test/dog/z.png", width: 2, height: 1, channels: 1, [7, 8])
    let data = try files.load("dataset: {images: {training: train, test: test}}")
    #expect(data.training.shape == [1, 2, 1])
    #expect(data.training.classes == ["cat", "dog"])
    #expect(data.training.labels == [0, 1, 1])
    #expect(try data.training.bytes(of: [0, 1, 2]) == [1, 2, 5, 6, 3, 4])
    #expect(data.test.labels == [1])
  }

  @Test func colours() throws {
    try files.png("data/train/a/a.png", width: 1, height: 2, channels: 3, [1, 2, 3, 4, 5, 6])
    try files.png("data/train/a/b.png", width: 1, height: 2, channels: 1, [9, 200])
    let data = try files.load(Self.folder).training
    #expect(data.shape == [2, 1, 3])
    #expect(try data.bytes(of: [0, 1]) == [1, 2, 3, 4, 5, 6, 9, 9, 9, 200, 200, 200])
  }

  @Test func imagesThatDoNotFit() throws {
    try files.png("data/train/a/a.png", width: 2, height: 2, channels: 1, [1, 2, 3, 4])
    try files.png("data/train/a/b.png", width: 2, height: 1, channels: 1, [1, 2])
    files.expect(Self.folder, fails: .badData, "a/b.png': expected 2x2 pixels", "found 2x1")
    try files.png("data/train/a/b.png", width: 2, height: 2, channels: 3, Array(1...12))
    files.expect(Self.folder, fails: .badData, "a/b.png': expected a grey image")
    try files.put("no image", at: "data/train/a/b.png")
    files.expect(Self.folder, fails: .badData, "a/b.png': cannot be read as a PNG image")
    let whole = [UInt8](try files.folder.data(of: "data/train/a/a.png"))
    try files.put(Array(whole.dropLast(20)), at: "data/train/a/b.png")
    files.expect(Self.folder, fails: .badData, "a/b.png': cannot be read as a PNG image")
    try files.put("", at: "data/train/a/b.jpg")
    files.expect(Self.folder, fails: .badData, "a/b.jpg': only files that end in .png are read")
  }

  @Test func foldersThatDoNotFit() throws {
    files.expect(Self.folder, fails: .noInput, "there is no 'train'")
    try files.put("", at: "data/train/x.png")
    files.expect(Self.folder, fails: .badData, "expected a folder of images for each class")
    try files.put("", at: "data/train/a/.hidden")
    files.expect(Self.folder, fails: .badData, "train/a': holds no images")
    try files.png("data/train/a/a.png", width: 1, height: 1, channels: 1, [1])
    try files.png("data/test/b/a.png", width: 1, height: 1, channels: 1, [1])
    files.expect(
      "dataset: {images: {training: train, test: test}}", fails: .badData,
      "there is no class 'b' in")
  }

  @Test func planesOfCIFARBecomePixels() throws {
    try files.put("about: photographs\nsource: cifar10\n", at: "Datasets/small.yaml")
    for file in (1...5).map({ "data_batch_\($0)" }) + ["test_batch"] {
      let pixels = (0..<3072).map { (place: Int) -> UInt8 in
        UInt8(place / 1024 * 50 + place % 7)
      }
      let records: [UInt8] = [3] + pixels + [9] + pixels
      try files.put(records, at: "data/\(file).bin")
    }
    let data = try files.load("dataset: small")
    #expect(data.training.count == 10 && data.test.count == 2)
    #expect(data.training.shape == [32, 32, 3])
    #expect(data.training.labels.prefix(3) == [3, 9, 3])
    #expect(data.training.classes[3] == "cat")
    #expect(try data.training.bytes(of: [1]).prefix(6) == [0, 52, 104, 1, 53, 105])
    try files.put([UInt8](repeating: 0, count: 3072), at: "data/data_batch_3.bin")
    #expect(files.failure("dataset: small")?.message.contains("records of 3,073 bytes") == true)
  }
}
