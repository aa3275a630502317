import Datasets
import Testing

@Suite struct SamplerTests {
  @Test(arguments: [1, 2, 5, 63, 64, 65, 100, 1000], [1, 2, 3, 7, 32, 64, 1000])
  func eachSampleOncePerEpoch(_ count: Int, _ batch: Int) {
    var sampler = Sampler(count: count, batch: batch, order: .shuffled(seed: 9))
    for epoch in 0..<3 {
      var seen: [Int32] = []
      for step in 0..<sampler.stepsPerEpoch {
        let samples = sampler.batch(atStep: epoch * sampler.stepsPerEpoch + step).samples
        #expect(sampler.batchSizes.contains(samples.count))
        seen += samples
      }
      #expect(seen.sorted() == Array(0..<Int32(count)))
    }
  }

  @Test(arguments: [64, 65, 127, 128, 1000])
  func droppingTheLastLeavesWholeBatches(_ count: Int) {
    var sampler = Sampler(count: count, batch: 64, dropsLast: true, order: .shuffled(seed: 9))
    #expect(sampler.stepsPerEpoch == count / 64)
    #expect(sampler.batchSizes == [64])
    let batches = (0..<sampler.stepsPerEpoch).map { sampler.batch(atStep: $0) }
    #expect(batches.allSatisfy { $0.count == 64 })
    #expect(Set(batches.flatMap(\.samples)).count == 64 * (count / 64))
  }

  /// Every position of a batch reads its own stretch, in every epoch from its beginning.
  @Test(arguments: [8, 64, 65, 127, 1000], [1, 3, 8])
  func streamsGoOnFromBatchToBatch(_ count: Int, _ batch: Int) {
    var sampler = Sampler(count: count, batch: batch, dropsLast: true, order: .streams)
    let steps = count / batch
    #expect(sampler.stepsPerEpoch == steps && sampler.batchSizes == [batch])
    for step in 0..<2 * steps {
      #expect(
        Array(sampler.batch(atStep: step).samples)
          == (0..<batch).map { Int32($0 * steps + step % steps) })
    }
    #expect(sampler.ordersMade == 1)
  }

  @Test func batchSizes() {
    #expect(Sampler(count: 10, batch: 4, order: .sequential).batchSizes == [4, 2])
    #expect(Sampler(count: 8, batch: 4, order: .sequential).batchSizes == [4])
    #expect(Sampler(count: 3, batch: 4, order: .sequential).batchSizes == [3])
  }

  @Test func placesCountThroughEpochs() {
    let sampler = Sampler(count: 10, batch: 4, order: .sequential)
    #expect(sampler.stepsPerEpoch == 3)
    #expect(sampler.place(ofStep: 0) == (epoch: 0, position: 0))
    #expect(sampler.place(ofStep: 2) == (epoch: 0, position: 8))
    #expect(sampler.place(ofStep: 3) == (epoch: 1, position: 0))
    #expect(sampler.place(ofStep: 3001) == (epoch: 1000, position: 4))
  }

  @Test func aStepDoesNotDependOnTheStepsBefore() {
    var steady = Sampler(count: 50, batch: 8, order: .shuffled(seed: 4))
    let batches = (0..<40).map { steady.batch(atStep: $0) }
    for step in [39, 0, 21, 13, 7] {
      var fresh = Sampler(count: 50, batch: 8, order: .shuffled(seed: 4))
      #expect(Array(fresh.batch(atStep: step).samples) == Array(batches[step].samples))
      #expect(Array(steady.batch(atStep: step).samples) == Array(batches[step].samples))
    }
  }

  /// To shuffle millions of samples takes half a second, which no other question may cost.
  @Test func anEpochIsShuffledOnceWhenItsFirstSampleIsAskedFor() {
    var sampler = Sampler(count: 50, batch: 8, order: .shuffled(seed: 4))
    _ = (sampler.stepsPerEpoch, sampler.samplesPerEpoch, sampler.batchSizes)
    _ = sampler.place(ofStep: 1000)
    #expect(sampler.ordersMade == 0)
    for epoch in 0..<3 {
      for step in 0..<sampler.stepsPerEpoch {
        _ = sampler.batch(atStep: epoch * sampler.stepsPerEpoch + step)
        #expect(sampler.ordersMade == epoch + 1)
      }
    }
    var plain = Sampler(count: 50, batch: 8, order: .sequential)
    for step in 0..<20 { _ = plain.batch(atStep: step) }
    #expect(plain.ordersMade == 1)
  }

  @Test func seedsAndEpochsDiffer() {
    var one = Sampler(count: 100, batch: 100, order: .shuffled(seed: 1))
    var two = Sampler(count: 100, batch: 100, order: .shuffled(seed: 2))
    #expect(one.batch(atStep: 0) != one.batch(atStep: 1))
    #expect(one.batch(atStep: 0) != two.batch(atStep: 0))
  }

  @Test func sequentialOrderIsTheSameInEveryEpoch() {
    var sampler = Sampler(count: 5, batch: 2, order: .sequential)
    #expect(
      (0..<4).map { Array(sampler.batch(atStep: $0).samples) } == [[0, 1], [2, 3], [4], [0, 1]])
  }

  @Test func shardsAreRangesOfPositions() {
    var sampler = Sampler(count: 20, batch: 8, order: .shuffled(seed: 1))
    let batch = sampler.batch(atStep: 1)
    #expect(Array(batch[0..<3]) + Array(batch[3..<8]) == Array(batch.samples))
    #expect(batch[8..<8].isEmpty)
  }

  /// More samples than an order in memory may have: windows of the epoch.
  @Test(arguments: [false, true])
  func anEpochOfManySamplesIsComputedInParts(isShuffled: Bool) {
    let count = Sampler.inMemory + 3
    let order = isShuffled ? Sampler.Order.shuffled(seed: 5) : .sequential
    var sampler = Sampler(count: count, batch: 1000, order: order)
    var seen: [Int32] = []
    for step in 0..<2100 { seen += sampler.batch(atStep: step).samples }
    #expect(sampler.ordersMade == 3)
    #expect(Set(seen).count == seen.count && seen.allSatisfy { 0..<Int32(count) ~= $0 })
    #expect(isShuffled == (seen != Array(0..<Int32(seen.count))))
    for step in [2099, 0, 1049, 1048] {
      var fresh = Sampler(count: count, batch: 1000, order: order)
      #expect(fresh.batch(atStep: step).samples == seen[1000 * step..<1000 * step + 1000])
      #expect(sampler.batch(atStep: step) == fresh.batch(atStep: step))
    }
    let last = sampler.stepsPerEpoch - 1
    #expect(sampler.batch(atStep: last).count == count % 1000)
    #expect(sampler.batch(atStep: last + 1) != sampler.batch(atStep: 0) || !isShuffled)
  }
}
