package import Diagnostics
internal import Files
internal import Glibc
internal import JSON

/// The contents of a model file: layers with their weights, and values beside them.
package struct StoredModel: Sendable {
  package let sample: SampleShape
  package var layers: [StoredLayer]
  package var family: Family
  /// The mark of files that this program writes.
  package var mark: Mark?

  package init(sample: SampleShape, layers: [StoredLayer], family: Family, mark: Mark? = nil) {
    self.sample = sample
    self.layers = layers
    self.family = family
    self.mark = mark
  }

  /// The two formats that share the name `.smodel`.
  package enum Family: Equatable, Sendable {
    /// Of Neuron up to 1.6: dense layers.
    case brain(Brain)
    /// Of Neuron 2.
    case sequential
  }

  /// The values beside the layers of files of the first family.
  package struct Brain: Equatable, Sendable {
    package let layout: WeightLayout
    package let learningRate: Double
    package let adam: Adam?

    package init(layout: WeightLayout, learningRate: Double, adam: Adam?) {
      self.layout = layout
      self.learningRate = learningRate
      self.adam = adam
    }
  }

  package struct Adam: Equatable, Sendable {
    package let beta1: Double
    package let beta2: Double
    package let epsilon: Double

    package init(beta1: Double, beta2: Double, epsilon: Double) {
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
    }
  }

  /// The mark of files that this program writes, and how their network was trained.
  package struct Mark: Equatable, Sendable {
    /// The coding of samples and answers, as in checkpoints.
    package let coding: String?
    /// The name of the loss.
    package let loss: String?

    package init(coding: String? = nil, loss: String? = nil) {
      self.coding = coding
      self.loss = loss
    }
  }

  /// Choices for files that leave something open.
  package struct Choices: Equatable, Sendable {
    /// The layout of dense weights in a file of the first family; nil decides by its contents.
    package var layout: WeightLayout?
    /// The release that wrote a file of the first family; nil decides by its contents.
    package var release: BrainRelease?
    /// Whether normalised lobes use the mean and variance that they have stored, as upstream's
    /// inference mode does, and not those of each vector.
    package var usesStoredStatistics: Bool

    package init(
      layout: WeightLayout? = nil, release: BrainRelease? = nil, usesStoredStatistics: Bool = false
    ) {
      self.layout = layout
      self.release = release
      self.usesStoredStatistics = usesStoredStatistics
    }
  }

  /// The number of learned values, with running averages.
  package var parameterCount: Int {
    layers.reduce(0) { $0 + $1.parameterCount }
  }

  // MARK: Reading

  /// Whether a path is a model file, by its name or else by its first character.
  package static func isFile(_ path: String) -> Bool {
    if path.hasSuffix(".smodel"), !isDirectory(path) { return true }
    guard let file = try? FileDescriptor(path, O_RDONLY, "read") else { return false }
    var head = [UInt8](repeating: 0, count: 64)
    let count = unsafe pread(file.number, &head, head.count, 0)
    return head.prefix(max(0, count)).first { !JSONParser.isSpace($0) } == UInt8(ascii: "{")
  }

  package init(reading path: String, _ choices: Choices = Choices()) throws(Failure) {
    try self.init(JSONText(reading: path), choices)
  }

  /// Reads bytes; messages name the path.
  package init(
    bytes: [UInt8], path: String, _ choices: Choices = Choices()
  ) throws(Failure) {
    try self.init(JSONText(bytes, path: path), choices)
  }

  private init(_ text: JSONText, _ choices: Choices) throws(Failure) {
    let root = try Field(text)
    let layers = try root.required("layers").elements("layers", 1...10_000)
    if layers[0].has("layer"), layers[0].has("type") {
      guard choices.layout == nil, choices.release == nil else {
        throw Failure(
          .usage,
          "'\(text.path)' is a model of Neuron 2, whose weights have one layout only, in all "
            + "releases"
        )
      }
      self = try SequentialReader.model(root, layers)
    } else if layers[0].has("nodes"), layers[0].has("activation") {
      self = try BrainReader(root, layers, choices).model()
    } else {
      throw layers[0].failure(
        "expected a layer with 'type' and 'layer' (Neuron 2) or 'nodes' and 'activation' (Neuron "
          + "up to 1.6), found neither")
    }
  }
}

extension StoredLayer {
  fileprivate var parameterCount: Int {
    let own = tensors.reduce(0) { $0 + $1.values.count }
    guard case .residual(let layers) = operation else { return own }
    return own + layers.reduce(0) { $0 + $1.parameterCount }
  }
}

extension StoredModel.Mark {
  /// The value of `generator` in files that this program writes.
  static let generator = "nn-dist"

  /// Reads the mark; nil in files of other programs.
  init?(_ root: Field) throws(Failure) {
    guard let generator = try root.optional("generator"),
      (try? generator.text()) == Self.generator
    else { return nil }
    self.init(
      coding: try root.optional("coding")?.text(), loss: try root.optional("loss")?.text())
  }
}
