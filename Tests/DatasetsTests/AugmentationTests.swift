import Datasets
import Diagnostics
import Foundation
import Testing

@Suite struct AugmentationTests {
  private static let (height, width, channels) = (7, 6, 2)

  private let image = (0..<height * width * channels).map { UInt8(($0 * 53 + 11) % 251) }

  /// The image after what happens to a sample, by way of a loader.
  private func changed(_ augmentation: Augmentation, epoch: Int) throws -> [UInt8] {
    let data = Dataset(
      shape: [Self.height, Self.width, Self.channels], elements: .bytes(image),
      targets: .classes([0], names: ["a"]))
    let loader = try BatchLoader(data, places: 0..<1, augmentation: augmentation)
    loader.load(Batch(samples: [0], epoch: epoch))
    var bytes = [UInt8](repeating: 0, count: image.count)
    unsafe bytes.withUnsafeMutableBytes { unsafe loader.copy(samplesAt: 0..<1, into: $0) }
    return bytes
  }

  /// The definition: where a pixel comes from, and how its four neighbours are weighed.
  private func expected(_ change: Augmentation.Change) -> [Double] {
    func pixel(_ row: Int, _ column: Int, _ channel: Int) -> Double {
      guard 0..<Self.height ~= row, 0..<Self.width ~= column else { return 0 }
      return Double(image[(row * Self.width + column) * Self.channels + channel])
    }
    let angle = Double(change.angle)
    let middle = (Double(Self.height - 1) / 2, Double(Self.width - 1) / 2)
    return (0..<image.count).map { place in
      let (row, rest) = place.quotientAndRemainder(dividingBy: Self.width * Self.channels)
      let y = Double(row - change.rows) - middle.0
      let x = Double(rest / Self.channels - change.columns) - middle.1
      var from = (
        cos(angle) * y - sin(angle) * x + middle.0, sin(angle) * y + cos(angle) * x + middle.1
      )
      if change.mirrorsRows { from.0 = Double(Self.height - 1) - from.0 }
      if change.mirrorsColumns { from.1 = Double(Self.width - 1) - from.1 }
      var sum = 0.0
      for row in -1...Self.height {
        for column in -1...Self.width {
          let weight =
            max(0, 1 - abs(from.0 - Double(row))) * max(0, 1 - abs(from.1 - Double(column)))
          sum += weight * pixel(row, column, rest % Self.channels)
        }
      }
      return sum
    }
  }

  @Test(arguments: [
    Augmentation(seed: 1, shift: 2), Augmentation(seed: 2, flip: .horizontal),
    Augmentation(seed: 3, flip: .both), Augmentation(seed: 4, rotation: 25),
    Augmentation(seed: 5, shift: 3, rotation: 180, flip: .vertical),
  ])
  func pixelsAreWhereTheDefinitionPutsThem(_ augmentation: Augmentation) throws {
    for epoch in 0..<12 {
      let change = augmentation.change(ofSample: 0, epoch: epoch)
      let found = try changed(augmentation, epoch: epoch)
      for (found, expected) in zip(found, expected(change)) {
        #expect(abs(Double(found) - expected) <= (augmentation.rotation > 0 ? 0.51 : 1e-9))
      }
    }
  }

  /// Every amount up to the most occurs about as often, also the most itself.
  @Test func changesAreSpreadEvenly() {
    let augmentation = Augmentation(seed: 9, shift: 2, rotation: 10, flip: .both)
    let changes = (0..<2000).map { augmentation.change(ofSample: Int32($0), epoch: 3) }
    for amount in -2...2 {
      for count in [changes.count { $0.rows == amount }, changes.count { $0.columns == amount }] {
        #expect(320...480 ~= count)
      }
    }
    let angles = changes.map { Double($0.angle) * 180 / .pi }
    #expect(angles.allSatisfy { abs($0) < 10.001 })
    #expect(angles.max() ?? 0 > 9.9 && angles.min() ?? 0 < -9.9)
    #expect(abs(angles.reduce(0, +) / 2000) < 0.5)
    #expect(900...1100 ~= changes.count { $0.mirrorsRows })
    #expect(900...1100 ~= changes.count { $0.mirrorsColumns })
    #expect(Set(changes.map(\.angle)).count > 1900)
  }

  @Test func theKeyIsSeedEpochAndSample() {
    let augmentation = Augmentation(seed: 9, shift: 60, rotation: 180)
    let change = augmentation.change(ofSample: 7, epoch: 2)
    #expect(augmentation.change(ofSample: 7, epoch: 2) == change)
    #expect(augmentation.change(ofSample: 8, epoch: 2) != change)
    #expect(augmentation.change(ofSample: 7, epoch: 3) != change)
    #expect(
      Augmentation(seed: 8, shift: 60, rotation: 180).change(ofSample: 7, epoch: 2) != change)
  }

  @Test func onlyImagesCanBeChanged() throws {
    let files = try DataFolder()
    try files.put("x,y\n1,2\n", at: "data/t.csv")
    let failure = files.failure(
      "dataset: {csv: {training: t.csv, targets: [y]}}, augment: {shift: 1}")
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.message.contains("data.augment: expected images") == true)
  }
}
