package import Diagnostics
package import HDF5Files

/// What a network must know of the data it was trained on, besides the samples: how what lies in files
/// becomes numbers, and what its answers mean.
package struct SampleCoding: Equatable, Sendable {
  /// Of one sample, channels last.
  package let shape: [Int]
  package let number: Dataset.Number
  package let normalisation: Normalisation
  package let answers: Answers
  /// What is named besides samples and answers.
  package let fields: [Field]
  /// Where samples are the rows of a table.
  package let columns: CSVColumns?

  package enum Answers: Equatable, Sendable {
    /// The names of the classes, and the shape of one sample's targets.
    case classes([String], shape: [Int] = [])
    case values(shape: [Int])
    case none
  }

  package init(
    shape: [Int], number: Dataset.Number, normalisation: Normalisation, answers: Answers,
    fields: [Field] = [], columns: CSVColumns? = nil
  ) {
    self.shape = shape
    self.number = number
    self.normalisation = normalisation
    self.answers = answers
    self.fields = fields
    self.columns = columns
  }

  /// The bytes of a sample.
  package var sampleBytes: Int { shape.reduce(1, *) * number.size }

  /// What the real numbers of an answer are called.
  package var targetNames: [String] {
    guard case .values(let shape) = answers else { return [] }
    let width = shape.reduce(1, *)
    if case .targets(let names)? = columns?.answer { return names }
    return width == 1 ? ["value"] : (1...width).map { "value \($0)" }
  }
}

extension SampleCoding {
  /// How many targets a set of a cache has that count nowhere; nil if all count.
  package func ignoredTargets(
    of set: String, in file: borrowing HDF5Reader
  ) throws(Failure) -> Int? {
    guard let counts = try CacheReader.counts(in: set, of: file) else { return nil }
    return counts.count * answerWidth - counts.reduce(0) { $0 + Int($1) }
  }
}

extension Dataset {
  package var coding: SampleCoding {
    let answers: SampleCoding.Answers =
      switch targets {
      case .classes(_, let names, let shape): .classes(names, shape: shape)
      case .values(_, let shape): .values(shape: shape)
      case .none: .none
      }
    return SampleCoding(
      shape: shape, number: elements.number, normalisation: normalisation, answers: answers,
      fields: namedFields.map(\.field), columns: columns)
  }
}
