import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

extension CommandTests {
  /// Pictures of networks.
  @Suite struct Draw {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func picture(_ words: String..., ranks: Int? = nil) throws -> String {
      let ending = try workspace.start(["draw"] + words + ["--output", "a.svg"], ranks: ranks)
        .wait()
      #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
      let text = try workspace.folder.text(of: "a.svg")
      let parser = XMLParser(data: Data(text.utf8))
      #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
      return text
    }

    /// The numbers inside nodes.
    private func numbers(_ picture: String) -> [String] {
      picture.split(separator: "\n").filter { $0.hasPrefix("<circle") && $0.contains("<title>") }
        .compactMap { $0.split(separator: ": ").last?.split(separator: "<").first.map(String.init) }
    }

    /// The example of Matt Mazur: outputs of 0.59 and 0.60, then 0.75 and 0.77.
    @Test(arguments: [nil, 2])
    func nodesWithActivations(ranks: Int?) throws {
      let picture = try picture("mazur.yaml", ranks: ranks)
      #expect(numbers(picture) == ["0.05", "0.10", "0.59", "0.60", "0.75", "0.77"])
      // Eight weights and two lines of the legend.
      #expect(picture.split(separator: "<line").count == 11)
      for title in ["mazur, before training, training sample 0", "inputs", "hidden, sigmoid"] {
        #expect(picture.contains(">\(title)</text>"), "\(title)")
      }
    }

    /// After 10,000 steps the example's outputs are 0.0159 and 0.984.
    @Test func trainedWeights() throws {
      let words = ["train", "mazur.yaml", "--run", "run"]
      #expect(try workspace.start(words).wait().status == 0)
      let trained = try picture("run")
      #expect(trained.contains(">mazur, after step 10000, training sample 0</text>"))
      #expect(numbers(trained).suffix(2) == ["0.02", "0.98"])
      let export = try workspace.run("export", "run", "--to", "smodel", "--output", "m.smodel")
      #expect(export.status == 0, "\(export.errors)")
      // The same lines, but no sample.
      let model = try picture("m.smodel")
      func lines(_ picture: String) -> [Substring] {
        picture.split(separator: "\n").filter { $0.hasPrefix("<line") }
      }
      #expect(lines(model) == lines(trained))
      #expect(model.contains("<title>hidden 0</title>"))
    }

    @Test func fewOfManyNodes() throws {
      let picture = try picture("mlp.yaml", "--sample", "7")
      #expect(numbers(picture).count == 16 + 16 + 10)
      #expect(picture.contains(">16 of 784</text>") && picture.contains(">16 of 128</text>"))
      #expect(picture.contains(">dense2, probabilities</text>"))
      let sum = numbers(picture).suffix(10).compactMap(Double.init).reduce(0, +)
      #expect(abs(sum - 1) < 0.06, "\(sum)")
      #expect(picture.contains("validation sample 7"))
    }

    @Test(arguments: [nil, 2])
    func boxes(ranks: Int?) throws {
      #expect(try picture("conv.yaml", ranks: ranks).contains(">dense · 10</text>"))
      let layers = try picture("mlp.yaml", "--layers", ranks: ranks)
      #expect(layers.contains(">100,480 parameters</text>") && !layers.contains("<circle"))
      let printed = try workspace.run("draw", "mlp.yaml", "--layers", ranks: ranks)
      #expect(printed.output == layers && printed.status == 0)
    }

    @Test func bothNetworksOfAnAdversarialRun() throws {
      try workspace.copy("wgan-gp-toy.yaml")
      let configured = try picture("wgan-gp-toy.yaml")
      #expect(configured.contains(">generator</text>") && configured.contains(">noise</text>"))
      let words = ["train", "wgan-gp-toy.yaml", "--run", "run", "--set", "train.steps=2"]
      #expect(try workspace.start(words).wait().status == 0)
      #expect(try picture("run") == configured)
    }

    @Test func weightsAreDrawnWithoutTheData() throws {
      try workspace.folder.write("a,b,y\n1,2,3\n2,1,4\n3,5,1\n4,4,2\n", to: "t.csv")
      try workspace.folder.write(
        """
        name: t
        data: {dataset: {csv: {training: t.csv, targets: [y]}}, batch: 2}
        model: [{dense: 3}, tanh, {dense: 1}]
        loss: mse
        optimizer: {adam: 0.05}
        train: {epochs: 2}
        """, to: "t.yaml")
      #expect(try workspace.run("train", "t.yaml", "--run", "run").status == 0)
      let whole = try picture("run", "--sample", "2")
      #expect(whole.contains("<title>a: ") && whole.contains("<title>y: "))
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: "t.csv"))
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: "cache"))
      let ending = try workspace.run("draw", "run", "--output", "b.svg")
      #expect(ending.status == 0 && ending.errors.contains("without activations: "))
      let bare = try workspace.folder.text(of: "b.svg")
      #expect(bare.contains("dense1, tanh") && bare.contains("<title>input 0</title>"))
      let asked = try workspace.run("draw", "run", "--output", "c.svg", "--sample", "2")
      #expect(asked.status == 66 && !workspace.folder.exists("c.svg"), "\(asked.errors)")
    }

    @Test(arguments: [
      (["conv.yaml", "--sample", "1"], 64, "leave it out"),
      (["mlp.yaml", "--layers", "--sample", "1"], 64, "exclude each other"),
      (
        ["mlp.yaml", "--output", "a.png"], 64, "expected a name that ends with .svg, found 'a.png'"
      ),
      (["mlp.yaml", "--output", "nowhere/a.svg"], 73, "nowhere"),
      (["mazur.yaml", "--sample", "1"], 64, "the training set has the samples 0 to 0, found 1"),
      (["absent.yaml"], 66, "absent.yaml"), (["absent.smodel"], 66, "absent.smodel"),
      (["absent.h5"], 66, "absent.h5"),
    ])
    func whatCannotBeDrawn(words: [String], status: Int32, message: String) throws {
      let ending = try workspace.start(["draw"] + words).wait()
      #expect(ending.status == status && ending.output.isEmpty, "\(ending.errors)")
      #expect(ending.errorLines.count == 1 && ending.errors.contains(message), "\(ending.errors)")
    }

    @Test(.enabled(if: Workspace.hasTerminal, "needs script (util-linux)"))
    func aTerminalGetsNoPicture() throws {
      let program = try #require(Workspace.program)
      func typed(_ words: String) throws -> ChildProcess.Ending {
        try workspace.startCommand(
          ["script", "-qec", "stty cols 80 rows 24; \(program) draw \(words)", "/dev/null"],
          ["TERM": "xterm"]
        ).wait()
      }
      let refused = try typed("mazur.yaml")
      #expect(refused.status == 64 && refused.output.contains("draw needs --output FILE"))
      #expect(try typed("mazur.yaml --output -").output.contains("</svg>"))
    }
  }
}
