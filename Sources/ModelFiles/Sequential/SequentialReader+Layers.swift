internal import Diagnostics
internal import JSON

extension SequentialReader {
  /// The layers of a network for a layer of the file; several where Neuron's does more.
  mutating func layers(
    of type: SequentialType, _ layer: Field
  ) throws(Failure) -> [StoredLayer] {
    switch type {
    case .dense: return try dense(layer)
    case .conv2d: return [try conv(layer, isDepthwise: false)]
    case .depthwiseConv2d: return [try conv(layer, isDepthwise: true)]
    case .transConv2d: return [try transposed(layer)]
    case .batchNormalize: return try batchNorm(layer)
    case .layerNormalize: return [try layerNorm(layer)]
    case .instanceNorm: return [try instanceNorm(layer)]
    case .relu: return [StoredLayer(.activation(.relu))]
    case .leakyRelu: return [StoredLayer(.activation(try leakyRelu(layer)))]
    case .sigmoid: return [StoredLayer(.activation(.sigmoid))]
    case .tanh: return [StoredLayer(.activation(.tanh))]
    case .swish: return [StoredLayer(.activation(.swish))]
    case .selu:
      let marked = isOurs ? try layer.optional("isRounded") : nil
      let isRounded = try marked?.boolean() ?? !isOurs
      return [StoredLayer(.activation(.selu(isRounded: isRounded)))]
    case .mish: return [StoredLayer(.activation(.mish))]
    case .prelu:
      let slope = try layer.optional("alpha")?.number() ?? 0.25
      return [StoredLayer(.activation(.prelu), [StoredTensor("weight", [1], [Float(slope)])])]
    case .softmax:
      guard case .vector = shape else {
        throw layer.failure("softmax of a map of \(shape), over its columns, cannot be run here")
      }
      return [StoredLayer(.activation(.softmax))]
    case .maxPool: return maxPool()
    case .avgPool:
      let size = try layer.optional("kernelSize").map { field throws(Failure) in
        try TensorSize(field)
      }
      guard (size?.isEmpty ?? false) == false else { throw layer.failure("a kernelSize of zero") }
      return [StoredLayer(.avgPool(height: size?.rows ?? 2, width: size?.columns ?? 2))]
    case .globalAvgPool: return [StoredLayer(.globalAvgPool)]
    case .dropout: return try dropout(layer)
    case .flatten: return [StoredLayer(.flatten)]
    case .reshape:
      let size = try TensorSize(layer.required("reshapeSize"))
      guard !size.isEmpty, product(size.shape.extents) != nil else {
        throw layer.failure("a reshapeSize of \(size)")
      }
      return [StoredLayer(.reshape(size.shape))]
    case .resNet: return try resNet(layer)
    }
  }

  // MARK: Weights

  private func dense(_ layer: Field) throws(Failure) -> [StoredLayer] {
    let field = try layer.required("weights")
    let weight = try TensorField(field)
    guard weight.depth == 1, weight.rows > 0, weight.columns == shape.count else {
      throw field.failure(
        "expected weights of \(shape.count) columns, one for each number of a sample of \(shape), "
          + "found \(weight.rows)x\(weight.columns), depth \(weight.depth)")
    }
    let units = weight.rows
    var tensors = [StoredTensor("weight", [units, weight.columns], weight.values)]
    if let biases = try layer.optional("biases").map({ field throws(Failure) in
      (field, try TensorField(field))
    }) {
      let (field, bias) = biases
      if try layer.optional("biasEnabled")?.boolean() ?? (bias.count == units) {
        // Releases that lost the biases when they read a file wrote one zero in their place.
        let values =
          bias.values == [0] ? [Float](repeating: 0, count: units) : bias.values
        guard values.count == units else {
          throw field.failure("expected \(units) numbers, found \(bias.count)")
        }
        tensors.append(StoredTensor("bias", [units], values))
      }
    }
    let dense = StoredLayer(.dense(units: units), tensors)
    // A dense layer takes one row of one channel as a vector.
    if case .map(1, _, 1) = shape { return [StoredLayer(.flatten), dense] }
    return [dense]
  }

