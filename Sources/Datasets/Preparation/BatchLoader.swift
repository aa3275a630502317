package import Diagnostics
internal import Synchronization

/// The part of each batch that a rank computes, read and changed while the batch before is computed.
///
/// There are two buffers: workers take the samples of a step from one while a thread fills the other.
/// Samples that are in memory as they are wanted are copied from there, without buffers or thread.
@safe package final class BatchLoader: @unchecked Sendable {
  package private(set) var dataset: Dataset
  /// The bytes that the buffers take.
  package let byteCount: Int
  /// The places of a full batch that this rank computes.
  private let places: Range<Int>
  private var batch = Batch(samples: [])
  private let thread: FillingThread?
  private var current: SampleBuffer?
  private var ahead: SampleBuffer?
  /// What workers met who read samples themselves.
  private let met = Mutex<Failure?>(nil)

  /// Reads when workers ask: what is read in order needs no preparation.
  package init(inOrder dataset: Dataset) {
    self.dataset = dataset
    places = 0..<dataset.count
    byteCount = 0
    thread = nil
  }

  package init(
    _ dataset: Dataset, places: Range<Int>, augmentation: Augmentation? = nil
  ) throws(Failure) {
    self.dataset = dataset
    self.places = places
    byteCount = Self.byteCount(
      of: dataset.outline, places: places, isAugmented: augmentation != nil)
    guard dataset.outline.isCached || augmentation != nil else {
      thread = nil
      return
    }
    thread = try FillingThread(dataset, places: places, augmentation: augmentation)
    let outline = dataset.outline
    func buffer() -> SampleBuffer {
      SampleBuffer(
        byteCount: places.count * dataset.sampleBytes,
        targetBytes: places.count
          * Self.changedTargetBytes(of: outline, isAugmented: augmentation != nil))
    }
    (current, ahead) = (buffer(), buffer())
  }

  deinit { thread?.stop() }

  package static func byteCount(
    of dataset: Dataset.Outline, places: Range<Int>, isAugmented: Bool
  ) -> Int {
    guard dataset.isCached || isAugmented else { return 0 }
    let sampleBytes = dataset.shape.reduce(1, *) * dataset.number.size
    return 2 * places.count
      * (sampleBytes + changedTargetBytes(of: dataset, isAugmented: isAugmented))
  }

  /// The bytes of a sample's targets where they are changed with it.
  private static func changedTargetBytes(of dataset: Dataset.Outline, isAugmented: Bool) -> Int {
    let shape = dataset.targets.shape
    guard isAugmented, Augmentation.moves(targets: shape, withImages: dataset.shape) else {
      return 0
    }
    return 4 * shape.reduce(1, *)
  }

  /// Takes samples from another dataset from the next batch on: one of as many samples of the same kind.
  package func replaceDataset(by other: Dataset) {
    precondition(
      thread == nil && other.shape == dataset.shape && other.count == dataset.count
        && other.elements.number == dataset.elements.number
        && other.fields == dataset.fields)
    dataset = other
  }

  /// What went wrong with the batch that was loaded last.
  package var failure: Failure? { current?.failure ?? met.withLock { $0 } }

  /// Makes the samples of a batch ready, and has the thread go on to the one that is probably next.
  package func load(_ batch: Batch, next: Batch? = nil) {
    self.batch = batch
    guard let thread, let ready = ahead else { return }
    thread.wait()
    if ready.batch != batch {
      thread.fill(ready, with: batch)
      thread.wait()
    }
    (current, ahead) = (ready, current)
    if let next, let ahead { thread.fill(ahead, with: next) }
  }

  /// Copies the samples at some places of the batch; after a failure they are any numbers.
  package func copy(samplesAt wanted: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
    guard let current else {
      do throws(Failure) {
        try unsafe dataset.copy(samples: batch[wanted], into: target)
      } catch {
        met.withLock { $0 = error }
      }
      return
    }
    let start = (wanted.lowerBound - places.lowerBound) * dataset.sampleBytes
    unsafe target.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: current.bytes[start..<start + target.count]))
  }

  package func copy(targetsAt wanted: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
    guard let current, unsafe !current.targets.isEmpty else {
      unsafe dataset.copy(targets: batch[wanted], into: target)
      return
    }
    let start = (wanted.lowerBound - places.lowerBound) * dataset.targetBytes
    unsafe target.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: current.targets[start..<start + target.count]))
  }

  /// Copies the parts of a field that belong to the samples at some places of the batch; after a
  /// failure they are any numbers.
  package func copy(
    _ field: Field, at wanted: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) {
    switch field.meaning {
    case .samples: unsafe copy(samplesAt: wanted, into: target)
    case .labels, .targets: unsafe copy(targetsAt: wanted, into: target)
    case .weights, .named:
      do throws(Failure) {
        try unsafe dataset.copy(field, of: batch[wanted], into: target)
      } catch {
        met.withLock { $0 = error }
      }
    }
  }
}
