internal import Diagnostics
internal import JSON

extension SequentialReader {
  mutating func batchNorm(_ layer: Field) throws(Failure) -> [StoredLayer] {
    let channels = if case .map(_, _, let channels) = shape { channels } else { 1 }
    func numbers(_ key: String, otherwise: Float) throws(Failure) -> [Float] {
      guard let field = try layer.optional(key), field.numberCount != 0 else {
        return [Float](repeating: otherwise, count: channels)
      }
      return try perChannel(field, channels)
    }
    let (scale, shift) = (try numbers("gamma", otherwise: 1), try numbers("beta", otherwise: 0))
    let mean = try numbers("movingMean", otherwise: 0)
    let variance = try numbers("movingVariance", otherwise: 1)
    guard variance.allSatisfy({ $0 >= 0 }) else {
      throw layer.failure("expected a movingVariance from 0, found less")
    }
    if isOurs, let field = try layer.optional("biasOfLayerBefore"), try field.boolean() {
      guard var before = layers.last, before.isConvolution, before.tensor("bias") == nil else {
        throw field.failure("expected a convolution without bias before it")
      }
      before.tensors.append(StoredTensor("bias", [channels], shift))
      layers[layers.count - 1] = before
      return []
    }
    // A vector is one channel to Neuron, here each of its elements is one.
    let count = channels == 1 ? shape.channels : 1
    func tensor(_ name: String, _ values: [Float]) -> StoredTensor {
      StoredTensor(
        name, [channels * count],
        count == 1 ? values : values.flatMap { Array(repeating: $0, count: count) })
    }
    // The decimal digits of the file's float, as momentum of the new value.
    let kept = try layer.optional("momentum")?.number() ?? 0.99
    let momentum = Double(Float(1 - kept).description) ?? 0.1
    return [
      StoredLayer(
        .batchNorm(epsilon: 1e-5, momentum: 0 < momentum && momentum < 1 ? momentum : 0.1),
        [
          tensor("weight", scale), tensor("bias", shift), tensor("running_mean", mean),
          tensor("running_var", variance),
        ])
    ]
  }

  /// A number for each channel, or the mean of those at the places of each.
  private func perChannel(_ field: Field, _ channels: Int) throws(Failure) -> [Float] {
    if field.numberCount == channels {
      return try field.floats(channels, "one for each channel")
    }
    if case .object = field.node.content {
      return try means(of: TensorField(field), field, channels)
    }
    return try means(of: TensorField(nested: field), field, channels)
  }

  private func means(
    of tensor: TensorField, _ field: Field, _ channels: Int
  ) throws(Failure) -> [Float] {
    let places = shape.count / channels
    if tensor.count == channels { return tensor.values }
    guard tensor.count == shape.count else {
      throw field.failure(
        "expected \(channels) numbers, one for each channel, or \(shape.count), one for each "
          + "number of a sample, found \(tensor.count)")
    }
    return (0..<channels).map { channel in
      let sum = tensor.values[channel * places..<(channel + 1) * places]
        .reduce(0) { $0 + Double($1) }
      return Float(sum / Double(places))
    }
  }

  func layerNorm(_ layer: Field) throws(Failure) -> StoredLayer {
    let channels = shape.channels
    let places = shape.count / channels
    func tensor(_ key: String, _ name: String, _ otherwise: Float) throws(Failure) -> StoredTensor {
      guard let field = try layer.optional(key), case let tensor = try TensorField(field),
        tensor.count > 0
      else { return StoredTensor(name, [channels], Array(repeating: otherwise, count: channels)) }
      guard tensor.count == shape.count else {
        throw field.failure(
          "expected \(shape.count) numbers, one for each of a sample of \(shape), found "
            + "\(tensor.count)")
      }
      if case .vector = shape { return StoredTensor(name, [channels], tensor.values) }
      let firsts = (0..<channels).map { tensor.values[$0 * places] }
      guard tensor.values.indices.allSatisfy({ tensor.values[$0] == firsts[$0 / places] }) else {
        throw field.failure(
          "numbers that differ from place to place within a channel cannot be run here")
      }
      return StoredTensor(name, [channels], firsts)
    }
    return StoredLayer(
      .layerNorm(epsilon: try epsilon(layer)),
      [try tensor("gamma", "weight", 1), try tensor("beta", "bias", 0)])
  }

  func instanceNorm(_ layer: Field) throws(Failure) -> StoredLayer {
    guard case .map(_, _, let channels) = shape else {
      throw layer.failure("an instanceNorm needs a map, found a sample of \(shape)")
    }
    func tensor(_ key: String, _ name: String, _ otherwise: Float) throws(Failure) -> StoredTensor {
      guard let field = try layer.optional(key), case let tensor = try TensorField(field),
        tensor.count > 0
      else { return StoredTensor(name, [channels], Array(repeating: otherwise, count: channels)) }
      guard tensor.count == channels else {
        throw field.failure("expected \(channels) numbers, one a channel, found \(tensor.count)")
      }
      return StoredTensor(name, [channels], tensor.values)
    }
    return StoredLayer(
      .instanceNorm(epsilon: try epsilon(layer)),
      [try tensor("gamma", "weight", 1), try tensor("beta", "bias", 0)])
  }

  private func epsilon(_ layer: Field) throws(Failure) -> Double {
    guard let field = try layer.optional("epsilon") else { return 1e-12 }
    let epsilon = try field.number()
    guard 0 < epsilon, epsilon < 1 else {
      throw field.failure("expected a number above 0 and below 1")
    }
    return epsilon
  }
}
