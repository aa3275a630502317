internal import Diagnostics
internal import Glibc
internal import Processes

/// The samples of a rank's part of a batch.
@safe final class SampleBuffer: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer
  var batch = Batch(samples: [])
  var failure: Failure?

  init(byteCount: Int) {
    unsafe bytes = .allocate(byteCount: byteCount, alignment: 64)
    // Touched now, so that the system does not find the memory during a step.
    unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { unsafe bytes.deallocate() }
}

/// A thread that fills one buffer at a time.
///
/// All filling is its own: another thread may treat the smallest numbers in another way.
@safe final class FillingThread: @unchecked Sendable {
  private let dataset: Dataset
  private let places: Range<Int>
  private let augmentation: Augmentation?
  private let original: UnsafeMutableRawBufferPointer
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var thread: JoinableThread?
  /// What is being filled.
  private var work: SampleBuffer?
  private var isStopping = false

  init(
    _ dataset: Dataset, places: Range<Int>, augmentation: Augmentation?
  ) throws(Failure) {
    self.dataset = dataset
    self.places = places
    self.augmentation = augmentation
    unsafe original = .allocate(byteCount: dataset.sampleBytes, alignment: 64)
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

  /// Returns when nothing is being filled.
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

  /// What to fill, nil when the thread is to end.
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
      samples: samples,
      into: UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<(samples.count * size)]))
    guard let augmentation, let start = unsafe buffer.bytes.baseAddress else { return }
    for (place, sample) in samples.enumerated() {
      let change = augmentation.change(ofSample: sample, epoch: buffer.batch.epoch)
      unsafe apply(change, to: start + place * size)
    }
  }

  private func apply(_ change: Augmentation.Change, to sample: UnsafeMutableRawPointer) {
    guard change != Augmentation.Change(), let copy = unsafe original.baseAddress else { return }
    unsafe copy.copyMemory(from: sample, byteCount: original.count)
    switch dataset.elements.number {
    case .uint8:
      unsafe change.apply(
        to: copy.assumingMemoryBound(to: UInt8.self), dataset.shape,
        into: sample.assumingMemoryBound(to: UInt8.self))
    case .int32: preconditionFailure("images are bytes or real numbers")
    case .float32:
      unsafe change.apply(
        to: copy.assumingMemoryBound(to: Float.self), dataset.shape,
        into: sample.assumingMemoryBound(to: Float.self))
    }
  }
}
