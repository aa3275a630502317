/// Samples of one fixed shape with what is to be learnt about them; immutable, read by any thread.
///
/// Samples lie one after the other, channels last: [height, width, channels] or [features].
package struct Dataset: Sendable {
  package let shape: [Int]
  /// What a network subtracts and divides by; the samples themselves are as they were read.
  package private(set) var normalisation: Normalisation
  /// Equal for equal samples and targets, on any machine.
  package let contentHash: ContentHash
  package let elements: Elements
  package let targets: Targets
  /// How many targets of each stored sample count; nil where all do in every sample.
  package let targetCounts: [Int32]?
  /// How much the loss of each sample counts, if not all count alike.
  package let weights: [Float]?
  /// All that it holds, in the order: samples, labels or targets, weights, then named fields.
  package let fields: [Field]
  /// What the configuration names besides samples and answers.
  package let namedFields: [NamedField]
  /// How the columns of a table became samples, if they are such rows.
  package let columns: CSVColumns?
  /// Where the targets come from, as messages name it; nil where no file holds them.
  package let source: String?
  /// Where in the elements each sample is, if they are not all here in order.
  let selection: [Int32]?
  private let storedCount: Int

  /// The type of the numbers of samples.
  package enum Number: String, CaseIterable, Sendable {
    /// Pixels, 255 for 1.
    case uint8
    case int32
    case float32

    /// The bytes of one.
    package var size: Int { self == .uint8 ? 1 : 4 }

    /// Whether numbers of another type are also of this one.
    func takes(_ other: Number) -> Bool { self == .float32 || other == self || other == .uint8 }

    /// The type that numbers of this one are read as, where another is wanted.
    func read(as wanted: Number?) -> Number {
      if let wanted, wanted.takes(self) { wanted } else { self }
    }
  }

  /// The numbers of all samples.
  package enum Elements: Sendable {
    case bytes([UInt8])
    case integers([Int32])
    case floats([Float])
    /// They stay in a file, of which a batch reads what it needs.
    case cached(CachedSamples)
  }

  /// What a network is to answer for each sample; `shape` is that of one sample's targets.
  package enum Targets: Sendable {
    /// Numbers of classes, -1 where a target is ignored.
    ///
    /// The shape is `[]` for a class per sample, `[steps]` for one per step, `[height, width]` for
    /// one per pixel.
    case classes([Int32], names: [String], shape: [Int] = [])
    /// Real numbers, NaN where a target is ignored.
    case values([Float], shape: [Int])
    /// Samples without answers.
    case none
  }

  /// Every sample has its targets, and the elements fill the shape exactly.
  package init(
    shape: [Int], elements: Elements, targets: Targets, weights: [Float]? = nil,
    namedFields: [NamedField] = [], normalisation: Normalisation? = nil,
    columns: CSVColumns? = nil, source: String? = nil
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
    fields =
      [Field("samples", shape, elements.number, .samples)] + [targets.field].compactMap(\.self)
      + (weights == nil ? [] : [Field("weights", [], .float32, .weights)])
      + namedFields.map(\.field)
    self.columns = columns
    self.source = source
    self.normalisation = normalisation ?? Normalisation(of: elements)
    contentHash = ContentHash(
      shape: shape, elements: elements, targets: targets, weights: weights, namedFields)
    selection = nil
  }

  private init(of whole: Dataset, selection: [Int32]) {
    self.selection = selection.map { whole.location(of: $0) }
    shape = whole.shape
    normalisation = whole.normalisation
    elements = whole.elements
    targets = whole.targets
    targetCounts = whole.targetCounts
    storedCount = whole.storedCount
    weights = whole.weights
    namedFields = whole.namedFields
    fields = whole.fields
    columns = whole.columns
    source = whole.source
    contentHash = ContentHash(of: whole.contentHash, selection: selection)
  }

  /// Some of the samples, in a given order; their memory is shared.
  package func selecting(_ indices: [Int32]) -> Dataset {
    Dataset(of: self, selection: indices)
  }

  /// The same samples as they are, of which pixels are from 0 to 1.
  package var unnormalised: Dataset { normalised(by: normalisation.scaleAlone) }

  /// The same samples, of which a network is to do other things to the numbers first.
  package func normalised(by normalisation: Normalisation) -> Dataset {
    var dataset = self
    dataset.normalisation = normalisation
    return dataset
  }

  package var count: Int { selection?.count ?? storedCount }

  package var isWeighted: Bool { weights != nil }

  /// The numbers in a sample.
  package var sampleSize: Int { shape.reduce(1, *) }

  /// The bytes that a copied sample takes.
  package var sampleBytes: Int { sampleSize * elements.number.size }

  /// The bytes that a copied target takes.
  package var targetBytes: Int { 4 * targets.perSample }

  /// Whether some target of a stored sample is ignored.
  package var ignoresTargets: Bool { targetCounts != nil }

  /// How many targets of some samples count.
  package func countingTargets(in samples: ArraySlice<Int32>) -> Int {
    guard let targetCounts else { return samples.count * targets.perSample }
    return samples.reduce(0) { $0 + Int(targetCounts[Int(location(of: $1))]) }
  }

  /// How many targets of all samples count.
  package var countingTargets: Int {
    guard let targetCounts else { return count * targets.perSample }
    guard let selection else { return targetCounts.reduce(0) { $0 + Int($1) } }
    return selection.reduce(0) { $0 + Int(targetCounts[Int($1)]) }
  }

  func location(of sample: Int32) -> Int32 { selection?[Int(sample)] ?? sample }
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
