internal import Files
public import Foundation

/// Draws the network of a brain as an SVG picture, and again whenever it has changed.
///
///     brain.visualize(NetworkVisualizer(layerColor: .blue))
///
/// The picture is drawn when the brain is compiled, after every epoch of training, and after every `feed`. It shows
/// all layers, the weights of dense ones and what the network makes of `input`: the darker a colour, the
/// closer its number is to the greatest of the layer.
///
/// Each time costs one more sample and the picture: 4 ms with 784, 128 and 10 nodes, of which 0.7 ms are the view
/// model and the rest is the file. One who asks for many answers sets `url` to nil, or looks at the brain
/// later. Under mpirun rank 0 writes.
public final class NetworkVisualizer {
  /// Where the picture is written, in place of the one before; nil for nowhere.
  ///
  /// It is `network.svg` in the folder where the program was started, if nothing else is said. Set in
  /// `epochCompleted`, it gives each epoch a file of its own. After a failure, which is told, it is nil.
  public var url: URL? = URL(fileURLWithPath: "network.svg")
  /// What the network is seen to answer: the input that was fed last, before that the first sample of training.
  public var input: [Float]?
  /// How many nodes of a layer are drawn at most, evenly chosen from all.
  public var neuronLimit = 16
  /// The colour of nodes and weights.
  public var layerColor: Color
  /// Whether each layer has a colour of its own, drawn by lot.
  public var randomizeLayerColors: Bool
  /// What is to be seen; nil before the first time.
  public private(set) var viewModel: NetworkViewModel?
  /// Called with every new view model.
  public var onUpdate: ((NetworkViewModel) -> Void)?

  private let neuronSpacing, layerSpacing: Double
  /// The last epoch.
  private var caption = ""
  private lazy var palette = Color.palette.shuffled()

  /// A visualizer, which `brain.visualize` is given.
  ///
  /// - Parameters:
  ///   - layerColor: The colour of nodes and weights.
  ///   - randomizeLayerColors: Whether each layer has a colour of its own, drawn by lot.
  ///   - neuronSpacing: What is left free between two nodes, which are 60 wide.
  ///   - layerSpacing: What is left free between two layers.
  public init(
    layerColor: Color = .red, randomizeLayerColors: Bool = false, neuronSpacing: Double = 80,
    layerSpacing: Double = 200
  ) {
    self.layerColor = layerColor
    self.randomizeLayerColors = randomizeLayerColors
    self.neuronSpacing = neuronSpacing
    self.layerSpacing = layerSpacing
  }

  /// Looks at a brain as it is now, and draws what it sees.
  public func visualize(brain: Brain) {
    let model = NetworkViewModel(
      brain, input: input, caption: caption, spacing: (neuronSpacing, layerSpacing)
    ) { randomizeLayerColors ? palette[$0 % palette.count] : layerColor }
    viewModel = model
    write(model)
    onUpdate?(model)
  }

  private func write(_ model: NetworkViewModel) {
    guard let url, Group.isFirst else { return }
    do {
      try writeAtomically(model.svg(neuronLimit: neuronLimit), to: url.path)
    } catch {
      Group.tell("'\(url.path)' cannot be written: \(error)")
      self.url = nil
    }
  }
}

extension NetworkVisualizer: BrainObserver {
  /// Draws the network after an epoch.
  public func brain(_ brain: Brain, didFinishEpoch epoch: Int) {
    let loss = brain.loss.last.map { ", loss \(($0 * 10_000).rounded() / 10_000)" } ?? ""
    caption = "epoch \(epoch + 1)\(loss)"
    visualize(brain: brain)
  }

  /// Draws what the network makes of an input.
  public func brain(_ brain: Brain, didFeed input: [Float]) {
    self.input = input
    visualize(brain: brain)
  }
}
