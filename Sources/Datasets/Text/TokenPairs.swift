package import Diagnostics

/// Texts and their translations as samples of one length each.
struct TokenPairs {
  /// The field of the labels before each step, which a decoder reads.
  static let previous = "previous"
  /// The field of the numbers of tokens of samples.
  static let lengths = "lengths"

  private let source: Tokeniser
  private let target: Tokeniser
  private let steps: Int
  private let targetSteps: Int
  private var samples: [Int32] = []
  private var lengths: [Int32] = []
  private var previous: [Int32] = []
  private var labels: [Int32] = []

  init(_ source: Tokeniser, _ target: Tokeniser, steps: Int, targetSteps: Int) {
    self.source = source
    self.target = target
    self.steps = steps
    self.targetSteps = targetSteps
  }

  /// The class of the end, which is also what a decoder reads first.
  private var end: Int32 { Int32(target.size) }

  /// Appends the tokens of a text and of its translation, which leaves room for the end.
  mutating func append(_ text: [Int32], _ translation: [Int32]) {
    precondition(text.count <= steps && translation.count < targetSteps)
    samples += text + [Int32](repeating: 0, count: steps - text.count)
    lengths.append(Int32(text.count))
    let rest = targetSteps - translation.count - 1
    labels += translation + [end] + [Int32](repeating: -1, count: rest)
    previous += [end] + translation + [Int32](repeating: end, count: rest)
  }

  var dataset: Dataset {
    Dataset(
      shape: [steps], elements: .integers(samples),
      targets: .classes(labels, names: target.namesWithEnd, shape: [targetSteps]),
      namedFields: [
        NamedField(Self.lengths, shape: [], .integers(lengths)),
        NamedField(
          Self.previous, shape: [targetSteps], .integers(previous), entries: target.size + 1),
      ],
      normalisation: .identity, tokens: source, targetTokens: target)
  }
}

extension SampleCoding {
  /// The field that a decoder reads, if samples are texts with translations.
  package var previous: Field? {
    targetTokens == nil ? nil : fields.first { $0.name == TokenPairs.previous }
  }

  /// The name of the field of the numbers of tokens of such texts.
  package var lengths: String? { targetTokens == nil ? nil : TokenPairs.lengths }
}

extension Dataset {
  /// The tokens of some samples and the classes of their targets, of texts with translations.
  package func pairs(
    of samples: ArraySlice<Int32>
  ) throws(Failure) -> [(text: ArraySlice<Int32>, labels: ArraySlice<Int32>)] {
    guard let lengths = field(TokenPairs.lengths), let labels = field("labels") else { return [] }
    let texts = try numbers(of: fields[0], samples)
    let counts = try numbers(of: lengths, samples)
    let classes = try numbers(of: labels, samples)
    let (steps, targetSteps) = (fields[0].size, labels.size)
    return samples.indices.map { place in
      let index = place - samples.startIndex
      return (
        texts[index * steps..<index * steps + Int(counts[index])],
        classes[index * targetSteps..<(index + 1) * targetSteps]
      )
    }
  }

  private func numbers(
    of field: Field, _ samples: ArraySlice<Int32>
  ) throws(Failure) -> [Int32] {
    var numbers = [Int32](repeating: 0, count: samples.count * field.size)
    try unsafe numbers.withUnsafeMutableBufferPointer { numbers throws(Failure) in
      try unsafe copy(field, of: samples, into: UnsafeMutableRawBufferPointer(numbers))
    }
    return numbers
  }
}
