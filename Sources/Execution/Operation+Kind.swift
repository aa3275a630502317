internal import Graphs

extension Operation {
  /// The group that it belongs to in a table of times.
  var kind: String {
    switch self {
    case .input, .parameter, .constant, .random: "leaves"
    case .unary, .binary, .compare, .select, .convert: "elementwise"
    case .reduce: "reduction"
    case .reshape, .permute, .broadcast, .slice, .pad, .concatenate, .reverse: "movement"
    case .gather, .scatterAdd, .oneHot: "indexing"
    case .matrixProduct: "matrix product"
    case .convolution: "convolution"
    case .convolutionInputGradient: "convolution input gradient"
    case .convolutionFilterGradient: "convolution filter gradient"
    case .maxPool, .poolGather, .poolScatter, .poolSum, .poolSpread: "pooling"
    case .composite: "composite"
    }
  }
}
