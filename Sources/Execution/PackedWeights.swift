internal import Diagnostics

/// Weights in the orders that kernels read: one copy of each parameter and form, shared by all
/// plans of the same weights.
///
/// Call `weightsChanged` after writing weights and `pack` before running a plan: it packs those
/// that the plan reads and that have changed, on all workers. No session may run meanwhile.
@safe package final class PackedWeights: @unchecked Sendable {
  /// The bytes of all forms.
  package private(set) var byteCount = 0
  /// In the order of the addresses of the parameters.
  private var weights: [PackedWeight] = []
  /// Those without memory.
  private var unplaced: [PackedWeight] = []
  /// The weights that are being packed, and the number of workers.
  private var pending: [PackedWeight] = []
  private var pendingBytes = 0
  private var workers = 1
  private var timelines: [Timeline] = []

  package init() {}

  /// Less is packed by the calling thread: waking others would take longer.
  private static let leastSharedBytes = 1 << 20

  /// A parameter in a form; `source` identifies the parameter.
  func weight(
    of source: Range<UnsafePointer<Float>>, in form: any WeightForm, _ activity: Activity
  ) -> PackedWeight {
    var index = unsafe firstIndex(in: source)
    while index < weights.count, unsafe weights[index].source == source {
      if weights[index].form.isEqual(to: form) { return weights[index] }
      index += 1
    }
    let weight = unsafe PackedWeight(source, form, activity, offset: byteCount)
    weights.insert(weight, at: index)
    unplaced.append(weight)
    byteCount += weight.stride
    return weight
  }

  /// Allocates memory for all weights without any.
  func place() throws(Failure) {
    guard let first = unplaced.first else { return }
    let arena = try Arena(byteCount: byteCount - first.offset)
    for weight in unplaced {
      try unsafe weight.place(at: arena.start + (weight.offset - first.offset), in: arena)
    }
    unplaced = []
  }

  /// Marks the weights of these elements, so that they are packed again before a plan reads them.
  func weightsChanged(_ elements: Range<UnsafePointer<Float>>) {
    var index = unsafe firstIndex(in: elements)
    while index < weights.count, unsafe weights[index].source.lowerBound < elements.upperBound {
      weights[index].isStale = true
      index += 1
    }
  }

  /// The index of the first weight that does not end before these elements.
  private func firstIndex(in elements: Range<UnsafePointer<Float>>) -> Int {
    var (low, high) = (0, weights.count)
    while low < high {
      let middle = (low + high) / 2
      let isBefore = unsafe weights[middle].source.upperBound <= elements.lowerBound
      if isBefore { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Packs those of some weights that have changed: each worker an equal number of bytes.
  func pack(_ wanted: [PackedWeight], on pool: WorkerPool?, timelines: [Timeline]) {
    pending.removeAll(keepingCapacity: true)
    pendingBytes = 0
    for weight in wanted where weight.isStale {
      weight.isStale = false
      pending.append(weight)
      pendingBytes += weight.byteCount
    }
    guard !pending.isEmpty else { return }
    self.timelines = timelines
    if let pool, pendingBytes >= Self.leastSharedBytes {
      workers = pool.count
      pool.run { [self] worker in packShare(of: worker) }
    } else {
      workers = 1
      packShare(of: 0)
    }
  }

  private func packShare(of worker: Int) {
    let timeline = timelines.isEmpty ? nil : timelines[worker]
    timeline?.begin()
    let share = pendingBytes * worker / workers..<pendingBytes * (worker + 1) / workers
    var place = 0
    for weight in pending {
      let pieces = weight.pieces(within: share.lowerBound - place..<share.upperBound - place)
      place += weight.byteCount
      guard !pieces.isEmpty else { continue }
      weight.pack(pieces)
      timeline?.lap(weight.activity)
    }
  }
}

/// A parameter in one form.
@safe final class PackedWeight {
  let source: Range<UnsafePointer<Float>>
  let form: any WeightForm
  let byteCount: Int
  private let pieceCount: Int
  let activity: Activity
  /// In the block of all weights.
  let offset: Int
  /// Whether the parameter has changed since it was packed.
  fileprivate(set) var isStale = true
  private var memory: (arena: Arena, start: UnsafeMutableRawPointer)?
  private var packer: ((Range<Int>) -> Void)?

  fileprivate init(
    _ source: Range<UnsafePointer<Float>>, _ form: any WeightForm, _ activity: Activity, offset: Int
  ) {
    unsafe self.source = source
    self.form = form
    (byteCount, pieceCount) = (form.byteCount, form.pieceCount)
    self.activity = activity
    self.offset = offset
  }

  /// The bytes that it takes: each weight is aligned for vectors.
  var stride: Int { (byteCount + 63) / 64 * 64 }

  fileprivate func place(at start: UnsafeMutableRawPointer, in arena: Arena) throws(Failure) {
    packer = try unsafe form.packer(from: source.lowerBound, to: start)
    unsafe memory = (arena, start)
  }

  var start: UnsafeMutableRawPointer {
    guard let memory = unsafe memory else { preconditionFailure("a weight has no memory yet") }
    return unsafe memory.start
  }

  /// The pieces that begin within a range of its bytes.
  fileprivate func pieces(within bytes: Range<Int>) -> Range<Int> {
    let size = byteCount / pieceCount
    func piece(from byte: Int) -> Int { min(pieceCount, (max(0, byte) + size - 1) / size) }
    return piece(from: bytes.lowerBound)..<piece(from: bytes.upperBound)
  }

  fileprivate func pack(_ pieces: Range<Int>) {
    guard let packer else { preconditionFailure("a weight is packed before it has memory") }
    packer(pieces)
  }
}