  /// The filters of a convolution, all of one size: `[filters, depth, rows, columns]`.
  private func filters(
    _ layer: Field, depth: Int, isDepthwise: Bool = false
  ) throws(Failure) -> (weight: StoredTensor, kernel: StoredOperation.Sides) {
    let field = try layer.required("filters")
    let list = try field.elements("filters", 1...1 << 20)
    var values: [Float] = []
    var kernel: StoredOperation.Sides?
    for field in list {
      let filter = try TensorField(field)
      let sides = StoredOperation.Sides(height: filter.rows, width: filter.columns)
      guard filter.depth == depth, filter.count > 0, kernel == nil || kernel == sides else {
        let size = kernel.map { " \($0.height)x\($0.width)" } ?? ""
        throw field.failure(
          "expected a filter\(size) of depth \(depth), found \(sides.height)x\(sides.width) of "
            + "depth \(filter.depth)")
      }
      kernel = sides
      values += filter.values
    }
    let sides = kernel ?? StoredOperation.Sides(height: 1, width: 1)
    if let field = try layer.optional("filterCount") {
      let count = try field.integer(in: 0...1 << 20)
      // A depthwise layer of Neuron has a count of 1 and one filter for each channel.
      guard count == list.count || isDepthwise && count == 1 else {
        throw field.failure("\(list.count) filters stand in the file")
      }
    }
    return (
      StoredTensor("weight", [list.count, depth, sides.height, sides.width], values), sides
    )
  }

  private func strides(_ layer: Field) throws(Failure) -> StoredOperation.Sides {
    guard let field = try layer.optional("strides") else {
      return StoredOperation.Sides(height: 1, width: 1)
    }
    let numbers = try field.floats(2, "along rows and columns").map { Int(exactly: $0) ?? 0 }
    guard numbers.allSatisfy({ 1...4096 ~= $0 }) else {
      throw field.failure("expected whole numbers from 1 to 4096")
    }
    return StoredOperation.Sides(height: numbers[0], width: numbers[1])
  }

  private func isSame(_ layer: Field) throws(Failure) -> Bool {
    guard let field = try layer.optional("padding") else { return true }
    if case .text(let word) = field.node.content, ["same", "valid"].contains(word) {
      return word == "same"
    }
    let isValid = try field.optional("valid") != nil
    guard try isValid != (field.optional("same") != nil) else {
      throw field.failure("expected either 'same' or 'valid'")
    }
    return !isValid
  }

  private func conv(_ layer: Field, isDepthwise: Bool) throws(Failure) -> StoredLayer {
    guard case .map(_, _, let channels) = shape else {
      throw layer.failure("a convolution needs a map, found a sample of \(shape)")
    }
    let (weight, kernel) = try filters(
      layer, depth: isDepthwise ? 1 : channels, isDepthwise: isDepthwise)
    if isDepthwise, weight.shape[0] != channels {
      throw layer.failure(
        "expected a filter for each of \(channels) channels, found \(weight.shape[0])")
    }
    let filter = StoredOperation.Filter(
      count: weight.shape[0], kernel: kernel, stride: try strides(layer),
      padding: try isSame(layer) ? .same : .valid, groups: isDepthwise ? channels : 1)
    return StoredLayer(.conv(filter), [weight])
  }

  private func transposed(_ layer: Field) throws(Failure) -> StoredLayer {
    guard case .map(_, _, let channels) = shape else {
      throw layer.failure("a convolution needs a map, found a sample of \(shape)")
    }
    guard try isSame(layer) else {
      throw layer.failure("a transConv2d of padding 'valid' cannot be run here")
    }
    let (weight, kernel) = try filters(layer, depth: channels)
    let stride = try strides(layer)
    guard let vertical = StoredOperation.Cut(kernel.height, stride: stride.height),
      let horizontal = StoredOperation.Cut(kernel.width, stride: stride.width)
    else {
      throw layer.failure(
        "a transConv2d of \(kernel.height)x\(kernel.width) with strides of \(stride.height) and "
          + "\(stride.width) cannot be run here")
    }
    let filter = StoredOperation.Filter(
      count: weight.shape[0], kernel: kernel, stride: stride,
      padding: .cut(vertical: vertical, horizontal: horizontal), groups: 1)
    return StoredLayer(.convTranspose(filter), [weight.turned])
  }

