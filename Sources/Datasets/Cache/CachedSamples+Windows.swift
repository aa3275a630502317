internal import Diagnostics

/// Samples that are windows of series, whose steps are in the file once.
extension CachedSamples {
  /// Reads windows; those of one part of a series that overlap, by one call.
  func read(
    _ samples: Range<Int>, of places: WindowPlaces, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    let window = places.window
    let stepBytes = sampleBytes / window.length
    var sample = samples.lowerBound
    while sample < samples.upperBound {
      let (part, step, start) = places.place(of: sample)
      let end = min(samples.upperBound, places.end(ofPart: part))
      let count = window.stride <= window.length ? end - sample : 1
      let bytes = unsafe UnsafeMutableRawBufferPointer(
        rebasing: target[((sample - samples.lowerBound) * sampleBytes)...]
          .prefix(count * sampleBytes))
      // The steps stand at the end first, where no window is written before it is read.
      let steps = unsafe UnsafeMutableRawBufferPointer(
        rebasing: bytes.suffix(((count - 1) * window.stride + window.length) * stepBytes))
      try unsafe read(
        at: (start + step) * stepBytes, of: sample..<sample + count, into: steps)
      for place in 0..<count {
        let first = place * window.stride * stepBytes
        unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[(place * sampleBytes)...])
          .copyMemory(
            from: UnsafeRawBufferPointer(rebasing: steps[first..<first + sampleBytes]))
      }
      sample += count
    }
  }

  /// What follows each window: the steps of a horizon, of which `columns` are predicted.
  func targets(_ columns: CSVColumns, of places: WindowPlaces) throws(Failure) -> [Float] {
    let (window, width) = (places.window, columns.width)
    let targetPlaces = columns.targetPlaces
    // The predicted columns of all steps.
    var steps: [Float] = []
    steps.reserveCapacity(places.stepCount * targetPlaces.count)
    let block = max(1, (1 << 20) / (4 * width))
    for start in stride(from: 0, to: places.stepCount, by: block) {
      var numbers = [Float](repeating: 0, count: min(block, places.stepCount - start) * width)
      try unsafe numbers.withUnsafeMutableBufferPointer { numbers throws(Failure) in
        try unsafe read(
          at: 4 * width * start, of: 0..<count, into: UnsafeMutableRawBufferPointer(numbers))
      }
      for step in stride(from: 0, to: numbers.count, by: width) {
        for place in targetPlaces { steps.append(numbers[step + place]) }
      }
    }
    var targets: [Float] = []
    let size = window.horizon * targetPlaces.count
    targets.reserveCapacity(count * size)
    for sample in 0..<count {
      let (_, step, start) = places.place(of: sample)
      let first = (start + step + window.length) * targetPlaces.count
      targets += steps[first..<first + size]
    }
    return targets
  }
}
