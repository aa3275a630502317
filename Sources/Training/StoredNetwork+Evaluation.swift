package import Datasets
package import Diagnostics
package import ModelFiles
internal import Networks

extension StoredNetwork {
  /// A model on the samples of a dataset, and what a command needs to score it there.
  ///
  /// The network sees the samples as those that it was trained on: as the file says and the data were
  /// read (`isCoded`), or else, as Neuron has them, pixels from 0 to 1 and other numbers as they are.
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

  /// Gives a state the weights of the model.
  package func load(into state: ModelState) throws(Failure) {
    try unsafe state.changeWeights { weights throws(Failure) in try unsafe copy(into: weights) }
  }
}

extension StoredModel {
  /// How data became samples when this program trained the model; nil if others did.
  package func coding(of path: String) throws(Failure) -> SampleCoding? {
    guard let text = mark?.coding else { return nil }
    let coding = try SampleCoding(text: text, source: "\(path) coding")
    guard coding.shape.reduce(1, *) == sample.count else {
      throw Failure(
        .badData, "'\(path)': the coding has samples of \(coding.shape), the layers take \(sample)")
    }
    return coding
  }

  /// How the samples of a file are to be coded for a model of others.
  package func coding(of path: String, for input: String) throws(Failure) -> SampleCoding {
    if let coding = try coding(of: path) { return coding }
    guard case .vector(let width) = output else {
      throw Failure(.badData, "'\(path)' answers with maps of \(output), expected numbers")
    }
    let image = try imageShape(of: input)
    var shape = sample.extents
    // A vector says nothing of height and width.
    if let image, case .vector(image.reduce(1, *)) = sample { shape = image }
    return SampleCoding(
      shape: shape,
      number: image == nil ? .float32 : .uint8,
      normalisation: Normalisation(scale: image == nil ? 1 : 1 / 255, mean: 0, deviation: 1),
      targets: endsWithSoftmax
        ? .classes((0..<width).map(String.init)) : .values(shape: [width]))
  }

  /// The shape of the images in a file, nil if it holds other numbers; images of bytes have pixels from
  /// 0 to 1 for Neuron.
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
