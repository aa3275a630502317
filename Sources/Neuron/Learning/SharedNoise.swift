internal import Communication
internal import Diagnostics

/// Noise that all ranks draw and then take from rank 0.
///
/// So all ranks have the same noise even if their generators differ.
struct SharedNoise {
  /// The numbers of one sample.
  let size: Int
  let source: () -> [Float]

  /// The noise of a number of samples, one after the other; collective.
  func draw(_ samples: Int) throws(Failure) -> [Float] {
    var numbers: [Float] = []
    numbers.reserveCapacity(samples * size + 1)
    var found = size
    for _ in 0..<samples {
      let row = source()
      if row.count != size { found = row.count }
      numbers += row.prefix(size)
    }
    numbers += Array(repeating: 0, count: samples * size - numbers.count)
    found = try agree(on: &numbers, found)
    if found != size {
      // All ranks have the same count, so all come here.
      try Group.world.together { () throws(Failure) in
        throw Failure(
          .badData,
          "randomNoise: expected \(size) numbers, as the generator has inputs, found \(found)")
      }
    }
    return numbers
  }

  /// Takes the numbers of rank 0, and returns its count.
  private func agree(on numbers: inout [Float], _ found: Int) throws(Failure) -> Int {
    guard Group.world.size > 1 else { return found }
    numbers.append(Float(found))
    var failure: Failure?
    unsafe numbers.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      do throws(Failure) {
        try unsafe Group.world.broadcast(start, count: bytes.count)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return Int(numbers.removeLast())
  }
}
