package import Datasets
package import Diagnostics
package import ModelFiles
internal import Networks

extension StoredNetwork {
  /// An experiment that evaluates a model file on a dataset.
  ///
  /// If `isCoded`, the samples are normalised by the file's coding; otherwise, as in Neuron, pixels
  /// are from 0 to 1 and other numbers are not normalised.
  package static func experiment(
    _ model: StoredModel, of path: String, on data: Dataset, isCoded: Bool,
    shiftedBy shift: Int = 0
  ) throws(Failure) -> (experiment: Experiment, network: StoredNetwork) {
    let whole = shift > 0 ? try data.shifted(by: shift) : data
    let samples = isCoded ? whole : whole.unnormalised
    let network = try StoredNetwork(
      model, of: path, samples: samples.shape, targets: TargetType(samples.coding))
    let experiment = try Experiment(
      network.configuration,
      data: Splits(training: samples, test: samples, validation: .none, seed: 1))
    return (experiment, network)
  }

  /// Copies the model's weights to a state.
  package func load(into state: ModelState) throws(Failure) {
    try unsafe state.changeWeights { weights throws(Failure) in try unsafe copy(into: weights) }
  }
}

extension StoredModel {
  /// The coding of the samples that this program trained the model on; nil for other programs'
  /// models.
  package func coding(of path: String) throws(Failure) -> SampleCoding? {
    guard let text = mark?.coding else { return nil }
    let coding = try SampleCoding(text: text, source: "\(path) coding")
    guard coding.shape.reduce(1, *) == sample.count else {
      throw Failure(
        .badData, "'\(path)': the coding has samples of \(coding.shape), the layers take \(sample)")
    }
    return coding
  }

  /// The coding for the samples of an input file; without one in the model, that of Neuron.
  package func coding(of path: String, for input: String) throws(Failure) -> SampleCoding {
    if let coding = try coding(of: path) { return coding }
    guard case .vector(let width) = output else {
      throw Failure(.badData, "'\(path)' answers with maps of \(output), expected numbers")
    }
    let image = try imageShape(of: input)
    var shape = sample.extents
    // A vector has no height and width.
    if let image, case .vector(image.reduce(1, *)) = sample { shape = image }
    return SampleCoding(
      shape: shape,
      number: image == nil ? .float32 : .uint8,
      normalisation: Normalisation(scale: image == nil ? 1 : 1 / 255, mean: 0, deviation: 1),
      targets: endsWithSoftmax
        ? .classes((0..<width).map(String.init)) : .values(shape: [width]))
  }

  /// The shape of the images of bytes in a file, nil if it holds other numbers.
  private func imageShape(of input: String) throws(Failure) -> [Int]? {
    switch try FileKind(of: input) {
    case .png:
      let head = try PNGHead(of: input)
      return [head.height, head.width, head.isColoured ? 3 : 1]
    case .folder: return sample.extents
    case .idx:
      let head = try IDXHead(of: input)
      guard head.type == "uint8" else { return nil }
      let shape = Array(head.shape.dropFirst())
      return shape.count == 2 ? shape + [1] : shape
    case .hdf5, .text, .other: return nil
    }
  }
}
