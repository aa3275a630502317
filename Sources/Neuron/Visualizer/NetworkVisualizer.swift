internal import Files
public import Foundation

/// Draws the network of a brain as an SVG picture after every change.
///
///     brain.visualize(NetworkVisualizer(layerColor: .blue))
///
/// The picture is drawn when the brain is compiled, after every epoch of training, and after every
/// `feed`. It shows all layers, the weights of dense ones and the outputs for `input`: the darker a
/// colour, the closer its number is to the greatest of the layer.
///
/// Each picture costs 4 ms with 784, 128 and 10 nodes, 0.7 ms of it without the file. For many
/// answers, set `url` to nil. Under mpirun rank 0 writes.
public final class NetworkVisualizer {
  /// The file of the picture, which each picture replaces; nil writes none.
  ///
  /// By default `network.svg` in the current folder. Set it in `epochCompleted` for a file for each
  /// epoch. After an error, which is printed, it is nil.
  public var url: URL? = URL(fileURLWithPath: "network.svg")
  /// The input of the picture: the last one fed, before that the first training sample.
  public var input: [Float]?
  /// The greatest number of drawn nodes of a layer, evenly chosen from all.
  public var neuronLimit = 16
  /// The colour of nodes and weights.
  public var layerColor: Color
  /// Whether each layer has a random colour.
  public var randomizeLayerColors: Bool
  /// The last picture's contents; nil before the first.
  public private(set) var viewModel: NetworkViewModel?
  /// Called with every new view model.
  public var onUpdate: ((NetworkViewModel) -> Void)?

  private let neuronSpacing, layerSpacing: Double
  /// The last epoch.
  private var caption = ""
  private lazy var palette = Color.palette.shuffled()

  /// A visualizer for `brain.visualize`.
  ///
  /// - Parameters:
  ///   - layerColor: The colour of nodes and weights.
  ///   - randomizeLayerColors: Whether each layer has a random colour.
  ///   - neuronSpacing: The space between two nodes, which are 60 wide.
  ///   - layerSpacing: The space between two layers.
  public init(
    layerColor: Color = .red, randomizeLayerColors: Bool = false, neuronSpacing: Double = 80,
    layerSpacing: Double = 200
  ) {
    self.layerColor = layerColor
    self.randomizeLayerColors = randomizeLayerColors
    self.neuronSpacing = neuronSpacing
    self.layerSpacing = layerSpacing
  }

  /// Draws a brain in its current state.
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

  /// Draws the outputs for an input.
  public func brain(_ brain: Brain, didFeed input: [Float]) {
    self.input = input
    visualize(brain: brain)
  }
}
