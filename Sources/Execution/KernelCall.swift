internal import Graphs

/// One kernel call of a plan.
struct KernelCall: @unchecked Sendable {
  let activity: Activity
  let reach: Reach
  /// Empty where another call completes the results, or reads what this one prepares.
  var results: [Result]
  /// The loop that the session runs in place of the kernel.
  let loop: Loop?
  let kernel: (Frame) -> Void

  /// Its activity, then those of its loop.
  var activities: [Activity] {
    guard let loop else { return [activity] }
    return [activity] + (loop.preparations + loop.calls).flatMap(\.activities)
  }

  /// What a session that runs several shards gives the kernel.
  enum Reach {
    /// Each of them in turn.
    case eachShard
    case allShards
    /// The first one alone: its results are those of all.
    case once
  }

  /// The slot of a value that the call writes, or the first of several.
  struct Result {
    let value: Value
    let slot: Slot
    let byteCount: Int
  }
}

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
    case .scan: "loop"
    case .composite: "composite"
    }
  }
}
