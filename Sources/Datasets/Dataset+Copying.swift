extension Dataset {
  /// Puts samples one after the other, in the dataset's own element type.
  package func copy(
    samples: ArraySlice<Int32>, into destination: UnsafeMutableRawBufferPointer
  ) {
    let size = sampleBytes
    precondition(destination.count == samples.count * size)
    guard let base = destination.baseAddress else { return }
    unsafe elements.withBytes { bytes in
      guard let source = bytes.baseAddress else { return }
      var offset = 0
      for sample in samples {
        unsafe (base + offset).copyMemory(
          from: source + Int(location(of: sample)) * size, byteCount: size)
        offset += size
      }
    }
  }

  /// Puts the samples' class indices one after the other.
  package func copy(
    labels samples: ArraySlice<Int32>, into destination: UnsafeMutableBufferPointer<Int32>
  ) {
    precondition(destination.count == samples.count)
    switch targets {
    case .classes(let labels, _):
      var next = 0
      for sample in samples {
        unsafe destination[next] = labels[Int(location(of: sample))]
        next += 1
      }
    }
  }
}
