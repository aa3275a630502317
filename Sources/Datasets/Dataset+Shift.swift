package import Diagnostics

extension Dataset {
  /// The images as read from this many bytes later on: each ends with the first pixels of the next,
  /// and the last image is left out.
  ///
  /// Old releases of Neuron read MNIST that way; their models expect such images.
  package func shifted(by count: Int) throws(Failure) -> Dataset {
    guard elements.number == .uint8, case .classes(_, let names, []) = targets,
      self.count > 1
    else {
      throw Failure(.badData, "only images with a class each can begin at another byte")
    }
    guard 0 < count, count < sampleSize else {
      throw Failure(
        .usage,
        "the images are \(sampleSize) bytes each: expected an offset less than that behind the 16 "
          + "of the header, found \(count)")
    }
    let all = Array(0..<Int32(self.count))
    var pixels = [UInt8](repeating: 0, count: all.count * sampleSize)
    try unsafe pixels.withUnsafeMutableBufferPointer { pixels throws(Failure) in
      try unsafe copy(samples: all[...], into: UnsafeMutableRawBufferPointer(pixels))
    }
    var labels = [Int32](repeating: 0, count: all.count)
    unsafe labels.withUnsafeMutableBytes { unsafe copy(targets: all[...], into: $0) }
    let rest = all.count - 1
    return Dataset(
      shape: shape, elements: .bytes(Array(pixels[count..<count + rest * sampleSize])),
      targets: .classes(Array(labels[..<rest]), names: names),
      normalisation: normalisation)
  }
}
