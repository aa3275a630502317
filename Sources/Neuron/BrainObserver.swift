/// An observer of a brain, such as a view of its network.
public protocol BrainObserver: AnyObject {
  /// An epoch of training has ended.
  func brain(_ brain: Brain, didFinishEpoch epoch: Int)

  /// The brain has answered for an input.
  func brain(_ brain: Brain, didFeed input: [Float])
}
