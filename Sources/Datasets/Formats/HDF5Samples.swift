internal import Diagnostics
internal import HDF5Files

/// An array of an HDF5 file with the samples, the targets or a field.
final class HDF5Samples {
  let path: String
  let name: String
  private let rows: HDF5RowReader
  /// The number and the size of the planes, if each channel is a plane.
  private let planes: (count: Int, size: Int)?
  /// Of one sample in the file.
  let inner: [Int]
  /// Of one sample, channels last.
  let shape: [Int]
  private var integers: [Int64] = []
  private var reals: [Double] = []

  /// Only images without channels get one.
  init(
    _ file: borrowing HDF5Reader, _ name: String, _ channels: ChannelAxis, areImages: Bool = true
  ) throws(Failure) {
    let rows = try file.rows(of: name)
    let inner = Array(rows.shape.dropFirst())
    guard inner.allSatisfy({ $0 > 0 }) else {
      throw Failure(.badData, "'\(file.path)': '\(name)' has the empty shape \(rows.shape)")
    }
    let channels = areImages || inner.count == 3 ? channels : .none
    self.rows = rows
    self.inner = inner
    path = file.path
    self.name = name
    shape = channels.sampleShape(inner)
    planes = channels == .first && inner.count == 3 ? (inner[0], inner[1] * inner[2]) : nil
  }

  var count: Int { rows.shape[0] }

  var number: Dataset.Number {
    switch rows.numbers {
    case .bytes: .uint8
    case .integers: .int32
    case .reals: .float32
    }
  }

  func read(
    _ samples: Range<Int>, as number: Dataset.Number, into target: UnsafeMutableRawBufferPointer,
    allowsNaN: Bool = false
  ) throws(Failure) {
    switch number {
    case .uint8:
      let bytes = unsafe target.assumingMemoryBound(to: UInt8.self)
      if let start = bytes.baseAddress { try unsafe rows.read(samples, into: start) }
      unsafe interleave(bytes)
    case .int32:
      let numbers = unsafe target.assumingMemoryBound(to: Int32.self)
      try read(samples) { (place, number) throws(Failure) in
        guard let number = Int32(exactly: number) else {
          throw failure(
            "holds \(number)", place, in: samples, ", expected integers of at most 32 bits")
        }
        unsafe numbers[place] = number
      }
      unsafe interleave(numbers)
    case .float32:
      let numbers = unsafe target.assumingMemoryBound(to: Float.self)
      if let start = numbers.baseAddress { try unsafe rows.read(samples, into: start) }
      let isBad = { (number: Float) in allowsNaN ? number.isInfinite : !number.isFinite }
      if let place = unsafe numbers.firstIndex(where: isBad) {
        throw unsafe failure("holds \(numbers[place])", place, in: samples)
      }
      unsafe interleave(numbers)
    }
  }

  /// Reads integers one by one, with their places among those read; real numbers must be whole.
  func read(
    _ samples: Range<Int>, each body: (Int, Int64) throws(Failure) -> Void
  ) throws(Failure) {
    let count = samples.count * shape.reduce(1, *)
    if case .reals = rows.numbers { return try readReals(samples, count, each: body) }
    if integers.count < count { integers = [Int64](repeating: 0, count: count) }
    try unsafe integers.withUnsafeMutableBufferPointer { integers throws(Failure) in
      if let start = integers.baseAddress { try unsafe rows.read(samples, into: start) }
    }
    for place in 0..<count { try body(place, integers[place]) }
  }

  private func readReals(
    _ samples: Range<Int>, _ count: Int, each body: (Int, Int64) throws(Failure) -> Void
  ) throws(Failure) {
    if reals.count < count { reals = [Double](repeating: 0, count: count) }
    try unsafe reals.withUnsafeMutableBufferPointer { reals throws(Failure) in
      if let start = reals.baseAddress { try unsafe rows.read(samples, into: start) }
    }
    for place in 0..<count {
      guard let number = Int64(exactly: reals[place]) else {
        throw failure(
          "holds \(reals[place])", place, in: samples,
          ", expected whole numbers, those of classes: real numbers to predict are targets")
      }
      try body(place, number)
    }
  }

  /// The failure of a number, with its sample and its place in it.
  private func failure(
    _ problem: String, _ place: Int, in samples: Range<Int>, _ rest: String = ""
  ) -> Failure {
    let size = shape.reduce(1, *)
    return Failure(
      .badData,
      "'\(path)': '\(name)' \(problem) in sample \(samples.lowerBound + place / size)"
        + "\(inner.place(of: place % size))\(rest)")
  }

  /// Reorders planes of channels into pixels.
  private func interleave<Number: BitwiseCopyable>(
    _ numbers: UnsafeMutableBufferPointer<Number>
  ) {
    guard let (count, size) = planes, count > 1 else { return }
    for sample in stride(from: 0, to: numbers.count, by: count * size) {
      let planar = unsafe Array(numbers[sample..<sample + count * size])
      for place in 0..<size {
        for plane in 0..<count {
          unsafe numbers[sample + place * count + plane] = planar[plane * size + place]
        }
      }
    }
  }
}

extension [Int] {
  /// The place of a number in an array of this shape, as ` at [2, 0]`; empty if it is the only one.
  func place(of number: Int) -> String {
    guard reduce(1, *) > 1 else { return "" }
    var (rest, indices) = (number, [Int]())
    for size in reversed() {
      indices.insert(rest % size, at: 0)
      rest /= size
    }
    return " at \(indices)"
  }
}
