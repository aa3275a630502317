internal import Diagnostics
internal import HDF5Files

/// The samples in an array of an HDF5 file.
final class HDF5Samples {
  let path: String
  private let name: String
  private let rows: HDF5Rows
  /// How many planes there are, and of what size, where each channel is a plane of its own.
  private let planes: (count: Int, size: Int)?
  /// Of one sample, channels last.
  let shape: [Int]

  init(
    _ file: borrowing HDF5Reader, _ name: String, channelsFirst: Bool
  ) throws(Failure) {
    let rows = try file.rows(of: name)
    let inner = Array(rows.shape.dropFirst())
    guard inner.allSatisfy({ $0 > 0 }) else {
      throw Failure(.badData, "'\(file.path)': '\(name)' has the empty shape \(rows.shape)")
    }
    self.rows = rows
    path = file.path
    self.name = name
    shape = Self.sampleShape(inner, channelsFirst: channelsFirst)
    planes = channelsFirst && inner.count == 3 ? (inner[0], inner[1] * inner[2]) : nil
  }

  /// Pictures without channels get one; a sample may also be a single number.
  static func sampleShape(_ inner: [Int], channelsFirst: Bool) -> [Int] {
    switch inner.count {
    case 0: [1]
    case 2: inner + [1]
    case 3 where channelsFirst: [inner[1], inner[2], inner[0]]
    default: inner
    }
  }

  var count: Int { rows.shape[0] }
  var number: Dataset.Number { rows.numbers == .bytes ? .uint8 : .float32 }

  func read(
    _ samples: Range<Int>, as number: Dataset.Number, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    switch number {
    case .uint8:
      let bytes = unsafe target.assumingMemoryBound(to: UInt8.self)
      if let start = bytes.baseAddress { try unsafe rows.read(samples, into: start) }
      unsafe interleave(bytes)
    case .int32, .float32:
      let numbers = unsafe target.assumingMemoryBound(to: Float.self)
      if let start = numbers.baseAddress { try unsafe rows.read(samples, into: start) }
      try unsafe check(numbers, name, samples)
      unsafe interleave(numbers)
    }
  }

  /// Refuses numbers that are not finite, naming the sample.
  func check(
    _ numbers: UnsafeMutableBufferPointer<Float>, _ name: String, _ samples: Range<Int>
  ) throws(Failure) {
    guard let place = unsafe numbers.firstIndex(where: { !$0.isFinite }) else { return }
    let sample = samples.lowerBound + place / max(1, numbers.count / max(1, samples.count))
    throw Failure(
      .badData, unsafe "'\(path)': '\(name)' holds \(numbers[place]) in sample \(sample)")
  }

  /// Turns planes of channels into pixels.
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
