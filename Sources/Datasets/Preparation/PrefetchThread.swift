internal import Diagnostics
internal import Glibc
internal import Processes

/// The samples of a rank's part of a batch, and their targets if these are read or move with them.
@safe final class SampleBuffer: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer
  let targets: UnsafeMutableRawBufferPointer
  var batch = Batch(samples: [])
  var failure: Failure?

  init(byteCount: Int, targetBytes: Int) {
    unsafe targets = .allocate(byteCount: targetBytes, alignment: 64)
    unsafe targets.initializeMemory(as: UInt8.self, repeating: 0)
    unsafe bytes = .allocate(byteCount: byteCount, alignment: 64)
    // Touched now, or the system would map the pages during a step.
    unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit {
    unsafe bytes.deallocate()
    unsafe targets.deallocate()
  }
}

/// A thread that fills one buffer at a time.
///
/// It alone augments: other threads may flush subnormal numbers to zero.
@safe final class PrefetchThread: @unchecked Sendable {
  private let dataset: Dataset
  private let places: Range<Int>
  private let augmentation: Augmentation?
  private let original: UnsafeMutableRawBufferPointer
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var thread: JoinableThread?
  /// The buffer being filled.
  private var work: SampleBuffer?
  private var isStopping = false

  init(
    _ dataset: Dataset, places: Range<Int>, augmentation: Augmentation?
  ) throws(Failure) {
    self.dataset = dataset
    self.places = places
    self.augmentation = augmentation
    unsafe original = .allocate(
      byteCount: max(dataset.sampleBytes, dataset.targetBytes), alignment: 64)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(changed, nil)
    thread = try JoinableThread(
      "the thread that prepares batches", stop: { [self] in requestStop() }
    ) { [self] in serve() }
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(mutex)
    unsafe changed.deallocate()
    unsafe mutex.deallocate()
    unsafe original.deallocate()
  }

  func fill(_ buffer: SampleBuffer, with batch: Batch) {
    buffer.batch = batch
    locked { work = buffer }
  }

  /// Returns when no buffer is being filled.
  func wait() {
    unsafe pthread_mutex_lock(mutex)
    while work != nil { unsafe pthread_cond_wait(changed, mutex) }
    unsafe pthread_mutex_unlock(mutex)
  }

  func stop() {
    requestStop()
    thread?.join()
    thread = nil
  }

  private func requestStop() { locked { isStopping = true } }

  private func locked(_ change: () -> Void) {
    unsafe pthread_mutex_lock(mutex)
    change()
    unsafe pthread_cond_broadcast(changed)
    unsafe pthread_mutex_unlock(mutex)
  }

  private func serve() {
    while let buffer = next() {
      do throws(Failure) {
        try fill(buffer)
        buffer.failure = nil
      } catch {
        buffer.failure = error
      }
      locked { work = nil }
    }
  }

  /// The next buffer, nil when the thread is to end.
  private func next() -> SampleBuffer? {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while work == nil, !isStopping { unsafe pthread_cond_wait(changed, mutex) }
    return isStopping ? nil : work
  }

  private func fill(_ buffer: SampleBuffer) throws(Failure) {
    let samples = buffer.batch[places.clamped(to: 0..<buffer.batch.count)]
    let size = dataset.sampleBytes
    try unsafe dataset.copy(
      samples: samples, epoch: buffer.batch.epoch,
      into: UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<(samples.count * size)]))
    let targetSize = unsafe buffer.targets.isEmpty ? 0 : dataset.targetBytes
    if targetSize > 0 {
      try unsafe dataset.read(
        targets: samples, epoch: buffer.batch.epoch,
        into: UnsafeMutableRawBufferPointer(
          rebasing: buffer.targets[..<(samples.count * targetSize)]))
    }
    guard let augmentation, let start = unsafe buffer.bytes.baseAddress else { return }
    for (place, sample) in samples.enumerated() {
      let change = augmentation.change(ofSample: sample, epoch: buffer.batch.epoch)
      guard change != Augmentation.Change() else { continue }
      unsafe apply(change, to: start + place * size)
      guard targetSize > 0, let targets = unsafe buffer.targets.baseAddress else { continue }
      unsafe apply(change, toTargets: targets + place * targetSize)
    }
  }

  private func apply(_ change: Augmentation.Change, to sample: UnsafeMutableRawPointer) {
    guard let copy = unsafe original.baseAddress else { return }
    unsafe copy.copyMemory(from: sample, byteCount: dataset.sampleBytes)
    switch dataset.elements.number {
    case .uint8:
      unsafe change.apply(
        to: copy.assumingMemoryBound(to: UInt8.self), dataset.shape,
        into: sample.assumingMemoryBound(to: UInt8.self))
    case .int32:
      unsafe change.apply(
        to: copy.assumingMemoryBound(to: Int32.self), dataset.shape,
        into: sample.assumingMemoryBound(to: Int32.self))
    case .float32:
      unsafe change.apply(
        to: copy.assumingMemoryBound(to: Float.self), dataset.shape,
        into: sample.assumingMemoryBound(to: Float.self))
    }
  }

  private func apply(
    _ change: Augmentation.Change, toTargets targets: UnsafeMutableRawPointer
  ) {
    guard let copy = unsafe original.baseAddress else { return }
    unsafe copy.copyMemory(from: targets, byteCount: dataset.targetBytes)
    unsafe change.apply(
      toTargets: copy.assumingMemoryBound(to: UInt32.self), dataset.targets.shape,
      into: targets.assumingMemoryBound(to: UInt32.self))
  }
}
