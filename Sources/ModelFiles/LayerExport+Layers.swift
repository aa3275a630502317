internal import Diagnostics
internal import Networks

/// The layers that files hold with some settings only.
extension LayerExport {
  // MARK: Convolutions

  func conv(_ filter: Filter) throws(Misfit) -> StoredOperation {
    let padding: StoredOperation.Padding
    switch filter.padding {
    case .same: padding = .same
    case .valid: padding = .valid
    default: throw Misfit("Neuron's padding is 'same' or 'valid'")
    }
    let groups = filter.groups
    let stored = try stored(filter, padding)
    guard groups == 1 || groups == shape.channels && groups == filter.count else {
      throw Misfit("Neuron has one group, or one filter for each channel")
    }
    return .conv(stored)
  }

  func transposed(_ filter: Filter) throws(Misfit) -> StoredOperation {
    guard filter.padding == .same, filter.groups == 1 else {
      throw Misfit("Neuron's has padding 'same' and one group")
    }
    let (kernel, stride) = (filter.kernel.height, filter.stride.height)
    // Both cut off as much, but where that is odd they may share it out differently.
    let rest = max(0, kernel - stride)
    guard let cut = StoredOperation.Cut(kernel, stride: stride), cut.more == 0,
      cut.low == rest / 2, cut.low + cut.high == rest
    else {
      throw Misfit("Neuron places filters of \(kernel) with a stride of \(stride) otherwise")
    }
    return .convTranspose(try stored(filter, .cut(vertical: cut, horizontal: cut)))
  }

  private func stored(
    _ filter: Filter, _ padding: StoredOperation.Padding
  ) throws(Misfit) -> StoredOperation.Filter {
    guard filter.dilation == 1 else { throw Misfit("Neuron's filters are not dilated") }
    let (kernel, stride) = (filter.kernel, filter.stride)
    guard kernel.height == kernel.width, stride.height == stride.width else {
      throw Misfit(
        "Neuron exchanges height and width of filters and strides when it reads a file")
    }
    return StoredOperation.Filter(
      count: filter.count,
      kernel: StoredOperation.Sides(height: kernel.height, width: kernel.width),
      stride: StoredOperation.Sides(height: stride.height, width: stride.width),
      padding: padding, groups: filter.groups)
  }

  // MARK: Shapes

  func window(of pooling: Pooling) throws(Misfit) -> Sides {
    guard pooling.padding == 0, pooling.stride == nil || pooling.stride == pooling.size else {
      throw Misfit("Neuron's windows lie side by side, without padding")
    }
    return pooling.size
  }

  /// Zeros that make a map even for a pooling, which Neuron's pooling adds itself.
  func pad(_ layer: Pad) throws(Misfit) -> StoredOperation {
    guard next is MaxPool, case .map(let height, let width, _) = shape,
      layer.margins
        == .explicit(vertical: Margin(0, height % 2), horizontal: Margin(0, width % 2))
    else {
      throw Misfit("Neuron has zeros around maps only where maxPool finds them odd")
    }
    return .pad(bottom: height % 2, right: width % 2)
  }

  func reshape(_ layer: Reshape) throws(Misfit) -> StoredOperation {
    let extents = layer.to.extents
    let known = extents.reduce(1) { $1 < 0 ? $0 : $0 * $1 }
    guard let shape = SampleShape(extents.map { $0 < 0 ? self.shape.count / known : $0 }) else {
      throw Misfit("Neuron has vectors and maps")
    }
    return .reshape(shape)
  }

  // MARK: Norms and blocks

  func norm(_ layer: LayerNorm) throws(Misfit) -> StoredOperation {
    if case .map = shape, layer.over == .features {
      throw Misfit("Neuron's is over the whole sample: set over: sample")
    }
    switch layer.affine {
    case .each: return .layerNorm(epsilon: layer.epsilon)
    case .none: throw Misfit("Neuron's always scales and shifts: set affine: true")
    case .shared: break
    }
    let epsilon = StoredOperation.LobeNorm.epsilon
    guard layer.epsilon == epsilon else {
      throw Misfit("Neuron's epsilon is \(epsilon) where two numbers are for all")
    }
    func number(_ name: String) -> Float? { tensor(path + name)?.values.first }
    return .lobeNorm(
      StoredOperation.LobeNorm(
        scale: number("weight") ?? 1, shift: number("bias") ?? 0, mean: 0, variance: 1,
        momentum: 0.99, learningRate: 0.1, isOfVector: true))
  }

  func residual(_ layer: Residual) throws(Misfit) -> StoredOperation {
    guard Activation.relu ~= (next ?? Flatten()) else {
      throw Misfit("Neuron's resNet ends with a relu: put one behind it")
    }
    guard case .map(let height, let width, let channels) = shape else {
      throw Misfit("Neuron's resNet takes maps")
    }
    let inner: ExportedLayers
    do throws(Failure) {
      inner = try ExportedLayers(layer.layers, sample: shape, under: path, tensor: tensor)
    } catch {
      throw Misfit(error)
    }
    guard case .map(let rows, let columns, let filters) = inner.shape else {
      throw Misfit("Neuron's resNet makes maps")
    }
    let stride = (height + rows - 1) / rows
    guard stride == (width + columns - 1) / columns else {
      throw Misfit("Neuron's resNet has one stride for height and width")
    }
    switch layer.shortcut {
    case .auto: break
    case .pad, .layers:
      guard filters == channels, stride == 1 else {
        throw Misfit("Neuron's shortcut is a 1x1 convolution: set shortcut: auto")
      }
      guard case .pad = layer.shortcut else {
        throw Misfit("Neuron's shortcut has no layers where shapes are equal")
      }
    }
    return .residual(inner.layers)
  }
}
