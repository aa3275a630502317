import Charts
import Communication
import Foundation
import FoundationXML
import Reports
import Testing
import Training

@Suite struct ExperimentSummaryTests {
  @Test func tellsWhatIsLearntFromWhat() throws {
    let overview = try ExperimentSummary(
      CompiledExperiment(Sample(train: "{epochs: 300}").configuration()))
    #expect(
      overview.headline
        == "sample: 150 samples of 28x28x1 in 10 classes, batches of 48, 1,200 steps (4 an epoch)")
  }

  @Test func hasARowForEachLayerAndTheSum() throws {
    let lines = try ExperimentSummary(CompiledExperiment(Sample().configuration())).layers.lines
    #expect(lines.count == 2 + 5 + 2)
    #expect(lines[3].split(separator: " ") == ["dense1", "24", "18,840", "0.038"])
    #expect(lines[8].split(separator: " ") == ["all", "19,090", "0.038"])
  }

  @Test func jsonSaysTheSame() throws {
    let compiled = try CompiledExperiment(Sample().configuration())
    let resources = try RunResources(compiled, communicator: .start(), workers: 1)
    let json = ExperimentSummary(compiled).json(resources, nil).description
    #expect(json.hasPrefix(#"{"name": "sample", "training_samples": 150, "test_samples": 70, "#))
    #expect(json.contains(#""batch": 48, "shards": 8, "steps_per_epoch": 4, "parameters": 19090"#))
    #expect(
      json.contains(
        #"{"name": "dense2", "inputs": ["dropout1"], "output": [10], "parameters": 250, "flops": "#)
    )
  }

  private func summary(_ text: String) throws -> ExperimentSummary {
    try ExperimentSummary(
      CompiledExperiment(
        RunConfiguration(
          text: """
            data: {dataset: digits, train_samples: 64, test_samples: 16, batch: 32}
            optimizer: adam
            train: {epochs: 1}
            \(text)
            """, source: "run.yaml")))
  }

  private static let graph = """
    name: graph
    model:
      - flatten
      - repeat: {name: left, times: 2, layers: [{dense: 9}, tanh]}
      - repeat: {name: right, times: 2, input: flatten1, weights_of: left}
      - add: [left, right]
      - concat: {input: [add1, flatten1]}
      - dense: 10
    loss: cross_entropy
    """

  @Test func aColumnShowsInputsWhereTheyAreNotTheLayerBefore() throws {
    let lines = try summary(Self.graph).layers.lines
    #expect(lines[0].split(separator: " ").prefix(3) == ["layer", "input", "output"])
    #expect(lines[3].split(separator: " ").prefix(4) == ["left", "flatten1", "9", "7,155"])
    #expect(lines[5].split(separator: " ").prefix(4) == ["add1", "left,", "right", "9"])
    #expect(lines[9].split(separator: " ").prefix(2) == ["all", "15,095"])
  }

  @Test func picturesShowEveryLayerAndEdge() throws {
    let svg = try summary(Self.graph).svg()
    let picture = try Picture(svg)
    // The background, the samples and six layers.
    #expect(picture.count("rect") == 8)
    // The tip of arrows and eight edges, of which one passes beside the boxes.
    #expect(picture.count("path") == 9)
    #expect(svg.split(separator: "marker-end").filter { $0.contains("L") }.count == 2)
    #expect(picture.title == "graph")
    #expect(
      picture.texts.prefix(8) == [
        "samples", "flatten1", "flatten · 784", "left", "repeat · 9", "7,155 parameters", "right",
        "repeat · 9",
      ])
    #expect(picture.texts.contains("weights of left"))
    #expect(picture.texts.suffix(3) == ["dense1", "dense · 10", "7,940 parameters"])
  }

  @Test func picturesInPagesHaveTheColoursOfThePage() throws {
    let svg = try summary(Self.graph).svg(theme: .page)
    #expect(try Picture(svg).count("rect") == 7)
    #expect(!svg.replacing("url(#tip)", with: "").contains("#"))
    #expect(svg.contains("fill=\"var(--ink)\""))
  }

  @Test func picturesShowBothNetworksOfAnAdversarialRun() throws {
    let picture = try Picture(
      summary(
        """
        name: two
        adversarial: {noise: 3, loss: hinge}
        generator: [{dense: 784}, {reshape: [28, 28, 1]}]
        critic: [flatten, {dense: 4}, relu, {dense: 1}]
        """
      ).svg())
    #expect(picture.count("rect") == 9)
    #expect(
      picture.texts.filter { !$0.contains(" ") } == [
        "generator", "noise", "dense1", "reshape1", "critic", "samples", "flatten1", "dense1",
        "relu1", "dense2",
      ])
  }
}

/// The elements of an SVG file.
private final class Picture: NSObject, XMLParserDelegate {
  private var counts: [String: Int] = [:]
  private(set) var texts: [String] = []
  private(set) var title = ""
  private var text = ""

  init(_ svg: String) throws {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
  }

  func count(_ name: String) -> Int { counts[name, default: 0] }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    counts[name, default: 0] += 1
    text = ""
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if name == "text" { texts.append(text) }
    if name == "title" { title = text }
  }
}
