import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Models of the Swift package Neuron, written and taken by every command that can.
  @Suite struct Models {
    private let workspace: Workspace

    init() throws {
      workspace = try Workspace()
      for (name, layers) in [
        ("flat", "[flatten, {dense: 24}, tanh, {dense: {units: 10, name: head}}]"),
        (
          "maps", "[{conv: 4}, batchnorm, relu, {maxpool: 2}, flatten, {dropout: 0.2}, {dense: 10}]"
        ),
      ] {
        try workspace.folder.write(
          """
          name: \(name)
          data: {dataset: digits, train_samples: 512, test_samples: 256}
          model: \(layers)
          loss: cross_entropy
          optimizer: {adam: 0.005}
          train: {epochs: 2, checkpoint: 5 steps, export: smodel}
          """, to: "\(name).yaml")
      }
    }

    private func run(_ words: String..., ranks: Int? = nil) throws -> String {
      let ending = try workspace.start(words, ranks: ranks).wait()
      #expect(ending.status == 0, "\(words): \(ending.errors)")
      return ending.output
    }

    private func refuse(_ words: [String], _ status: Int32, _ texts: String...) throws {
      CommandTests.expectRefusal(try workspace.start(words).wait(), status, texts)
    }

    private func figures(_ words: String...) throws -> [String: Any] {
      let ending = try workspace.start(["evaluate"] + words + ["--json"]).wait()
      #expect(ending.status == 0, "\(words): \(ending.errors)")
      return try CommandTests.object(ending.output)
    }

    /// A model file scores and answers like the run that it comes from, to the last bit.
    @Test(arguments: ["flat", "maps"])
    func modelsAnswerLikeTheirRuns(_ name: String) throws {
      let output = try run("train", "\(name).yaml")
      let file = "runs/\(name)/model.smodel"
      let readers = name == "flat" ? "Neuron 1.5 and 1.6" : "Neuron after 2.2.3"
      #expect(output.contains("exported: '\(file)', for \(readers)\n"), "\(output)")
      let scores = try [figures("runs/\(name)"), figures(file, "--data", "\(name).yaml")]
      #expect(scores[0]["loss"] as? Double == scores[1]["loss"] as? Double)
      #expect(scores[0]["confusion"] as? [[Int]] == scores[1]["confusion"] as? [[Int]])
      #expect(scores[1]["model"] as? String == file && scores[1]["samples"] as? Int == 256)
      let text = try run("evaluate", file, "--data", "\(name).yaml", ranks: 2)
      #expect(text.hasPrefix("\(file)\ntest loss "))

      let pixels = (0..<3 * 784).map { UInt8(truncatingIfNeeded: $0 * 7 % 256) }
      let head: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 28, 0, 0, 0, 28]
      try Data(head + pixels).write(to: URL(fileURLWithPath: workspace.folder.path(of: "x.idx")))
      let answers = try run("predict", "runs/\(name)", "--input", "x.idx")
      #expect(answers.split(separator: "\n").count == 3)
      #expect(try run("predict", file, "--input", "x.idx") == answers)

      let shown = try CommandTests.object(run("inspect", file, "--json"))
      #expect(shown["kind"] as? String == "model" && shown["loss"] as? String == "cross_entropy")
      #expect(shown["format"] as? String == (name == "flat" ? "Neuron 1" : "Neuron 2"))
      #expect((shown["weights"] as? [[String: Any]])?.count == (name == "flat" ? 4 : 8))
    }

    /// What Neuron makes of an export, by the definitions: a bias of a convolution is not lost
    /// there.
    @Test(
      .enabled(
        if: Workspace.python != nil,
        "no Python with h5py and NumPy (NN_DIST_PYTHON): not compared with them"),
      arguments: ["flat", "maps"])
    func numpyAgrees(_ name: String) throws {
      _ = try run("train", "\(name).yaml")
      let pixels = (0..<4 * 784).map { UInt8(truncatingIfNeeded: $0 * $0 % 251) }
      let head: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 28, 0, 0, 0, 28]
      try Data(head + pixels).write(to: URL(fileURLWithPath: workspace.folder.path(of: "x.idx")))
      let answers = try run("predict", "runs/\(name)", "--input", "x.idx", "--json")
      try workspace.folder.write(answers, to: "p.json")
      let script = "\(Workspace.repository)/Tests/References/numpy_models.py"
      let ending = try workspace.startCommand(
        [
          try #require(Workspace.python), script, "--predictions", "runs/\(name)/model.smodel",
          "x.idx", "p.json",
        ]
      ).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.hasPrefix("4 samples, largest difference"))
    }

    /// The file is that of the newest checkpoint, also where a run ends before its time.
    @Test func everySaveIsExported() throws {
      let words = [
        "train", "maps.yaml", "--set", "train.epochs=100000", "--set", "train.max_time=1 s",
      ]
      let ending = try workspace.start(words).wait()
      #expect(
        ending.status == 0 && ending.output.contains("stopped after step"), "\(ending.errors)")
      let made = try workspace.folder.data(of: "runs/maps/model.smodel")
      _ = try run("export", "runs/maps", "--to", "smodel", "--force")
      #expect(try workspace.folder.data(of: "runs/maps/model.smodel") == made)
      #expect(!workspace.folder.names(in: "runs/maps").contains { $0.contains("nn-dist-") })
    }

    @Test func aFolderInTheWayIsToldFirst() throws {
      let path = workspace.folder.path(of: "runs/flat/model.smodel")
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try refuse(
        ["train", "flat.yaml"], 73, "'runs/flat/model.smodel' exists already, and is a folder")
      #expect(workspace.checkpoints(of: "runs/flat").isEmpty)
    }

    @Test func runsBeginWithModels() throws {
      _ = try run("train", "flat.yaml")
      try refuse(
        ["train", "maps.yaml", "--set", "train.init_from=runs/flat/model.smodel"], 65,
        "'runs/flat/model.smodel' is of another model: 'conv1/weight' is missing there")
      for (name, source) in [("a", "runs/flat"), ("b", "runs/flat/model.smodel")] {
        _ = try run(
          "train", "flat.yaml", "--run", name, "--set", "train.init_from=\(source)", "--set",
          "seed=9")
      }
      #expect(try workspace.newestCheckpoint(of: "a") == workspace.newestCheckpoint(of: "b"))
      let words = ["export", "runs/flat", "--to", "smodel", "--output", "n.smodel", "--layout"]
      let output = try workspace.start(words + ["natural"]).wait().output
      #expect(
        output.contains("'n.smodel', for Neuron 1.2 to 1.4.4\nnote: Neuron 1.5 and 1.6"),
        "\(output)"
      )
      _ = try run(
        "train", "flat.yaml", "--run", "c", "--set", "train.init_from=n.smodel", "--set", "seed=9")
      #expect(try workspace.newestCheckpoint(of: "a") == workspace.newestCheckpoint(of: "c"))
    }

    @Test func whatNeuronLacksIsRefusedFirst() throws {
      let words = ["--set", "model=[{conv: 2}, {elu: 1}, flatten, {dense: 10}]"]
      try refuse(
        ["train", "maps.yaml"] + words, 64, "cannot hold this elu: Neuron has no such layer")
      #expect(!workspace.folder.exists("runs"))
      #expect(
        try workspace.start(["train", "maps.yaml", "--set", "train.export=null"] + words).wait()
          .status
          == 0)
      try refuse(
        ["export", "runs/maps", "--to", "smodel"], 65, "model.1.elu", "Neuron has no such layer")
      #expect(!workspace.folder.exists("runs/maps/model.smodel"))
      let lines = try workspace.folder.text(of: "maps.yaml").replacing(
        "batchnorm, ", with: "gelu, ")
      try workspace.folder.write(lines, to: "gelu.yaml")
      try refuse(
        ["train", "gelu.yaml"], 78, "gelu.yaml:3:20: model.1.gelu: a .smodel file cannot hold")
      try refuse(["train", "gelu.yaml", "--dry-run"], 78, "gelu.yaml:3:20")
    }

    /// The options of models, and what else is wrong with how they are asked for.
    @Test func optionsOfModels() throws {
      _ = try run("train", "flat.yaml")
      let file = "runs/flat/model.smodel"
      try refuse(
        ["evaluate", file], 64, "stores no dataset to evaluate it on: give one with --data NAME")
      try refuse(["evaluate", file, "--data", "digit"], 64, "--data: ", "did you mean 'digits'?")
      try refuse(
        ["evaluate", "runs/flat", "--data", "digits"], 64, "--data applies only to model files")
      try refuse(
        ["evaluate", file, "--data", "digits", "--layout", "odd"], 64, "unknown layout 'odd'")
      try refuse(["evaluate", "none.smodel", "--data", "digits"], 66, "none.smodel")
      try refuse(["evaluate", file, "--data", "colour_digits"], 65, "32x32x3")
      try refuse(
        ["predict", "runs/flat", "--input", "x", "--layout", "natural"], 64, "--layout applies only"
      )
      try refuse(
        ["export", "runs/flat", "--to", "h5", "--neuron", "1"], 64,
        "apply only to the format smodel")
      try refuse(
        ["export", "runs/flat", "--to", "smodel", "--layout", "permuted", "--neuron", "2"], 64,
        "--layout permuted is only for Neuron 1")
      try refuse(
        ["export", "runs/flat", "--to", "smodel", "--release", "1.6"], 64,
        "applies only to model files")
      try refuse(
        ["predict", "runs/flat", "--input", "x", "--release", "1.6"], 64, "--release applies only")
      try refuse(
        ["inspect", "flat.yaml", "--release", "1.6"], 64, "--release applies only to model files")
      try refuse(
        ["inspect", file, "--release", "1.7"], 64, "option '--release': unknown release '1.7'")
      try refuse(["inspect", file, "--release", "1.6"], 64, "was written by nn-dist")
      try refuse(
        [
          "train", "flat.yaml", "--run", "x", "--set", "train.init_from.path=\(file)", "--set",
          "train.init_from.release=2",
        ], 64, "unknown release '2' of Neuron 1")
      try refuse(["export", "runs/flat", "--to", "smodel"], 73, "'\(file)' exists already")
      // A layout that is not that of the file makes another network of it.
      let scores = try figures(file, "--data", "flat.yaml")
      let other = try figures(file, "--data", "flat.yaml", "--layout", "natural")
      #expect(scores["loss"] as? Double != other["loss"] as? Double)
      _ = try run(
        "export", "runs/flat", "--to", "smodel", "--neuron", "2", "--output", "two.smodel")
      let two = try figures("two.smodel", "--data", "flat.yaml")
      #expect(scores["loss"] as? Double == two["loss"] as? Double)
      try refuse(["inspect", "two.smodel", "--layout", "natural"], 64, "one layout only")
      // Images that begin elsewhere are other images, and the last of them is cut off.
      let shifted = try figures(file, "--data", "flat.yaml", "--image-offset", "19")
      #expect(shifted["samples"] as? Int == 255)
      #expect(shifted["loss"] as? Double ?? 0 > scores["loss"] as? Double ?? 0)
      try refuse(
        ["evaluate", file, "--data", "flat.yaml", "--image-offset", "900"], 64, "784 bytes")
    }

    /// Whatever is asked for, only a regular file is replaced: not what a link names, and no
    /// device.
    @Test func onlyFilesAreReplaced() throws {
      _ = try run("train", "flat.yaml")
      try workspace.folder.write("precious", to: "target")
      let made = try workspace.startCommand([
        "sh", "-c",
        """
        for e in h5 smodel png csv json; do ln -s target link.$e; mkfifo pipe.$e; done
        mknod -m 666 device.h5 c 1 3; true
        """,
      ]).wait()
      #expect(made.status == 0)
      func kinds() -> [FileAttributeType?] {
        ["link.h5", "link.smodel", "link.json", "pipe.h5", "pipe.smodel", "pipe.json", "device.h5"]
          .map {
            try? FileManager.default.attributesOfItem(atPath: workspace.folder.path(of: $0))[.type]
              as? FileAttributeType
          }
      }
      let before = kinds()
      for (kind, name) in [
        ("link", "a symbolic link"), ("pipe", "a named pipe"), ("device", "a device"),
      ] {
        guard workspace.folder.names(in: "").contains("\(kind).h5") else { continue }
        for format in kind == "device" ? ["h5"] : ["h5", "smodel"] {
          try refuse(
            ["export", "runs/flat", "--to", format, "--output", "\(kind).\(format)", "--force"], 73,
            "cannot write '\(kind).\(format)': it is \(name), expected a regular file")
        }
        guard kind != "device" else { continue }
        try refuse(
          ["bench", "mlp.yaml", "--steps", "1", "--trace", "\(kind).json"], 73,
          "cannot write '\(kind).json': it is \(name)")
      }
      #expect(kinds() == before)
      #expect(try workspace.folder.text(of: "target") == "precious")
      // The place of the run's own export is looked at before the first step.
      try FileManager.default.removeItem(
        atPath: workspace.folder.path(of: "runs/flat/model.smodel"))
      try FileManager.default.createSymbolicLink(
        atPath: workspace.folder.path(of: "runs/flat/model.smodel"),
        withDestinationPath: workspace.folder.path(of: "target"))
      try refuse(
        ["train", "flat.yaml", "--resume"], 73,
        "cannot write 'runs/flat/model.smodel': it is a symbolic link")
      #expect(try workspace.folder.text(of: "target") == "precious")
    }

    @Test func damagedModels() throws {
      try workspace.folder.write("{\"layers\":[", to: "cut.smodel")
      try workspace.folder.write(
        "{\"layers\":[{\"type\":\"lstm\",\"layer\":[{}]}]}", to: "lstm.smodel")
      for (name, message) in [
        ("cut", "'cut.smodel', byte 11: expected a value, found the end of the file"),
        ("lstm", "layers[0].type: a layer 'lstm' cannot be run here"),
      ] {
        for words in [
          ["inspect", "\(name).smodel"], ["predict", "\(name).smodel", "--input", "flat.yaml"],
          ["evaluate", "\(name).smodel", "--data", "digits"],
          ["train", "flat.yaml", "--set", "train.init_from=\(name).smodel"],
        ] { try refuse(words, 65, message) }
      }
      #expect(!workspace.folder.exists("runs/flat/config.yaml"))
      // What stands in it is told nevertheless.
      let listed = try workspace.start(["inspect", "lstm.smodel"]).wait()
      #expect(listed.status == 65 && listed.output.contains("Neuron 2"), "\(listed.output)")
      #expect(listed.output.contains("lstm"), "\(listed.output)")
      let json = try workspace.start(["inspect", "lstm.smodel", "--json"]).wait()
      let layers = try CommandTests.object(json.output)["layers"] as? [[String: Any]]
      #expect(layers?.map { $0["kind"] as? String } == ["lstm"] && json.errorLines.count == 1)
      #expect(try workspace.start(["inspect", "cut.smodel"]).wait().output.isEmpty)
    }

    /// The layout of a run's model files, in its configuration.
    @Test func layoutsOfRuns() throws {
      let natural = "train.export={format: smodel, layout: natural}"
      let output = try run("train", "flat.yaml", "--run", "n", "--set", natural)
      #expect(output.contains("for Neuron 1.2 to 1.4.4"), "\(output)")
      let text = try workspace.folder.text(of: "n/model.smodel")
      #expect(text.contains("\"weightLayout\":\"node-input\""))
      try refuse(
        ["train", "maps.yaml", "--set", natural], 78, "a file for Neuron 1 cannot hold this conv")
      _ = try run("train", "flat.yaml", "--run", "p")
      #expect(
        try workspace.folder.text(of: "p/model.smodel").contains("\"weightLayout\":\"permuted\""))
      let scores = try ["n", "p"].map { try figures("\($0)/model.smodel", "--data", "flat.yaml") }
      #expect(scores[0]["loss"] as? Double == scores[1]["loss"] as? Double)
    }

    /// A model file in another form: of another layout, of the other generation, its weights alone.
    @Test func modelsAreExported() throws {
      let zeros = "[0,0,0]"
      try workspace.folder.write(
        """
        {"layers":[{"activation":"none","nodes":3,"type":"input","bias":\(zeros),"biasWeights":\(zeros),
        "weights":[[0],[0],[0]],"normalize":false},
        {"activation":"sigmoid","nodes":2,"type":"output","bias":[1,1],"biasWeights":[0,0.5],
        "weights":[[1,2,3],[4,5,6]],"normalize":false}],"learningRate":0.1}
        """, to: "old.smodel")
      try workspace.folder.write("1,0.5,-1\n", to: "x.csv")
      let words = ["export", "old.smodel", "--to", "smodel", "--output", "new.smodel"]
      try refuse(words, 65, "may be of Neuron 1.4.2, ", "say which with --release")
      try refuse(["evaluate", "old.smodel", "--data", "digits"], 65, "--release")
      let answers = try ["1.4.3", "1.6"].map { release in
        let ending = try workspace.start(words + ["--release", release, "--force"]).wait()
        #expect(
          ending.output
            == "exported 2 tensors with 8 parameters: 'new.smodel', for Neuron 1.5 and 1.6\n",
          "\(ending.errors)")
        let answer = try run(
          "predict", "old.smodel", "--input", "x.csv", "--release", release)
        #expect(try run("predict", "new.smodel", "--input", "x.csv") == answer)
        return answer
      }
      #expect(answers[0] != answers[1])
      try refuse(["export", "new.smodel", "--to", "smodel"], 73, "'new.smodel' exists already")
      let other = try CommandTests.object(
        run(
          "export", "new.smodel", "--to", "smodel", "--neuron", "2", "--output", "2.smodel",
          "--json"))
      #expect(other["readers"] as? String == "Neuron after 2.2.3")
      #expect((other["notes"] as? [String])?.first?.contains("drops the bias of dense1") == true)
      #expect(try run("predict", "2.smodel", "--input", "x.csv") == answers[1])
      #expect(try run("export", "2.smodel", "--to", "h5").contains(": '2.h5'\n"))
      #expect(try run("inspect", "2.h5").contains("dense1/weight"))
      // The header of a table is none of the model's business.
      try workspace.folder.write("a,b,c\n1,0.5,-1\n", to: "x.csv")
      try refuse(
        ["predict", "new.smodel", "--input", "x.csv"], 65,
        "x.csv:1: found a header, none is expected")
    }

    /// A model of others sees pixels from 0 to 1, and tells classes where it ends with a softmax.
    @Test func modelsOfOthers() throws {
      let zeros = Array(repeating: "0", count: 784).joined(separator: ",")
      let rows = (0..<2).map { row in
        "[" + (0..<784).map { $0 == row ? "1" : "0" }.joined(separator: ",") + "]"
      }
      let text = """
        {"layers":[{"activation":"none","nodes":784,"type":"input","bias":[\(zeros)],"biasWeights":[\(zeros)],
        "weights":[\(Array(repeating: "[0]", count: 784).joined(separator: ","))],"normalize":false},
        {"activation":"softmax","nodes":2,"type":"output","bias":[0,0],"biasWeights":[0,0],
        "weights":[\(rows.joined(separator: ","))],"normalize":false}],"learningRate":0.1}
        """
      try workspace.folder.write(text, to: "two.smodel")
      let head: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28]
      let pixels = (0..<784).map { UInt8($0 == 0 ? 255 : 0) }
      try Data(head + pixels).write(to: URL(fileURLWithPath: workspace.folder.path(of: "x.idx")))
      let answer = try run("predict", "two.smodel", "--input", "x.idx", "--layout", "natural")
      #expect(answer == "0\t0.7311\n")
      let line = (0..<784).map { $0 == 1 ? "1" : "0" }.joined(separator: ",")
      try workspace.folder.write(line + "\n", to: "x.csv")
      #expect(
        try run("predict", "two.smodel", "--input", "x.csv", "--layout", "natural") == "1\t0.7311\n"
      )
    }
  }
}
