package import Diagnostics

extension Dataset {
  /// Copies a field of some samples, one after the other, in the field's number type.
  ///
  /// Reading from a file can fail.
  package func copy(
    _ field: Field, of samples: ArraySlice<Int32>, into destination: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    switch field.role {
    case .samples: try unsafe copy(samples: samples, into: destination)
    case .labels, .targets: try unsafe read(targets: samples, into: destination)
    case .weights: unsafe copy(weights: samples, into: destination)
    case .named:
      guard let source = namedFields.first(where: { $0.field == field }) else {
        preconditionFailure("the dataset has no field '\(field.name)'")
      }
      try unsafe copy(samples, of: source.elements, size: field.byteCount, into: destination)
    }
  }

  /// Copies samples one after the other, in the dataset's number type.
  ///
  /// The epoch of training chooses the tokens that are hidden, if some are; an evaluation has none.
  /// Reading from a file can fail.
  package func copy(
    samples: ArraySlice<Int32>, epoch: Int? = nil, into destination: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    try unsafe copy(samples, of: elements, size: sampleBytes, into: destination)
    guard let masking, let tokens else { return }
    unsafe masking.hideTargets(
      of: samples, in: destination.assumingMemoryBound(to: Int32.self),
      behind: Int32(tokens.size), epoch: epoch)
  }

  /// Copies the samples' targets, class indices (`Int32`) or real numbers (`Float`), from memory or
  /// from a file, which can fail.
  package func read(
    targets samples: ArraySlice<Int32>, epoch: Int? = nil,
    into destination: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    guard case .next(let file, let last, _) = targets else {
      return unsafe copy(targets: samples, into: destination)
    }
    guard let masking else {
      return try unsafe file.readNext(samples, at: selection, last: last, into: destination)
    }
    try unsafe copy(samples, of: elements, size: sampleBytes, into: destination)
    unsafe masking.keepTargets(
      of: samples, in: destination.assumingMemoryBound(to: Int32.self), epoch: epoch)
  }

  /// Copies targets that are in memory.
  package func copy(
    targets samples: ArraySlice<Int32>, into destination: UnsafeMutableRawBufferPointer
  ) {
    unsafe targets.withBytes { bytes in
      unsafe copy(samples, of: bytes, size: targetBytes, into: destination)
    }
  }

  /// Copies the samples' weights (`Float`).
  package func copy(
    weights samples: ArraySlice<Int32>, into destination: UnsafeMutableRawBufferPointer
  ) {
    unsafe weights?.withUnsafeBytes { bytes in
      unsafe copy(samples, of: bytes, size: 4, into: destination)
    }
  }

  private func copy(
    _ samples: ArraySlice<Int32>, of elements: Elements, size: Int,
    into destination: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    switch elements {
    case .bytes(let values):
      unsafe values.withUnsafeBytes {
        unsafe copy(samples, of: $0, size: size, into: destination)
      }
    case .integers(let values):
      unsafe values.withUnsafeBytes {
        unsafe copy(samples, of: $0, size: size, into: destination)
      }
    case .floats(let values):
      unsafe values.withUnsafeBytes {
        unsafe copy(samples, of: $0, size: size, into: destination)
      }
    case .cached(let file):
      try unsafe file.read(samples, at: selection, into: destination)
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
