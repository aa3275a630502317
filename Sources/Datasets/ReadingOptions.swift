internal import Diagnostics

/// How files become samples and targets.
struct ReadingOptions: Sendable {
  /// Whether the columns of a table are brought to mean 0 and deviation 1.
  var standardises = true
  /// The number of classes of labels without names; nil: those that occur.
  var classes: Int?
  /// The share at the end of a text or of a series that is the validation set: neither tokens nor
  /// scales are learned from it.
  var heldOut: Double?
  /// How the records of a table are divided into sets; nil: all are training samples.
  var split: SplitSettings?
  /// What a trained network knows of its data; nil: all is measured on the training file.
  var known: KnownCoding?

  /// The same without a trained network.
  var measured: ReadingOptions {
    var options = self
    options.known = nil
    return options
  }

  /// Part of a cache's key, as the content of the cache depends on it.
  var identity: String {
    let held = (heldOut.map { "\nheld out \($0)" } ?? "") + (split?.identity ?? "")
    if let known {
      return "\n\(known.fixesShape) \(known.fixesTargets)\n\(known.coding.text)\(held)"
    }
    return (standardises ? "" : "\nas they are") + (classes.map { "\nclasses \($0)" } ?? "")
      + held
  }
}

/// The coding of a trained network, by which other data are read.
package struct KnownCoding: Equatable, Sendable {
  package let coding: SampleCoding
  /// Whether samples must have the shape of the coding.
  let fixesShape: Bool
  /// Whether targets must be those of the coding: not where the output layer is a new one.
  let fixesTargets: Bool

  /// For the network itself.
  package init(_ coding: SampleCoding) {
    self.coding = coding
    fixesShape = true
    fixesTargets = true
  }

  /// For another network that begins with its weights, with or without those of the output layer.
  package init(beginningWith coding: SampleCoding, hasOutputLayer: Bool) {
    self.coding = coding
    fixesShape = false
    fixesTargets = hasOutputLayer
  }

  /// The names of the classes, nil where any fit.
  var classes: [String]? {
    if fixesTargets, case .classes(let names, _) = coding.targets { names } else { nil }
  }

  /// The shape of samples, nil where any fits.
  var shape: [Int]? { fixesShape ? coding.shape : nil }

  /// Whether samples and targets of another coding mean the same.
  ///
  /// The normalisation does not matter: the network applies its own.
  func agrees(with other: SampleCoding) -> Bool {
    coding.number == other.number && coding.columns?.features == other.columns?.features
      && coding.columns?.window == other.columns?.window
      && coding.columns?.drops == other.columns?.drops
      && (!fixesShape || coding.shape == other.shape)
      && (!fixesTargets || coding.targets == .none || coding.targets == other.targets)
      && coding.fields == other.fields && coding.tokens == other.tokens
  }

  /// The failure of samples or targets of another kind.
  func misfit(_ found: SampleCoding) -> Failure {
    func perSample(_ shape: [Int]) -> String { shape.isEmpty ? "" : " for each of \(shape.text)" }
    func text(_ coding: SampleCoding) -> String {
      let targets =
        switch coding.targets {
        case .classes(let names, let shape): "\(names.count) classes\(perSample(shape))"
        case .values(let shape): "\(shape.text) targets"
        case .none: "no targets"
        }
      return "samples of \(coding.shape.text) \(coding.number.rawValue) with \(targets)"
    }
    return Failure(
      .badData,
      "the network was trained on \(text(coding)), the data have \(text(found)), or other names")
  }
}
