extension Dataset {
  /// Puts samples one after the other, in the dataset's own element type.
  package func copy(
    samples: ArraySlice<Int32>, into destination: UnsafeMutableRawBufferPointer
  ) {
    unsafe elements.withBytes { bytes in
      unsafe copy(samples, of: bytes, size: sampleBytes, into: destination)
    }
  }

  /// Puts the samples' class indices (`Int32`), or their real numbers (`Float`), one after the other.
  package func copy(
    targets samples: ArraySlice<Int32>, into destination: UnsafeMutableRawBufferPointer
  ) {
    unsafe targets.withBytes { bytes in
      unsafe copy(samples, of: bytes, size: targetBytes, into: destination)
    }
  }

  /// Puts the samples' weights (`Float`) one after the other.
  package func copy(
    weights samples: ArraySlice<Int32>, into destination: UnsafeMutableRawBufferPointer
  ) {
    unsafe weights?.withUnsafeBytes { bytes in
      unsafe copy(samples, of: bytes, size: 4, into: destination)
    }
  }

  private func copy(
    _ samples: ArraySlice<Int32>, of bytes: UnsafeRawBufferPointer, size: Int,
    into destination: UnsafeMutableRawBufferPointer
  ) {
    precondition(destination.count == samples.count * size)
    guard let base = destination.baseAddress, let source = bytes.baseAddress else { return }
    var offset = 0
    for sample in samples {
      unsafe (base + offset).copyMemory(
        from: source + Int(location(of: sample)) * size, byteCount: size)
      offset += size
    }
  }
}
