extension Brain {
  /// Shows the network to a visualizer, now if it is compiled, and after every change; nil ends that.
  public func visualize(_ visualizer: NetworkVisualizer?) {
    self.visualizer = visualizer
    if compiled { visualizer?.visualize(brain: self) }
  }

  /// Those who are told of changes.
  var observers: [any BrainObserver] { [visualizer, observer].compactMap { $0 } }
}
