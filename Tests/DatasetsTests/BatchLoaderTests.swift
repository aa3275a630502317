import Datasets
import Diagnostics
import Foundation
import Testing

/// What a rank is given of each batch, prepared on another thread.
@Suite struct BatchLoaderTests {
  private let files: DataFolder
  private let cached: Dataset

  /// 40 images of 5 x 4.
  init() throws {
    files = try DataFolder()
    try files.put(
      DataFolder.idx([40, 5, 4], (0..<800).map { UInt8(truncatingIfNeeded: $0 &* 37) }),
      at: "data/x")
    try files.put(DataFolder.idx([40], (0..<40).map { UInt8($0) }), at: "data/y")
    cached = try files.load("dataset: {idx: {training: {samples: x, labels: y}}}").training
  }

  private func sampler(seed: UInt64 = 3) -> Sampler {
    Sampler(count: 40, batch: 16, order: .shuffled(seed: seed))
  }

  /// What a loader gives of its places of a batch.
  private func loaded(_ loader: BatchLoader, _ places: Range<Int>) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: places.count * loader.dataset.sampleBytes)
    unsafe bytes.withUnsafeMutableBytes { unsafe loader.copy(samplesAt: places, into: $0) }
    return bytes
  }

  @Test func batchesAreThoseThatWereAskedFor() throws {
    let loader = try BatchLoader(cached, places: 4..<12)
    var sampler = sampler()
    // In order, then somewhere else, then without a forecast: three epochs, with a short last
    // batch.
    for step in Array(0..<9) + [3, 4, 7, 1] {
      let batch = sampler.batch(atStep: step)
      loader.load(batch, next: step == 7 ? nil : sampler.batch(atStep: step + 1))
      #expect(loader.failure == nil)
      let places = 4..<min(12, batch.count)
      #expect(try loaded(loader, places) == cached.bytes(of: Array(batch[places])))
    }
  }

  @Test func eachSampleComesOnceAnEpoch() throws {
    let loader = try BatchLoader(cached, places: 0..<16, augmentation: Augmentation(seed: 1))
    var sampler = sampler()
    for epoch in 0..<3 {
      var seen: [Int32] = []
      for step in 3 * epoch..<3 * epoch + 3 {
        let batch = sampler.batch(atStep: step)
        loader.load(batch, next: sampler.batch(atStep: step + 1))
        var labels = [Int32](repeating: -1, count: batch.count)
        unsafe labels.withUnsafeMutableBytes {
          unsafe loader.copy(targetsAt: 0..<batch.count, into: $0)
        }
        seen += labels
        #expect(try loaded(loader, 0..<batch.count) == cached.bytes(of: Array(batch.samples)))
      }
      #expect(seen.sorted() == Array(0..<40))
    }
  }

  /// The same changes whoever computes the places, and whether the batch was foreseen or not.
  @Test func changesAreKeyedBySampleAndEpoch() throws {
    let augmentation = Augmentation(seed: 5, shift: 2, rotation: 30, flip: .both)
    let whole = try BatchLoader(cached, places: 0..<16, augmentation: augmentation)
    let part = try BatchLoader(cached, places: 8..<16, augmentation: augmentation)
    let memory = try BatchLoader(
      Dataset(
        shape: [5, 4, 1], elements: .bytes(cached.bytes(of: Array(0..<40))), targets: cached.targets
      ),
      places: 0..<16, augmentation: augmentation)
    var sampler = sampler()
    var first: [UInt8] = []
    for step in 0..<6 {
      let batch = sampler.batch(atStep: step)
      whole.load(batch, next: sampler.batch(atStep: step + 1))
      part.load(batch)
      memory.load(batch)
      let all = loaded(whole, 0..<batch.count)
      #expect(loaded(memory, 0..<batch.count) == all)
      if batch.count == 16 { #expect(loaded(part, 8..<16) == Array(all[160...])) }
      if step == 0 { first = all }
    }
    var again = Sampler(count: 40, batch: 16, order: .shuffled(seed: 3))
    let batch = again.batch(atStep: 0)
    whole.load(batch)
    #expect(loaded(whole, 0..<16) == first)
    whole.load(Batch(samples: batch.samples, epoch: 1))
    #expect(loaded(whole, 0..<16) != first)
  }

  @Test func aFailureIsOfItsBatchAlone() throws {
    let path = try files.cache
    let offset = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    let loader = try BatchLoader(cached, places: 0..<16)
    let batch = Batch(samples: Array(0..<16)[...])
    #expect(unsafe truncate(path, off_t(offset / 8)) == 0)
    loader.load(batch, next: batch)
    #expect(loader.failure?.code == .badData)
    loader.load(batch)
    #expect(loader.failure?.code == .badData)
    let direct = BatchLoader(inOrder: cached)
    direct.load(batch)
    #expect(direct.failure == nil)
    _ = loaded(direct, 0..<4)
    #expect(direct.failure?.code == .badData)
  }
}
