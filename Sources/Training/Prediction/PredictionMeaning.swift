internal import Datasets
internal import Graphs
internal import Networks
internal import Reports

/// What the numbers of a prediction mean: scores of classes, or values, in the units of the data.
struct PredictionMeaning: Sendable {
  /// The names of the classes or values, and the shape of a sample's targets.
  enum Kind: Sendable {
    case classes([String], Shape)
    case values([String], Shape)
  }

  let kind: Kind
  /// Whether the scores of classes are probabilities.
  let givesProbabilities: Bool
  /// How scores of classes become a class: by a threshold, if the network has one.
  let decision: Decision
  /// The numbers of a prediction.
  let width: Int
  private let coding: SampleCoding
  /// The data that the output was trained on; nil for the targets.
  private let target: String?

  init(_ predictor: Predictor) { self.init(predictor.output, predictor.coding) }

  /// The predictions of an output for samples of a coding.
  init(_ output: NetworkOutput, _ coding: SampleCoding) {
    target = output.output.target
    switch (output.targets.classes, coding.targets) {
    case (let count?, _) where target != nil:
      kind = .classes((0..<count).map(String.init), output.targets.shape)
    case (_?, .classes(let names, _)): kind = .classes(names, output.targets.shape)
    default:
      kind = .values(target == nil ? coding.targetNames : [], output.targets.shape)
    }
    givesProbabilities = output.givesProbabilities
    decision = Decision(.probabilities, threshold: target == nil ? coding.threshold : nil)
    width = output.targets.outputs.count
    self.coding = coding
  }

  /// Predictions in the units of the data.
  func inUnits(_ numbers: [Float]) -> [Float] {
    // Reconstructed samples are normalised.
    if target == "samples" { return GeneratedSamples(numbers, seenBy: coding).values }
    return target == nil ? coding.columns?.inUnits(numbers) ?? numbers : numbers
  }

  /// Numbers that all are those of one target.
  func inUnits(_ numbers: [Float], of target: Int) -> [Float] {
    numbers.map { number in
      // Scales go with the place of a number among those of a prediction.
      inUnits([Float](repeating: number, count: target + 1))[target]
    }
  }

  /// Whether a prediction is one class, with its probability.
  var isOneClass: Bool {
    if case .classes(_, let shape) = kind { shape.count == 1 } else { false }
  }

  /// A name for each number of a prediction.
  var valueNames: [String] {
    if case .values(let names, _) = kind, names.count == width { return names }
    return (1...width).map { "value \($0)" }
  }
}
