import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

import Neuron

@Suite struct VisualizerTests {
  private func brain(_ sizes: [Int], _ last: Activation = .none) -> Brain {
    let brain = Brain(learningRate: 0.1, epochs: 3)
    brain.addInputs(sizes[0])
    for nodes in sizes.dropFirst().dropLast() {
      brain.add(LobeModel(nodes: nodes, activation: .tanh))
    }
    brain.add(LobeModel(nodes: sizes.last ?? 1, activation: last))
    return brain
  }

  private let folder: TemporaryFolder
  private var file: URL { URL(fileURLWithPath: folder.path(of: "network.svg")) }

  init() throws { folder = try TemporaryFolder() }

  private func visualizer() -> NetworkVisualizer {
    let visualizer = NetworkVisualizer()
    visualizer.url = file
    return visualizer
  }

  /// 3 inputs, 2 nodes without activation: everything by hand.
  @Test func valuesAreScaledInTheirLayer() throws {
    let (brain, visualizer) = (brain([3, 2]), visualizer())
    brain.compile()
    brain.replaceWeights(weights: [[[0], [0], [0]], [[1, -2, 0], [0.5, 0, 1]]])
    brain.visualize(visualizer)
    #expect(visualizer.viewModel?.brain.lobes.map(\.neurons.count) == [3, 2])
    #expect(visualizer.viewModel?.brain.lobes[0].neurons[0].value == nil)
    #expect(brain.feed(input: [-1, 3, 1]) == [-7, 0.5])
    let model = try #require(visualizer.viewModel)
    let lobes = model.brain.lobes
    #expect(lobes[0].neurons.map(\.activation) == [0, 1, 0.5])
    #expect(lobes[0].neurons.map(\.value) == [-1, 3, 1])
    #expect(lobes[1].neurons.map(\.activation) == [0, 1])
    #expect(lobes[1].neurons.map(\.value) == [-7, 0.5])
    #expect(lobes[1].neurons.map(\.weights) == [[0.75, 0, 0.5], [0.625, 0.5, 0.75]])
    #expect(lobes.map(\.title) == ["inputs", "dense"])
    #expect(model.brain.spacing == 200 && lobes[0].spacing == 80)
    #expect(lobes[0].neurons[0].radius == 30 && lobes[0].neurons[0].color == .red)
  }

  /// Probabilities are not stretched, and greatest numbers do not overflow.
  @Test func whatIsScaledAlreadyStays() throws {
    let (brain, visualizer) = (brain([2, 2], .softmax), visualizer())
    brain.visualize(visualizer)
    brain.compile()
    let answer = brain.feed(input: [0.5, -0.5])
    #expect(visualizer.viewModel?.brain.lobes[1].neurons.map(\.activation) == answer)
    #expect(visualizer.viewModel?.brain.lobes[1].title == "softmax")
    _ = brain.feed(input: [3e38, -3e38])
    #expect(visualizer.viewModel?.brain.lobes[0].neurons.map(\.activation) == [1, 0])
  }

  /// Three inputs, two hidden nodes, one output: circles, lines without weights of 0, numbers.
  @Test func pictures() throws {
    let (brain, visualizer) = (brain([3, 2, 1]), visualizer())
    brain.compile()
    brain.replaceWeights(
      weights: [[[0], [0], [0]], [[1, -2, 0], [0.5, 0, 1]], [[1, -1]]])
    brain.visualize(visualizer)
    _ = brain.feed(input: [1, 2, 3])
    let picture = try Picture(Data(contentsOf: file))
    #expect(picture.count("circle") == 6)
    // Two lines stand for weights in the legend.
    #expect(picture.count("line") == 4 + 2 + 2)
    #expect(picture.texts.contains("3.00") && picture.texts.contains("inputs"))
    #expect(picture.texts.contains("-1.00") && picture.texts.contains("tanh"))
    #expect(try visualizer.viewModel?.svg() == String(contentsOf: file, encoding: .utf8))
  }

  @Test func everyEpochIsDrawn() throws {
    let samples = (0..<8).map {
      TrainingData(data: [Float($0) / 8, 1, -1], correct: [Float($0) / 4])
    }
    let (brain, plain, visualizer) = (brain([3, 4, 1]), brain([3, 4, 1]), visualizer())
    brain.visualize(visualizer)
    var models: [NetworkViewModel] = []
    var files: [Data] = []
    visualizer.onUpdate = { model in
      models.append(model)
      files.append((try? Data(contentsOf: file)) ?? Data())
    }
    for brain in [brain, plain] {
      brain.compile()
      brain.train(dataset: (samples, []))
    }
    #expect(models.count == 4 && Set(files).count == 4 && !files.contains(Data()))
    #expect(models[1].caption.hasPrefix("epoch 1, loss 0."))
    // The first sample is shown until another is fed; looking changes nothing.
    #expect(models[3].brain.lobes[0].neurons.map(\.value) == [0, 1, -1])
    #expect(brain.weights() == plain.weights())
    _ = brain.feed(input: [5, 6, 7])
    #expect(visualizer.viewModel?.brain.lobes[0].neurons.map(\.value) == [5, 6, 7])
    brain.visualize(nil)
    _ = brain.feed(input: [1, 1, 1])
    #expect(models.count == 5 && brain.visualizer == nil)
  }

