internal import Checkpoints
internal import Diagnostics
internal import Graphs
internal import Networks

/// The weights of a checkpoint with what LoRA learned added to its matrices: those of the network
/// without LoRA.
struct MergedWeights {
  let layout: TensorLayout
  private let stored: TensorLayout
  private let scale: Double

  init(of checkpoint: borrowing Checkpoint) throws(Failure) {
    stored = try checkpoint.layout(of: .weights)
    layout = stored.withoutAdapters
    // An older program may have written the settings of a network without LoRA.
    scale =
      layout.tensors.count == stored.tensors.count
      ? 0
      : try RunConfiguration(saved: checkpoint.configuration, of: checkpoint.path).lora?.scale ?? 0
  }

  /// The values of a tensor of the layout, W + alpha/rank·B·A where there are A and B.
  func values(
    of tensor: TensorLayout.Tensor, in checkpoint: borrowing Checkpoint
  ) throws(Failure) -> [Float] {
    var weights = try checkpoint.values(of: tensor, in: .weights)
    let names = LoRA.adapters(of: tensor.name)
    guard let first = stored[names.a], let second = stored[names.b] else { return weights }
    let a = try checkpoint.values(of: first, in: .weights)
    let b = try checkpoint.values(of: second, in: .weights)
    let (rank, inputs) = (first.shape[0], first.shape[1])
    for row in 0..<tensor.shape[0] {
      for column in 0..<inputs {
        let sum = (0..<rank).reduce(0.0) {
          $0 + Double(b[row * rank + $1]) * Double(a[$1 * inputs + column])
        }
        let place = row * inputs + column
        weights[place] = Float(Double(weights[place]) + scale * sum)
      }
    }
    return weights
  }
}

extension TensorLayout {
  /// The same places without what LoRA trains.
  var withoutAdapters: TensorLayout { TensorLayout(tensors.filter { !LoRA.isAdapter($0.name) }) }
}
