internal import Diagnostics

/// How what lies in files becomes samples and answers.
enum FileCoding: Sendable {
  /// As the training file teaches; the numbers of a table's columns may stay as they are.
  case learnt(standardises: Bool)
  case known(KnownCoding)

  var known: KnownCoding? { if case .known(let known) = self { known } else { nil } }

  /// What a cache made so differs by from one that is made by the descriptor alone.
  var identity: String {
    switch self {
    case .learnt(let standardises): standardises ? "" : "\nas they are"
    case .known(let known):
      "\n\(known.fixesShape) \(known.fixesAnswers)\n\(known.coding.text)"
    }
  }
}

/// The coding of a trained network, for data that are to be read as it knows them.
package struct KnownCoding: Equatable, Sendable {
  package let coding: SampleCoding
  /// Whether samples must have the shape of the coding.
  let fixesShape: Bool
  /// Whether answers are those of the coding: not where a network gets another output layer.
  let fixesAnswers: Bool

  /// For the network itself.
  package init(_ coding: SampleCoding) {
    self.coding = coding
    fixesShape = true
    fixesAnswers = true
  }

  /// For another network that begins with some of its weights, the output layer among them or not.
  package init(beginningWith coding: SampleCoding, hasOutputLayer: Bool) {
    self.coding = coding
    fixesShape = false
    fixesAnswers = hasOutputLayer
  }

  /// The names of the classes, nil where they are not decided.
  var classes: [String]? {
    if fixesAnswers, case .classes(let names, _) = coding.answers { names } else { nil }
  }

  /// The shape of samples, nil where it is not decided.
  var shape: [Int]? { fixesShape ? coding.shape : nil }

  /// Whether samples and answers of another coding mean the same, apart from the normalisation, which
  /// changes no sample.
  func agrees(with other: SampleCoding) -> Bool {
    coding.number == other.number && coding.columns?.features == other.columns?.features
      && (!fixesShape || coding.shape == other.shape)
      && (!fixesAnswers || coding.answers == .none || coding.answers == other.answers)
      && coding.fields == other.fields
  }

  /// The failure of samples or answers of another kind.
  func misfit(_ found: SampleCoding) -> Failure {
    func perSample(_ shape: [Int]) -> String { shape.isEmpty ? "" : " for each of \(shape.text)" }
    func text(_ coding: SampleCoding) -> String {
      let answers =
        switch coding.answers {
        case .classes(let names, let shape): "\(names.count) classes\(perSample(shape))"
        case .values(let shape): "\(shape.text) targets"
        case .none: "no targets"
        }
      return "samples of \(coding.shape.text) \(coding.number.rawValue) with \(answers)"
    }
    return Failure(
      .badData,
      "the network was trained on \(text(coding)), the data have \(text(found)), or other names")
  }
}
