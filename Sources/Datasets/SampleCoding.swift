package import Diagnostics
package import HDF5Files

/// What a network must know of its data besides the samples: how files become numbers, and what its
/// outputs mean.
///
/// Caches and checkpoints hold it.
package struct SampleCoding: Equatable, Sendable {
  /// Of one sample, channels last.
  package internal(set) var shape: [Int]
  package let number: Dataset.Number
  package let normalisation: Normalisation
  package internal(set) var targets: Targets
  /// The arrays besides samples, targets and weights.
  package internal(set) var fields: [Field]
  /// How the columns of a table become samples, if they do.
  package let columns: CSVColumns?
  /// The names of the real targets that no columns name; empty if they have none.
  let names: [String]
  /// What a loss standardises real targets by; empty where it takes them as they are.
  package var targetScales: [TargetScale]
  /// How a text becomes samples, if it does; its tokens are the classes where no others are given.
  package let tokens: Tokeniser?
  /// How a text becomes targets, if it does: its tokens, and the end behind them, are the classes.
  package let targetTokens: Tokeniser?
  /// The share of the tokens of a text that are hidden and to be predicted; nil where the next
  /// tokens are.
  package let masked: Double?
  /// Of two classes, the second is chosen where its probability is above this; nil: the more
  /// probable one.
  package var threshold: Double?

  package enum Targets: Equatable, Sendable {
    /// The names of the classes, and the shape of one sample's targets.
    case classes([String], shape: [Int] = [])
    case values(shape: [Int])
    case none

    /// The same for targets of another shape.
    func with(shape: [Int]) -> Targets {
      switch self {
      case .classes(let names, _): .classes(names, shape: shape)
      case .values: .values(shape: shape)
      case .none: .none
      }
    }
  }

  package init(
    shape: [Int], number: Dataset.Number, normalisation: Normalisation, targets: Targets,
    fields: [Field] = [], columns: CSVColumns? = nil, names: [String] = [],
    targetScales: [TargetScale] = [], tokens: Tokeniser? = nil, targetTokens: Tokeniser? = nil,
    masked: Double? = nil
  ) {
    self.shape = shape
    self.number = number
    self.normalisation = normalisation
    self.targets = targets
    self.fields = fields
    self.columns = columns
    self.names = names
    self.targetScales = targetScales
    self.tokens = tokens
    self.targetTokens = targetTokens
    self.masked = masked
  }

  /// The targets that are tokens of the samples themselves; nil where these are no texts.
  var ownTokens: Targets? { tokens.map { .classes($0.names, shape: shape) } }

  /// The number of different tokens of which samples consist; where some are hidden the last one is
  /// the mask.
  package var inputTokens: Int? { tokens.map { $0.size + (masked == nil ? 0 : 1) } }

  /// Whether samples are parts of a text, and the targets its next or its hidden tokens.
  package var isText: Bool { tokens != nil && targets == ownTokens }

  /// The bytes of a sample.
  package var sampleBytes: Int { shape.reduce(1, *) * number.size }

  /// The names of the real targets.
  package var targetNames: [String] {
    guard case .values(let shape) = targets else { return [] }
    let width = shape.reduce(1, *)
    if let columns { return columns.targetNames }
    return !names.isEmpty ? names : width == 1 ? ["value"] : (1...width).map { "value \($0)" }
  }
}

extension SampleCoding {
  /// The number of samples in a set of a cache.
  package func sampleCount(
    of set: String, in file: borrowing HDF5Reader
  ) throws(Failure) -> Int {
    if let windows = try CacheReader.windows(in: set, of: file, self) { return windows.count }
    return try file.info(of: "\(set)/samples").shape.first ?? 0
  }

  /// The number of ignored targets in a set of a cache; nil if there are none.
  package func ignoredTargets(
    of set: String, in file: borrowing HDF5Reader
  ) throws(Failure) -> Int? {
    guard let counts = try CacheReader.counts(in: set, of: file) else { return nil }
    return counts.count * targetWidth - counts.reduce(0) { $0 + Int($1) }
  }
}

extension Dataset {
  package var coding: SampleCoding {
    let coded: SampleCoding.Targets =
      switch targets {
      case .classes(_, let names, let shape): .classes(names, shape: shape)
      case .next(_, _, let names): .classes(names, shape: targets.shape)
      case .values(_, let shape): .values(shape: shape)
      case .none: .none
      }
    return SampleCoding(
      shape: shape, number: elements.number, normalisation: normalisation, targets: coded,
      fields: namedFields.map(\.field), columns: columns, names: targetNames,
      targetScales: targetScales, tokens: tokens, targetTokens: targetTokens, masked: masking?.share
    )
  }
}
