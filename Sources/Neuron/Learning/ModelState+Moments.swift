internal import Communication
internal import Diagnostics
internal import Training

extension ModelState {
  /// Copies the moments that both states have; gathers the slices of the group first.
  func takeMoments(of old: ModelState, inSlicesOf group: Communicator) throws(Failure) {
    for (old, new) in zip(old.networks, networks) {
      for number in unsafe old.moments.indices {
        let name = unsafe old.moments[number].name
        guard let place = unsafe new.moments.firstIndex(where: { unsafe $0.name == name })
        else { continue }
        let whole = try old.wholeMoment(number, inSlicesOf: group)
        let kept = unsafe new.moments[place].values
        for (index, element) in new.slice.clamped(to: 0..<new.trainedCount).enumerated() {
          unsafe kept[index] = whole[element]
        }
      }
    }
  }
}

extension NetworkState {
  /// A moment of all trained elements; collective in the group.
  fileprivate func wholeMoment(
    _ number: Int, inSlicesOf group: Communicator
  ) throws(Failure) -> [Float] {
    // Without slices, every rank has the whole moment.
    let parts =
      slice == 0..<count
      ? (0..<group.size).map { _ in 0..<0 }
      : VectorPartition.ranges(elements: count, ranks: group.size).map {
        $0.clamped(to: 0..<trainedCount)
      }
    let values = unsafe moments[number].values
    var whole = [Float](repeating: 0, count: max(1, trainedCount))
    for (index, element) in slice.clamped(to: 0..<trainedCount).enumerated() {
      whole[element] = unsafe values[index]
    }
    var failure: Failure?
    unsafe whole.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      do throws(Failure) {
        try unsafe group.allGather(
          start, ranges: parts.map { 4 * $0.lowerBound..<4 * $0.upperBound })
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return whole
  }
}
