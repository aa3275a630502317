import Datasets
import Diagnostics
import TestSupport
import Testing

/// Samples as people look at them.
@Suite struct SampleContentTests {
  private let files: DataFolder

  init() throws { files = try DataFolder() }

  private func row(
    of data: Dataset, _ sample: Int
  ) throws -> [(name: String, value: String)] {
    guard case .row(let row) = try data.content(of: sample) else {
      Issue.record("expected a row")
      return []
    }
    return row
  }

  private func text(of data: Dataset, _ sample: Int) throws -> String? {
    if case .text(let text) = try data.content(of: sample) { text } else { nil }
  }

  /// A picture is a PNG file, and read again it has the pixels; of two or four channels the first
  /// is shown.
  @Test(arguments: [1, 2, 3, 4])
  func imagesArePicturesOfTheirPixels(channels: Int) throws {
    let (height, width) = (3, 5)
    let pixels = (0..<2 * height * width * channels).map { UInt8($0 * 7 % 256) }
    let data = Dataset(
      shape: [height, width, channels], elements: .bytes(pixels), targets: .none)
    guard case .picture(let bytes) = try data.content(of: 1) else {
      Issue.record("expected a picture")
      return
    }
    try files.put(bytes, at: "data/train/a/a.png")
    let read = try files.load("dataset: {images: train}").training
    let second = Array(pixels.suffix(height * width * channels))
    #expect(read.shape == [height, width, channels == 3 ? 3 : 1])
    #expect(
      try read.bytes(of: [0])
        == (channels == 3
          ? second : stride(from: 0, to: second.count, by: channels).map { second[$0] }))
  }

  /// Numbers that are no pixels: from the least to the greatest of the sample.
  @Test func otherNumbersAreScaled() throws {
    let data = Dataset(
      shape: [1, 3, 1], elements: .floats([-2, 0, 2]), targets: .none)
    guard case .picture(let bytes) = try data.content(of: 0) else { return }
    try files.put(bytes, at: "data/train/a/a.png")
    #expect(
      try files.load("dataset: {images: train}").training.bytes(of: [0]) == [0, 128, 255])
  }

  /// The row of a table is what stands there, whatever the columns have become.
  @Test func rowsOfTablesAreAsTheyStand() throws {
    try files.put(
      """
      id,city,rooms,at,shop,price
      1,Bern,3,2024-02-29,A,300
      2,Basel,4.5,2023-12-31,B,410
      3,Genf,,2024-05-05,A,280
      4,Bern,12,2025-01-01,C,500

      """, at: "data/t.csv")
    let data = try files.load(
      "dataset: {csv: {training: t.csv, ignore: [id], targets: [price], categorical: [city], "
        + "embedded: [shop], dates: [at], missing: mean, indicators: true}}"
    ).training
    let rows = try (0..<4).map { try row(of: data, $0) }
    #expect(rows[0].map(\.name) == ["city", "rooms", "at", "shop"])
    #expect(rows.map { $0[0].value } == ["Bern", "Basel", "Genf", "Bern"])
    #expect(rows.map { Double($0[1].value) } == [3, 4.5, nil, 12])
    #expect(rows[2][1].value == "missing")
    #expect(
      rows.map { String($0[2].value.prefix(10)) }
        == ["2024-02-29", "2023-12-31", "2024-05-05", "2025-01-01"])
    #expect(rows.map { $0[3].value } == ["A", "B", "A", "C"])
  }

  @Test func samplesWithoutNamesCountTheirNumbers() throws {
    let data = Dataset(shape: [3], elements: .floats([1, 2.5, -3]), targets: .none)
    #expect(try row(of: data, 0).map(\.name) == ["x1", "x2", "x3"])
    #expect(try row(of: data, 0).map(\.value) == ["1.0", "2.5", "-3.0"])
    let steps = Dataset(shape: [2, 2], elements: .floats([1, 2, 3, 4]), targets: .none)
    #expect(
      try row(of: steps, 0).map(\.name)
        == ["x1, step 1", "x2, step 1", "x1, step 2", "x2, step 2"])
    let wide = Dataset(
      shape: [1000], elements: .floats((0..<1000).map(Float.init)), targets: .none)
    #expect(try row(of: wide, 0).count == 64)
  }

  @Test func textsAreTexts() throws {
    let text = "to be or not to be, that is the question. "
    try files.put(String(repeating: text, count: 20), at: "data/t.txt")
    let data = try files.load(
      "dataset: {text: {training: t.txt, length: 12, tokens: characters}}"
    ).training
    #expect(try self.text(of: data, 0) == String(text.prefix(12)))
    #expect(try data.tokens(of: 0)?.joined() == String(text.prefix(12)))
    let numbers = Dataset(shape: [2], elements: .floats([1, 2]), targets: .none)
    #expect(try numbers.tokens(of: 0) == nil)
    #expect(numbers.text(ofClasses: [0, 1]) == nil)
  }
}
