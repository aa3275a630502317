internal import Datasets
internal import ModelFiles
internal import Networks

extension Model {
  /// Gives the dense layer at the end of a network the unit of the targets, and the coding no
  /// scales, so that programs that know of none compute predictions as they are meant.
  ///
  /// A network with another end keeps the scales in its coding, which this program reads.
  func takeScales(
    from coding: inout SampleCoding, into tensors: inout [String: StoredTensor]
  ) {
    guard !coding.targetScales.isEmpty, outputs.count == 1, outputs[0].target == nil,
      outputs[0].loss.targetRange == nil, let last = layers.layers.last, last.node.layer is Dense,
      last.node.weightsOf == nil, !layers.nodes.contains(where: { $0.weightsOf == last.name }),
      let weight = tensors["\(last.name)/weight"], let bias = tensors["\(last.name)/bias"],
      bias.values.count == coding.targetScales.count
    else { return }
    let inputs = weight.values.count / bias.values.count
    let scales = coding.targetScales
    tensors[weight.name] = StoredTensor(
      weight.name, weight.shape,
      weight.values.enumerated().map { Float(Double($1) * scales[$0 / inputs].deviation) })
    tensors[bias.name] = StoredTensor(
      bias.name, bias.shape,
      zip(bias.values, scales).map { Float(Double($0) * $1.deviation + $1.mean) })
    coding.targetScales = []
  }
}