  /// As many nodes as there is place for, the first and the last among them.
  @Test func largeLayersStaySmall() throws {
    let (brain, visualizer) = (brain([784, 128, 10], .softmax), visualizer())
    brain.visualize(visualizer)
    brain.compile()
    _ = brain.feed(input: (0..<784).map { Float($0) })
    let data = try Data(contentsOf: file)
    let picture = try Picture(data)
    #expect(data.count < 150_000)
    // Three dots stand for the rest of two layers.
    #expect(picture.count("circle") == 16 + 16 + 10 + 6)
    #expect(picture.count("line") <= 16 * 16 + 16 * 10 + 2)
    #expect(picture.texts.contains("16 of 784") && picture.texts.contains("783"))
    #expect(picture.texts.contains("10") && picture.texts.contains("0.00"))
    #expect(visualizer.viewModel?.brain.lobes[0].neurons.count == 784)
    visualizer.neuronLimit = 2
    visualizer.visualize(brain: brain)
    #expect(try Picture(Data(contentsOf: file)).count("circle") == 6 + 9)
  }

  @Test func whatIsNotFiniteIsDrawn() throws {
    let (brain, visualizer) = (brain([3, 2]), visualizer())
    brain.visualize(visualizer)
    brain.compile()
    _ = brain.feed(input: [.nan, .infinity, 1])
    let picture = try Picture(Data(contentsOf: file))
    #expect(picture.count("circle") == 5 && picture.texts.contains("×"))
    #expect(visualizer.viewModel?.brain.lobes[0].neurons.map(\.activation) == [0, 0, 1])
  }

  /// Layers of any kind, and lines only where weights stand between two nodes.
  @Test func anyNetworkIsDrawn() throws {
    let brain = Brain()
    brain.addInputs(8)
    brain.add(layer: "reshape: [2, 2, 2]")
    brain.add(layer: "conv: {filters: 3, kernel: 1}")
    brain.add(layer: "relu")
    brain.add(layer: "flatten")
    brain.add(LobeModel(nodes: 2, activation: .sigmoid))
    let visualizer = visualizer()
    visualizer.randomizeLayerColors = true
    brain.visualize(visualizer)
    brain.compile()
    _ = brain.feed(input: [1, 2, 3, 4, 5, 6, 7, 8])
    let lobes = try #require(visualizer.viewModel?.brain.lobes)
    #expect(lobes.map(\.neurons.count) == [8, 12, 2])
    #expect(lobes.map(\.title) == ["inputs", "conv, relu", "sigmoid"])
    #expect(lobes[1].neurons.allSatisfy { $0.weights.isEmpty })
    #expect(lobes[2].neurons.allSatisfy { $0.weights.count == 12 })
    #expect(Set(lobes.map { $0.neurons[0].color }).count == 3)
    let colours = lobes.map { $0.neurons[0].color }
    _ = brain.feed(input: [1, 1, 1, 1, 1, 1, 1, 1])
    #expect(visualizer.viewModel?.brain.lobes.map { $0.neurons[0].color } == colours)
    _ = try Picture(Data(contentsOf: file))
  }

  @Test func aFileThatCannotBeWrittenIsGivenUp() {
    let (brain, visualizer) = (brain([1, 1]), NetworkVisualizer())
    visualizer.url = URL(fileURLWithPath: folder.path(of: "absent/network.svg"))
    brain.visualize(visualizer)
    brain.compile()
    #expect(visualizer.url == nil && visualizer.viewModel != nil)
  }

  /// Models of one's own, in the words of upstream.
  @Test func viewModelsCanBeMade() throws {
    let model = NetworkViewModel(
      brain: BrainViewModel(lobes: [
        LobeViewModel(neurons: [NeuronViewModel(activation: 7, weights: [])], title: "a < b & c"),
        LobeViewModel(
          neurons: [NeuronViewModel(activation: .nan, weights: [2, 1], radius: 20, color: .teal)],
          spacing: 10),
      ]))
    let picture = try Picture(Data(model.svg().utf8))
    #expect(picture.count("circle") == 2 && picture.texts.contains("a < b & c"))
    #expect(try Picture(Data(NetworkViewModel().svg().utf8)).count("circle") == 0)
  }
}

/// The elements of an SVG file, whose numbers are all finite.
private final class Picture: NSObject, XMLParserDelegate {
  private(set) var counts: [String: Int] = [:]
  private(set) var texts: [String] = []
  private var text = ""

  init(_ data: Data) throws {
    super.init()
    let parser = XMLParser(data: data)
    parser.delegate = self
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
  }

  func count(_ name: String) -> Int { counts[name, default: 0] }

  private static let numbers: Set = [
    "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "viewBox", "font-size",
    "stroke-width", "stroke-opacity",
  ]

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    counts[name, default: 0] += 1
    text = ""
    for (key, value) in attributes where Self.numbers.contains(key) && value != "100%" {
      for word in value.split(separator: " ") {
        #expect(Double(word)?.isFinite == true, "\(key)=\(value)")
      }
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if name == "text" { texts.append(text) }
  }
}
