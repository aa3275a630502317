import Datasets
import Diagnostics
import Foundation
import Testing

/// Targets that are a map of the image move with it.
@Suite struct AugmentedTargetsTests {
  private static let (height, width) = (7, 6)

  private func data(_ targets: Dataset.Targets, samples: Int = 3) -> Dataset {
    let pixels = (0..<samples * Self.height * Self.width).map { UInt8(($0 * 53 + 11) % 251) }
    return Dataset(
      shape: [Self.height, Self.width, 1], elements: .bytes(pixels), targets: targets)
  }

  private func changed<Number>(
    _ data: Dataset, _ augmentation: Augmentation, epoch: Int, zero: Number
  ) throws -> [Number] {
    let loader = try BatchLoader(data, places: 0..<3, augmentation: augmentation)
    loader.load(Batch(samples: [2, 0, 1], epoch: epoch))
    let size = data.targets.perSample
    var numbers = [Number](repeating: zero, count: 2 * size)
    unsafe numbers.withUnsafeMutableBytes { unsafe loader.copy(targetsAt: 1..<3, into: $0) }
    return numbers
  }

  private func expected<Number>(
    _ numbers: [Number], perPixel: Int, sample: Int32, epoch: Int, _ augmentation: Augmentation
  ) -> [Number] {
    let change = augmentation.change(ofSample: sample, epoch: epoch)
    let angle = Double(change.angle)
    let (height, width) = (Self.height, Self.width)
    let middle = (Double(height - 1) / 2, Double(width - 1) / 2)
    return (0..<height * width).flatMap { pixel -> [Number] in
      let y = Double(pixel / width - change.rows) - middle.0
      let x = Double(pixel % width - change.columns) - middle.1
      var row = cos(angle) * y - sin(angle) * x + middle.0
      var column = sin(angle) * y + cos(angle) * x + middle.1
      if change.mirrorsRows { row = Double(height - 1) - row }
      if change.mirrorsColumns { column = Double(width - 1) - column }
      let i = max(0, min(height - 1, Int(row.rounded())))
      let j = max(0, min(width - 1, Int(column.rounded())))
      let start = ((Int(sample) * height + i) * width + j) * perPixel
      return Array(numbers[start..<start + perPixel])
    }
  }

  @Test(arguments: [
    Augmentation(seed: 5, shift: 3), Augmentation(seed: 6, rotation: 40),
    Augmentation(seed: 7, flip: .both),
    Augmentation(seed: 8, shift: 2, rotation: 90, flip: .vertical),
  ])
  func everyPixelTakesTheNearest(_ augmentation: Augmentation) throws {
    let count = 3 * Self.height * Self.width
    let labels = (0..<count).map { Int32(($0 * 7 + 1) % 11) }
    let classes = data(
      .classes(labels, names: (0..<11).map(String.init), shape: [Self.height, Self.width]))
    let numbers = (0..<2 * count).map { Float(($0 * 13) % 37) }
    let values = data(.values(numbers, shape: [Self.height, Self.width, 2]))
    for epoch in 0..<8 {
      #expect(
        try changed(classes, augmentation, epoch: epoch, zero: Int32(0))
          == expected(labels, perPixel: 1, sample: 0, epoch: epoch, augmentation)
          + expected(labels, perPixel: 1, sample: 1, epoch: epoch, augmentation))
      #expect(
        try changed(values, augmentation, epoch: epoch, zero: Float(0))
          == expected(numbers, perPixel: 2, sample: 0, epoch: epoch, augmentation)
          + expected(numbers, perPixel: 2, sample: 1, epoch: epoch, augmentation))
    }
  }

  /// Counts are those of the samples as they are, so what is changed must keep them.
  @Test func flipsKeepCounts() throws {
    let size = Self.height * Self.width
    let labels = (0..<3 * size).map { Int32(($0 * $0) % 5) - 1 }
    let data = data(
      .classes(labels, names: ["a", "b", "c", "d"], shape: [Self.height, Self.width]))
    for epoch in 0..<8 {
      let found = try changed(
        data, Augmentation(seed: 3, flip: .both), epoch: epoch, zero: Int32(0))
      #expect(found[..<size].count { $0 >= 0 } == data.countingTargets(in: [0]))
      #expect(found[size...].count { $0 >= 0 } == data.countingTargets(in: [1]))
    }
  }

  @Test func otherTargetsStayAsTheyAre() throws {
    let data = data(.values([1, 2, 3, 4, 5, 6], shape: [2]))
    #expect(
      try changed(data, Augmentation(seed: 5, shift: 3), epoch: 0, zero: Float(0)) == [1, 2, 3, 4])
  }

  @Test(arguments: [
    ("shapes", "shift: 2", "change how many count: expected flip alone"),
    ("shapes", "flip: horizontal, rotate: 5", "change how many count"),
    (
      "waves", "flip: horizontal",
      "expected images of height, width and channels, found samples of 40x8"
    ),
  ])
  func whatCannotBeChanged(_ name: String, _ augment: String, _ text: String) throws {
    let data = try DataConfigurationTests().decode(
      """
      data: {dataset: \(name), train_samples: 20, test_samples: 2, batch: 1, augment: {\(augment)}}
      """)
    let failure = #expect(throws: Failure.self) { _ = try data.load(seed: 1) }
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.message.contains(text) == true, "\(String(describing: failure))")
    let second = #expect(throws: Failure.self) { _ = try data.outline(seed: 1) }
    #expect(second?.message == failure?.message)
  }

  @Test func shapesCanBeMirrored() throws {
    _ = try DataConfigurationTests().decode(
      "data: {dataset: shapes, train_samples: 9, test_samples: 2, batch: 1, augment: {flip: both}}"
    ).load(seed: 1)
  }
}