  private func resNet(_ layer: Field) throws(Failure) -> [StoredLayer] {
    guard case .map(_, _, let channels) = shape else {
      throw layer.failure("a resNet needs a map, found a sample of \(shape)")
    }
    let inner = try block(layer.required("innerBlockSequential"), of: shape)
    let filters = try layer.optional("filterCount")?.integer(in: 1...1 << 20) ?? 64
    let stride = try layer.optional("stride")?.integer(in: 1...4096) ?? 1
    var tensors: [StoredTensor] = []
    var way = shape
    if filters != channels || stride != 1 {
      let field = try layer.required("shortcutSequential")
      let shortcut = try block(field, of: shape)
      let sides = StoredOperation.Sides(height: stride, width: stride)
      guard shortcut.layers.count == 1, case .conv(let filter) = shortcut.layers[0].operation,
        filter.kernel == StoredOperation.Sides(height: 1, width: 1), filter.stride == sides,
        filter.groups == 1, let weight = shortcut.layers[0].tensor("weight")
      else {
        throw field.failure("expected one conv2d of 1x1 with strides of \(stride)")
      }
      tensors = [StoredTensor("shortcut/weight", weight.shape, weight.values)]
      way = shortcut.shape
    }
    guard inner.shape == way else {
      throw layer.failure("the block makes \(inner.shape), what is added to it is \(way)")
    }
    return [
      StoredLayer(.residual(inner.layers), tensors), StoredLayer(.activation(.relu)),
    ]
  }

  // MARK: What has few weights or none

  private func leakyRelu(_ layer: Field) throws(Failure) -> StoredOperation.Activation {
    // A gelu is written as a leakyRelu, and only its inner type tells them apart.
    if let type = try layer.optional("type"), case .object = type.node.content, type.has("geLu") {
      return .gelu
    }
    return .leakyRelu(slope: try layer.optional("limit")?.number() ?? 0.01)
  }

  /// Windows at the edge of an odd map see zeros beyond it.
  private func maxPool() -> [StoredLayer] {
    guard case .map(let height, let width, _) = shape, height % 2 == 1 || width % 2 == 1 else {
      return [StoredLayer(.maxPool)]
    }
    return [StoredLayer(.pad(bottom: height % 2, right: width % 2)), StoredLayer(.maxPool)]
  }

  /// Neuron scales the kept elements in training, and again in inference.
  private func dropout(_ layer: Field) throws(Failure) -> [StoredLayer] {
    func share(_ field: Field) throws(Failure) -> Double {
      let share = try field.number()
      guard 0 <= share, share < 1 else {
        throw field.failure("expected a number from 0 to below 1")
      }
      return share
    }
    if isOurs, let rate = try layer.optional("rate") {
      return [StoredLayer(.dropout(rate: try share(rate)))]
    }
    let chance = try share(layer.required("chance"))
    return [StoredLayer(.dropout(rate: chance)), StoredLayer(.scale(1 - chance))]
  }
}

extension StoredTensor {
  /// Filters `[a, b, h, w]` as `[b, a, h, w]`, turned by half a circle: what a convolution spreads.
  var turned: StoredTensor {
    let (a, b, area) = (shape[0], shape[1], shape[2] * shape[3])
    var turned = values
    guard !values.isEmpty else { return StoredTensor(name, [b, a, shape[2], shape[3]], []) }
    for i in 0..<a {
      for j in 0..<b {
        for k in 0..<area {
          turned[(j * a + i) * area + area - 1 - k] = values[(i * b + j) * area + k]
        }
      }
    }
    return StoredTensor(name, [b, a, shape[2], shape[3]], turned)
  }
}

extension StoredOperation.Cut {
  /// Neuron's transposed convolution along one axis; nil where it pads the result.
  ///
  /// It spreads the inputs with zeros between, puts half of the zeros that are missing to the
  /// result's extent in front, and slides the filter over that with a margin of half its size.
  init?(_ kernel: Int, stride: Int) {
    let low = kernel / 2 - stride / 2
    let high = kernel - stride - low
    guard low >= 0, high > -stride else { return nil }
    self.init(low: low, high: max(0, high), more: max(0, -high))
  }
}
