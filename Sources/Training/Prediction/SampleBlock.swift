internal import Datasets
internal import Diagnostics
internal import Execution

/// Samples in a row and their fields, as the inputs of a program.
@safe package final class SampleBlock: @unchecked Sendable {
  /// The place of the first sample in its file, and the number of samples.
  private(set) var first = 0
  private(set) var count = 0
  /// The names of the samples; nil where they have only their places.
  private(set) var names: [String?]?
  /// The share of the file that has been read with them.
  private(set) var share: Double?
  /// The most samples.
  let room: Int
  /// For each input of a program its name, the bytes of a sample, and those of all samples.
  private(set) var inputs: [(name: String, size: Int, bytes: Arena)] = []

  init(_ coding: SampleCoding, room: Int) throws(Failure) {
    self.room = room
    for (name, size) in Self.inputs(of: coding) {
      inputs.append((name, size, try Arena(byteCount: room * size)))
    }
  }

  /// The names of a program's inputs, and the bytes of a sample in each.
  static func inputs(of coding: SampleCoding) -> [(name: String, size: Int)] {
    [("samples", coding.sampleBytes)] + coding.fields.map { ($0.name, $0.byteCount) }
  }

  /// The memory of an input for the samples.
  func bytes(_ input: Int) -> UnsafeMutableRawBufferPointer { unsafe bytes(input, samples: count) }

  private func bytes(_ input: Int, samples: Int) -> UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(
      start: inputs[input].bytes.start, count: samples * inputs[input].size)
  }

  /// Reads the next samples of a file; fewer than there is room for only at its end.
  func read(_ samples: any InputSamples, after first: Int) throws(Failure) {
    self.first = first
    count = try unsafe samples.read(room, into: bytes(0, samples: room))
    for place in inputs.indices.dropFirst() {
      try unsafe samples.read(first..<first + count, ofField: place - 1, into: bytes(place))
    }
    names = samples.hasNames ? (first..<first + count).map(samples.name) : nil
    share = samples.share
  }

  /// Takes the place of samples that another rank has read, and whose bytes follow.
  func receive(_ count: Int, after first: Int) { (self.first, self.count) = (first, count) }
}
