package import Diagnostics
internal import Files
internal import HDF5Files

/// The format of generated samples.
package enum SampleFormat: String, CaseIterable, Sendable {
  /// A grid of images.
  case png
  /// Points in the plane.
  case svg
  /// A line for each sample.
  case csv
  /// One array, `samples`.
  case h5

  /// By the suffix of a file name.
  package init(ofFile path: String) throws(Failure) {
    let ending = baseName(path).split(separator: ".").dropFirst().last.map(String.init) ?? ""
    guard let format = SampleFormat(rawValue: ending) else {
      let endings = Self.allCases.map { ".\($0.rawValue)" }
      throw Failure(
        .usage,
        "cannot tell from the name '\(path)' what to write: expected one that ends in "
          + endings.dropLast().joined(separator: ", ") + " or \(endings.last ?? "")")
    }
    self = format
  }

  /// The default for samples of a shape.
  package init(showing shape: [Int]) {
    self = shape.count == 3 && [1, 3].contains(shape[2]) ? .png : shape == [2] ? .svg : .csv
  }
}

/// Samples that a network generated, in the units of its data.
package struct GeneratedSamples: Sendable {
  /// Of one, channels last.
  let shape: [Int]
  let number: Dataset.Number
  /// One sample after the other.
  package let values: [Float]

  /// Reverts the normalisation of a coding.
  package init(_ values: [Float], seenBy coding: SampleCoding) {
    shape = coding.shape
    number = coding.number
    let normalisation = coding.normalisation
    self.values = values.map {
      ($0 * normalisation.deviation + normalisation.mean) / normalisation.scale
    }
  }

  /// Samples of another shape, in their units.
  init(_ values: [Float], shape: [Int], number: Dataset.Number) {
    self.shape = shape
    self.number = number
    self.values = values
  }

  var size: Int { shape.reduce(1, *) }
  package var count: Int { values.count / size }

  /// Writes a file atomically.
  package func write(_ format: SampleFormat, to path: String) throws(Failure) {
    switch format {
    case .png: try writeGrid(to: path)
    case .svg: try writeAtomically(try drawing(for: path), to: path)
    case .csv: try writeAtomically(table, to: path)
    case .h5: try writeArray(to: path)
    }
  }

  private var table: String {
    let names = (1...size).map { "x\($0)" }.joined(separator: ",")
    var text = names + "\n"
    let words = number == .uint8 ? bytes.map(\.description) : values.map(\.description)
    for start in stride(from: 0, to: values.count, by: size) {
      text += words[start..<start + size].joined(separator: ",") + "\n"
    }
    return text
  }

  private func writeArray(to path: String) throws(Failure) {
    let file = TemporaryFile(for: path)
    var writer = try HDF5Writer(creating: file.path)
    if number == .uint8 {
      try write(bytes, to: &writer)
    } else {
      try write(values, to: &writer)
    }
    try writer.close()
    try file.synchronize()
    try file.rename(to: path)
    try synchronizeDirectory(directoryName(path))
  }

  private func write<Element: HDF5Element>(
    _ elements: [Element], to writer: inout HDF5Writer
  ) throws(Failure) {
    try unsafe elements.withUnsafeBufferPointer { elements throws(Failure) in
      try unsafe writer.write(elements, shape: [count] + shape, to: "samples")
    }
  }
}
