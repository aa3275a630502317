/// Samples of one shape with their targets; immutable, so any thread may read it.
///
/// Samples are contiguous, channels last: [height, width, channels] or [features].
package struct Dataset: Sendable {
  package let shape: [Int]
  /// What the network does with the numbers first; the samples stay as they were read.
  package private(set) var normalisation: Normalisation
  /// Which tokens of a text are hidden and to be predicted, if not the next ones.
  package private(set) var masking: Masking?
  /// Equal for equal samples and targets, on any machine.
  package let contentHash: ContentHash
  package let elements: Elements
  package let targets: Targets
  /// The number of targets of each stored sample that count; nil if all do.
  package let targetCounts: [Int32]?
  /// The weight of each stored sample's loss, if they differ.
  package private(set) var weights: [Float]?
  /// Whether the weights count in metrics, too.
  package private(set) var weighsMetrics = true
  /// All arrays, in the order: samples, labels or targets, weights, then named fields.
  package private(set) var fields: [Field]
  /// The arrays besides samples, targets and weights.
  package let namedFields: [NamedField]
  /// The names of the real targets of a sample; empty if they have none.
  let targetNames: [String]
  /// How the columns of a table became samples, if they did.
  package let columns: CSVColumns?
  /// How a text became samples, if it did.
  package let tokens: Tokeniser?
  /// How a text became targets, if another one did.
  package let targetTokens: Tokeniser?
  /// The number of symbols of a whole text that are no tokens; nil of a part, or of no text.
  package let unknownSymbols: Int?
  /// The file of the targets, for messages; nil if there is none.
  package let source: String?
  /// The place of each sample in the elements; nil if all are there in order.
  let selection: Selection?
  private let storedCount: Int

  /// The type of the numbers of samples.
  package enum Number: String, CaseIterable, Sendable {
    /// Pixels, 255 for 1.
    case uint8
    case int32
    case float32

    /// In bytes.
    package var size: Int { self == .uint8 ? 1 : 4 }

    /// Whether numbers of another type can become this one.
    func takes(_ other: Number) -> Bool { self == .float32 || other == self || other == .uint8 }

    /// The type to read such numbers as: the wanted one if it takes them.
    func read(as wanted: Number?) -> Number {
      if let wanted, wanted.takes(self) { wanted } else { self }
    }
  }

  /// The numbers of all samples.
  package enum Elements: Sendable {
    case bytes([UInt8])
    case integers([Int32])
    case floats([Float])
    /// In a file, from which each batch is read.
    case cached(CachedSamples)
  }

  /// What a network learns to predict; `shape` is that of one sample's targets.
  package enum Targets: Sendable {
    /// Class indices, -1 where a target is ignored.
    ///
    /// The shape is `[]` for a class per sample, `[steps]` for one per step, `[height, width]` for
    /// one per pixel.
    case classes([Int32], names: [String], shape: [Int] = [])
    /// Real numbers, NaN where a target is ignored.
    case values([Float], shape: [Int])
    /// The token behind each one of a text, whose samples are in a file; `last` is that behind the
    /// last sample.
    case next(CachedSamples, last: Int32, names: [String])
    case none
  }

  /// There must be targets, weights and parts of all fields for each sample.
  package init(
    shape: [Int], elements: Elements, targets: Targets, weights: [Float]? = nil,
    namedFields: [NamedField] = [], targetNames: [String] = [],
    normalisation: Normalisation? = nil, columns: CSVColumns? = nil, tokens: Tokeniser? = nil,
    targetTokens: Tokeniser? = nil, unknownSymbols: Int? = nil, source: String? = nil
  ) {
    let count = elements.count / shape.reduce(1, *)
    precondition(weights == nil || weights?.count == count)
    precondition(elements.count == count * shape.reduce(1, *))
    precondition(targets.numberCount == count * targets.perSample)
    precondition(namedFields.allSatisfy { $0.elements.count == count * $0.field.size })
    self.shape = shape
    self.elements = elements
    self.targets = targets
    targetCounts = targets.counts(samples: count)
    storedCount = count
    self.weights = weights
    self.namedFields = namedFields
    fields = Self.fields(shape, elements.number, targets, isWeighted: weights != nil, namedFields)
    self.targetNames = targetNames
    self.columns = columns
    self.tokens = tokens
    self.targetTokens = targetTokens
    self.unknownSymbols = unknownSymbols
    self.source = source
    self.normalisation = normalisation ?? Normalisation(of: elements)
    contentHash = ContentHash(
      shape: shape, elements: elements, targets: targets, weights: weights, namedFields)
    selection = nil
  }

  private init(
    of whole: Dataset, _ selection: Selection, _ indices: some Collection<Int32>
  ) {
    self.selection = selection
    shape = whole.shape
    normalisation = whole.normalisation
    masking = whole.masking
    elements = whole.elements
    targets = whole.targets
    targetCounts = whole.targetCounts
    storedCount = whole.storedCount
    weights = whole.weights
    weighsMetrics = whole.weighsMetrics
    namedFields = whole.namedFields
    fields = whole.fields
    targetNames = whole.targetNames
    columns = whole.columns
    tokens = whole.tokens
    targetTokens = whole.targetTokens
    unknownSymbols = nil
    source = whole.source
    contentHash = ContentHash(of: whole.contentHash, selection: indices)
  }

  /// Some of the samples, in this order; the memory is shared.
  package func selecting(_ indices: [Int32]) -> Dataset {
    Dataset(of: self, .list(indices.map { location(of: $0) }), indices)
  }

  /// Consecutive samples; the memory is shared.
  package func selecting(_ range: Range<Int>) -> Dataset {
    let whole = selection ?? .range(0..<Int32(storedCount))
    return Dataset(
      of: self, whole[range], Int32(range.lowerBound)..<Int32(range.upperBound))
  }

  /// The same samples, not normalised; pixels are from 0 to 1.
  package var unnormalised: Dataset { normalised(by: normalisation.scaleAlone) }

  /// The same samples with another normalisation.
  package func normalised(by normalisation: Normalisation) -> Dataset {
    var dataset = self
    dataset.normalisation = normalisation
    return dataset
  }

  /// The same samples with weights of their losses by class, which count in no metric.
  ///
  /// Each sample must have one class; one that is ignored has the weight 1.
  func weighted(byClass weight: [Float]) -> Dataset {
    guard case .classes(let labels, _, []) = targets else {
      preconditionFailure("the samples have not one class each")
    }
    var dataset = self
    dataset.weights = labels.map { $0 < 0 ? 1 : weight[Int($0)] }
    dataset.weighsMetrics = false
    dataset.fields = Self.fields(shape, elements.number, targets, isWeighted: true, namedFields)
    return dataset
  }

  private static func fields(
    _ shape: [Int], _ number: Number, _ targets: Targets, isWeighted: Bool, _ named: [NamedField]
  ) -> [Field] {
    [Field("samples", shape, number, .samples)] + [targets.field].compactMap(\.self)
      + (isWeighted ? [Field("weights", [], .float32, .weights)] : []) + named.map(\.field)
  }

  /// The same text, of which some tokens are hidden and to be predicted.
  package func masked(by masking: Masking?) -> Dataset {
    var dataset = self
    dataset.masking = masking
    return dataset
  }

  package var count: Int { selection?.count ?? storedCount }

  package var isWeighted: Bool { weights != nil }

  /// The names of the numbers in a sample and of real targets; empty where the data have none.
  package var columnNames: [String: [String]] {
    [
      "samples": columns?.window == nil ? columns?.names ?? [] : [],
      "targets": columns?.targetNames ?? targetNames,
    ]
  }

  /// The numbers in a sample.
  package var sampleSize: Int { shape.reduce(1, *) }

  /// The bytes that a copied sample takes.
  package var sampleBytes: Int { sampleSize * elements.number.size }

  /// The bytes that a copied target takes.
  package var targetBytes: Int { 4 * targets.perSample }

  /// Whether some target is ignored.
  package var ignoresTargets: Bool { targetCounts != nil || masking != nil }

  /// The number of targets of some samples that count.
  package func countingTargets(in samples: ArraySlice<Int32>) -> Int {
    guard let targetCounts else {
      return samples.count * (masking?.count(in: sampleSize) ?? targets.perSample)
    }
    return samples.reduce(0) { $0 + Int(targetCounts[Int(location(of: $1))]) }
  }

  /// The number of targets of all samples that count.
  package var countingTargets: Int {
    guard let targetCounts else { return count * targets.perSample }
    return (0..<Int32(count)).reduce(0) { $0 + Int(targetCounts[Int(location(of: $1))]) }
  }

  func location(of sample: Int32) -> Int32 { selection?[Int(sample)] ?? sample }

  /// The place of a sample in the data that it was selected from, for messages.
  package func place(of sample: Int32) -> Int { Int(location(of: sample)) }
}

extension Dataset.Elements {
  package var count: Int {
    switch self {
    case .bytes(let values): values.count
    case .integers(let values): values.count
    case .floats(let values): values.count
    case .cached(let samples): samples.count * samples.sampleSize
    }
  }

  package var number: Dataset.Number {
    switch self {
    case .bytes: .uint8
    case .integers: .int32
    case .floats: .float32
    case .cached(let samples): samples.number
    }
  }
}
