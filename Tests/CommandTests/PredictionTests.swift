import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// What a trained network says, far from the data that it was trained on.
  @Suite struct Prediction {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func predictions(_ words: String..., ranks: Int? = nil) throws -> [[String: Any]] {
      let ending = try workspace.start(["predict"] + words + ["--json"], ranks: ranks).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      return try #require(try CommandTests.object(ending.output)["predictions"] as? [[String: Any]])
    }

    private func remove(_ name: String) throws {
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: name))
    }

    private static let table = """
      name: table
      data: {dataset: {csv: {training: t.csv, targets: [price], categorical: [kind], ignore: [id]}}}
      model: [{dense: 1}]
      loss: mse
      optimizer: {adam: 0.1}
      train: {epochs: 300}
      """

    /// A price of 3 x - z, and 5 more for the kind b.
    private func trainTable() throws {
      let rows = (0..<200).map { row in
        let (x, z) = (Double(row * 37 % 200) / 20, Double(row * 61 % 200) / 7)
        return "\(row),\(x),\(["a", "b"][row % 2]),\(z),\(3 * x - z + Double(row % 2 * 5))"
      }
      try workspace.folder.write("id,x,kind,z,price\n" + rows.joined(separator: "\n"), to: "t.csv")
      try workspace.folder.write(Self.table, to: "table.yaml")
      let ending = try workspace.run("train", "table.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
      // From here on the checkpoint is all there is.
      try remove("t.csv")
      try remove("cache")
      try remove("runs/table/config.yaml")
    }

    @Test func valuesInTheirOwnUnit() throws {
      try trainTable()
      try workspace.folder.write("kind,z,x\nb,2,10\na,20,9\n", to: "new.csv")
      let ending = try workspace.run("predict", "runs/table", "--input", "new.csv")
      #expect(ending.status == 0, "\(ending.errors)")
      let values = ending.output.split(separator: "\n").compactMap { Double($0) }
      #expect(values.count == 2)
      #expect(abs(values[0] - 33) < 0.3 && abs(values[1] - 7) < 0.3, "\(values)")
      let all = try predictions("runs/table", "--input", "new.csv")
      #expect(all.map { ($0["values"] as? [Double])?.first } == values)
      // What is to be predicted may stand there and is not looked at.
      try workspace.folder.write(
        "id,x,kind,z,price\n,10,b,2,unknown\n,9,a,20,?\n", to: "whole.csv")
      let again = try workspace.run("predict", "runs/table", "--input", "whole.csv")
      #expect(again.output == ending.output)
      for (text, message) in [
        ("kind,x\na,1\n", "bad.csv:1: there is no column 'z'"),
        ("x,z,kind\n1,2,a\n1,2,c\n", "bad.csv:3: column 'kind' holds 'c'"),
        ("x,z,kind\n1,,a\n", "bad.csv:2: column 'z' has no value"),
      ] {
        try workspace.folder.write(text, to: "bad.csv")
        let refused = try workspace.run("predict", "runs/table", "--input", "bad.csv")
        CommandTests.expectRefusal(refused, 65, [message])
        #expect(refused.output.isEmpty)
      }
    }

    private static let photos = """
      name: photos
      data:
        dataset: {hdf5: {file: dataset.h5, training: {samples: photos/train/x, labels: photos/train/y},
          test: {samples: photos/test/x, labels: photos/test/y}}}
      loss: cross_entropy
      optimizer: {adam: 0.01}
      train: {epochs: 2}
      """

    private func trainPhotos(model: String = "[flatten, {dense: 16}, relu, {dense: 4}]") throws {
      try FileManager.default.copyItem(
        atPath: "\(Workspace.repository)/Tests/References/dataset.h5",
        toPath: workspace.folder.path(of: "dataset.h5"))
      try workspace.folder.write(Self.photos + "\nmodel: \(model)\n", to: "photos.yaml")
      let ending = try workspace.run("train", "photos.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
    }

    /// The classes found are those that evaluation counts, whatever the workers and ranks.
    @Test func classesAndTheirProbabilities() throws {
      try trainPhotos()
      let score = try CommandTests.object(
        try workspace.run("evaluate", "runs/photos", "--json").output)
      let accuracy = try #require(score["accuracy"] as? Double)
      let words = ["runs/photos", "--input", "dataset.h5", "--name", "photos/test/x"]
      let all = try predictions(words[0], words[1], words[2], words[3], words[4])
      #expect(all.count == 30)
      var right = 0
      for (sample, prediction) in all.enumerated() {
        let probabilities = try #require(prediction["probabilities"] as? [Double])
        #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5 && probabilities.count == 4)
        #expect(prediction["probability"] as? Double == probabilities.max())
        #expect(prediction["sample"] as? Int == sample)
        right += prediction["class"] as? String == "\(sample % 4)" ? 1 : 0
      }
      #expect(abs(Double(right) / 30 - accuracy) < 1e-9)
      let text = try workspace.start(["predict"] + words).wait()
      for options in [["--workers", "1"], ["--workers", "3"]] {
        #expect(try workspace.start(["predict"] + words + options).wait().output == text.output)
      }
      #expect(try workspace.start(["predict"] + words, ranks: 2).wait().output == text.output)
      #expect(text.output.split(separator: "\n").first?.split(separator: "\t").count == 2)
      // Both sets have samples of this shape.
      CommandTests.expectRefusal(
        try workspace.run("predict", "runs/photos", "--input", "dataset.h5"), 65,
        ["choose one by --name", "'photos/test/x' (30x6x5)"])
    }

    @Test func aDigitInEveryFormat() throws {
      #expect(try workspace.train("mlp.yaml", in: "run").status == 0)
      let pixels = (0..<3 * 784).map { UInt8(truncatingIfNeeded: $0 * 7 % 256) }
      let head: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 28, 0, 0, 0, 28]
      try Data(head + pixels).write(to: URL(fileURLWithPath: workspace.folder.path(of: "x.idx")))
      let lines = (0..<3).map { sample in
        pixels[784 * sample..<784 * (sample + 1)].map(String.init).joined(separator: ",")
      }
      try workspace.folder.write(lines.joined(separator: "\n"), to: "x.csv")
      let first = try workspace.run("predict", "run", "--input", "x.idx")
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.output.split(separator: "\n").count == 3)
      let second = try workspace.run("predict", "run", "--input", "x.csv")
      #expect(second.output == first.output, "\(second.errors)")
      for (words, status, text) in [
        (["predict", "run"], 64, "--input FILE"),
        (["predict", "run", "--input", "none"], 66, "none"),
        (["predict", "run", "--input", "mlp.yaml"], 65, "mlp.yaml:1: expected 784 numbers"),
        (["predict", "none", "--input", "x.csv"], 66, "'none' does not exist"),
        (["predict", "run", "--input", "x.csv", "--name", "y"], 64, "HDF5"),
      ] as [([String], Int32, String)] {
        CommandTests.expectRefusal(try workspace.start(words).wait(), status, [text])
      }
    }

    /// Rings and crosses in a folder each, at four places.
    private func drawImages() throws {
      for (name, isInk) in [
        ("cross", { abs($0) == abs($1) }), ("ring", { max(abs($0), abs($1)) == 2 }),
      ] as [(String, (Int, Int) -> Bool)] {
        try FileManager.default.createDirectory(
          atPath: workspace.folder.path(of: "images/\(name)"), withIntermediateDirectories: true)
        for place in 0..<4 {
          let pixels = (0..<64).map { pixel -> UInt8 in
            let (row, column) = (pixel / 8 - 3 - place / 2, pixel % 8 - 3 - place % 2)
            return max(abs(row), abs(column)) <= 2 && isInk(row, column) ? 255 : 0
          }
          try Data(pngFile(width: 8, height: 8, pixels)).write(
            to: URL(fileURLWithPath: workspace.folder.path(of: "images/\(name)/\(place).png")))
        }
      }
    }

    @Test func aFolderOfImages() throws {
      try drawImages()
      try workspace.folder.write(
        """
        name: shapes
        data: {dataset: {images: images}, batch: 4}
        model: [{conv: 4}, relu, flatten, {dense: 2}]
        loss: cross_entropy
        optimizer: {adam: 0.01}
        train: {epochs: 30}
        """, to: "shapes.yaml")
      let ending = try workspace.run("train", "shapes.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
      for name in ["cross", "ring"] {
        let answer = try workspace.run("predict", "runs/shapes", "--input", "images/\(name)")
        let lines = answer.output.split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(lines.map { $0[0] } == ["0.png", "1.png", "2.png", "3.png"], "\(answer.errors)")
        #expect(lines.allSatisfy { $0[1] == name }, "\(answer.output)")
        let one = try workspace.run("predict", "runs/shapes", "--input", "images/\(name)/2.png")
        #expect(one.output.hasPrefix("2.png\t\(name)\t"), "\(one.errors)")
      }
    }

    /// What names no row of a table is told with its sample.
    @Test func numbersThatAnEmbeddingDoesNotTake() throws {
      try workspace.folder.write(
        """
        name: words
        data: {dataset: table, samples: [[0, 1], [2, 1]], labels: [0, 1], batch: 2}
        model: [{embedding: {entries: 3, size: 2}}, flatten, {dense: 2}]
        loss: cross_entropy
        optimizer: adam
        """, to: "words.yaml")
      let ending = try workspace.run("train", "words.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
      try workspace.folder.write("2,2\n0,1\n", to: "x.csv")
      let answer = try workspace.run("predict", "runs/words", "--input", "x.csv")
      #expect(answer.output.split(separator: "\n").count == 2, "\(answer.errors)")
      for bad in ["3.0", "0.5", "-1.0"] {
        try workspace.folder.write("2,2\n0,\(bad)\n", to: "x.csv")
        CommandTests.expectRefusal(
          try workspace.run("predict", "runs/words", "--input", "x.csv"), 65,
          ["sample 1 holds \(bad)", "at 1: an embedding of 3 entries takes whole numbers"])
      }
    }

    // MARK: Another implementation

    @Test(
      .enabled(
        if: Workspace.python != nil,
        "no Python with h5py and NumPy (NN_DIST_PYTHON): not compared with them")
    )
    func numpyAgrees() throws {
      try trainPhotos(
        model: "[{conv: 6}, relu, {maxpool: 2}, {conv: 4}, tanh, flatten, {dense: 8}, sigmoid, "
          + "{dense: 4}]")
      let words = ["predict", "runs/photos", "--input", "dataset.h5", "--name", "photos/test/x"]
      let answers = try workspace.start(words + ["--json"]).wait()
      try workspace.folder.write(answers.output, to: "p.json")
      let script = "\(Workspace.repository)/Tests/References/numpy_forward.py"
      let checkpoint = try #require(workspace.checkpoints(of: "runs/photos").last)
      let ending = try workspace.startCommand(
        [
          try #require(Workspace.python), script, "runs/photos/checkpoints/\(checkpoint)",
          "dataset.h5",
          "photos/test/x", "p.json",
        ]
      ).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.hasPrefix("30 samples, largest difference"))
    }
  }
}
