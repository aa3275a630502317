package import Diagnostics
internal import Synchronization

/// Serves a rank's part of each batch; reads and augments the next one in the background.
///
/// There are two buffers: workers copy from one while a thread fills the other. Samples in memory
/// that are not augmented need neither.
@safe package final class BatchLoader: @unchecked Sendable {
  package private(set) var dataset: Dataset
  /// The bytes of the buffers.
  package let byteCount: Int
  /// The positions of a full batch that this rank computes.
  private let places: Range<Int>
  private var batch = Batch(samples: [])
  private let thread: PrefetchThread?
  private var current: SampleBuffer?
  private var ahead: SampleBuffer?
  /// The failure of a worker that read samples itself.
  private let met = Mutex<Failure?>(nil)

  /// Without read-ahead, for samples that are read in order.
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
    thread = try PrefetchThread(dataset, places: places, augmentation: augmentation)
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

  /// The bytes of a sample's targets if they are read or move with it.
  private static func changedTargetBytes(of dataset: Dataset.Outline, isAugmented: Bool) -> Int {
    let shape = dataset.targets.shape
    let areMoved = isAugmented && Augmentation.moves(targets: shape, withImages: dataset.shape)
    return areMoved || dataset.isCached && dataset.isText ? 4 * shape.reduce(1, *) : 0
  }

  /// Serves another dataset of the same kind and count from the next batch on.
  package func replaceDataset(by other: Dataset) {
    precondition(
      thread == nil && other.shape == dataset.shape && other.count == dataset.count
        && other.elements.number == dataset.elements.number
        && other.fields == dataset.fields)
    dataset = other
  }

  /// The failure of the batch that was loaded last.
  package var failure: Failure? { current?.failure ?? met.withLock { $0 } }

  /// Makes a batch ready, and starts reading the one that is probably next.
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

  /// Copies the samples at positions of the batch; after a failure they are arbitrary.
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
      do throws(Failure) {
        try unsafe dataset.read(targets: batch[wanted], into: target)
      } catch {
        met.withLock { $0 = error }
      }
      return
    }
    let start = (wanted.lowerBound - places.lowerBound) * dataset.targetBytes
    unsafe target.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: current.targets[start..<start + target.count]))
  }

  /// Copies a field of the samples at positions of the batch; after a failure it is arbitrary.
  package func copy(
    _ field: Field, at wanted: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) {
    switch field.role {
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
