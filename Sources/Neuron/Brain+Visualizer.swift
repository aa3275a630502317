extension Brain {
  /// Draws the network with a visualizer, now if it is compiled and after every change; nil stops
  /// it.
  public func visualize(_ visualizer: NetworkVisualizer?) {
    self.visualizer = visualizer
    if compiled { visualizer?.visualize(brain: self) }
  }

  /// The observers to call.
  var observers: [any BrainObserver] { [visualizer, observer].compactMap { $0 } }
}
