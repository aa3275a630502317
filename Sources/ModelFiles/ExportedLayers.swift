internal import Diagnostics
internal import Networks

/// The layers of a network as a file holds them; refuses the first that no file can hold.
struct ExportedLayers {
  private(set) var layers: [StoredLayer] = []
  /// The node of each.
  private(set) var nodes: [Node] = []
  /// The output of the last layer, for one sample.
  private(set) var shape: SampleShape

  init(
    _ list: LayerList, sample: SampleShape, under path: String = "",
    tensor: @escaping (String) -> StoredTensor?
  ) throws(Failure) {
    shape = sample
    var before = path.isEmpty ? "samples" : nil
    for (place, layer) in list.layers.enumerated() {
      let layerExport = LayerExport(
        node: layer.node, next: list.nodes.dropFirst(place + 1).first?.layer, shape: shape,
        path: "\(path)\(layer.name)/", tensor: tensor)
      guard layer.node.weightsOf == nil else {
        throw layerExport.refusal("every layer of a file has weights of its own")
      }
      guard (layer.node.input ?? []).allSatisfy({ $0 == before }) else {
        throw layerExport.refusal("a file is a list, whose layers read the one before")
      }
      before = layer.name
      let (stored, output) = try layerExport.stored(named: layer.name)
      layers.append(stored)
      nodes.append(layer.node)
      shape = output
    }
  }
}

/// A layer of a network at its place in a list.
struct LayerExport {
  let node: Node
  /// The layer after it.
  let next: (any Layer)?
  /// A sample before it.
  let shape: SampleShape
  /// What the names of its parameters begin with: `residual1/conv1/`.
  let path: String
  let tensor: (String) -> StoredTensor?

  func refusal(_ reason: String) -> Failure {
    node.failure(ofAll: "a .smodel file cannot hold this \(node.kind): \(reason)")
  }

  fileprivate func stored(
    named name: String
  ) throws(Failure) -> (layer: StoredLayer, output: SampleShape) {
    do throws(Misfit) {
      var layer = StoredLayer(try operation, tensors)
      if layer.hasParameters { layer.name = name }
      return (layer, try layer.output(of: shape))
    } catch {
      throw error.failure ?? refusal(error.message)
    }
  }

  private var tensors: [StoredTensor] {
    ["weight", "bias", "running_mean", "running_var", "shortcut/weight"].compactMap {
      tensor(path + $0)?.named($0)
    }
  }

  /// A layer that is missing here is one that no file can hold.
  private var operation: StoredOperation {
    get throws(Misfit) {
      switch node.layer {
      case let layer as Dense:
        guard case .count(let units) = layer.units else { throw Misfit("Neuron has no texts") }
        return .dense(units: units)
      case let layer as Conv: return try conv(layer.filter)
      case let layer as ConvTranspose: return try transposed(layer.filter)
      case let layer as MaxPool:
        guard try window(of: layer.pooling) == Sides(height: 2, width: 2) else {
          throw Misfit("Neuron's windows are 2x2")
        }
        return .maxPool
      case let layer as AvgPool:
        let size = try window(of: layer.pooling)
        return .avgPool(height: size.height, width: size.width)
      case let layer as GlobalAvgPool where layer.lengths == nil: return .globalAvgPool
      case let layer as Pad: return try pad(layer)
      case is Flatten: return .flatten
      case let layer as Reshape: return try reshape(layer)
      case let layer as BatchNorm:
        guard case .map = shape else { throw Misfit("Neuron takes a vector for one channel") }
        guard layer.epsilon == 1e-5 else { throw Misfit("Neuron's epsilon is 1e-05") }
        return .batchNorm(epsilon: layer.epsilon, momentum: layer.momentum)
      case let layer as LayerNorm: return try norm(layer)
      case let layer as InstanceNorm: return .instanceNorm(epsilon: layer.epsilon)
      case let layer as Dropout: return .dropout(rate: layer.rate)
      case let layer as PRelu:
        guard layer.sharing == .layer else {
          throw Misfit("Neuron's has one slope: set per: layer")
        }
        return .activation(.prelu)
      case let layer as Activation: return .activation(try activation(layer))
      case let layer as Residual: return try residual(layer)
      case is Embedding:
        throw Misfit("Neuron's vectors lie along columns, not along channels")
      default: throw Misfit("Neuron has no such layer")
      }
    }
  }

  private func activation(
    _ layer: Activation
  ) throws(Misfit) -> StoredOperation.Activation {
    switch layer as any Layer {
    case Activation.relu: return .relu
    case Activation.leakyRelu(): return .leakyRelu(slope: layer.number ?? 0)
    case Activation.selu: return .selu(isRounded: false)
    case Activation.swish: return .swish
    case Activation.mish: return .mish
    case Activation.sigmoid: return .sigmoid
    case Activation.tanh: return .tanh
    case Activation.softmax:
      guard case .vector = shape else {
        throw Misfit("Neuron's is over columns, not over channels")
      }
      return .softmax
    case Activation.gelu:
      throw Misfit("Neuron writes it as a leakyRelu and reads it back as one")
    default: throw Misfit("Neuron has no such layer")
    }
  }
}
