import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Datasets that lie in files, from the command line.
  @Suite struct DataTests {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func config(
      _ name: String, data: String, model: String = "[flatten, {dense: 4}]",
      loss: String = "cross_entropy", rest: String = "train: {epochs: 2}"
    ) throws {
      try workspace.folder.write(
        """
        name: \(name)
        data: {\(data)}
        model: \(model)
        loss: \(loss)
        optimizer: {adam: 0.01}
        \(rest)
        """, to: "\(name).yaml")
    }

    private func copyGolden() throws {
      let golden = URL(fileURLWithPath: "\(Workspace.repository)/Tests/References/dataset.h5")
      try FileManager.default.copyItem(
        atPath: golden.path, toPath: workspace.folder.path(of: "dataset.h5"))
    }

    private static let photos =
      "dataset: {hdf5: {file: dataset.h5, training: {samples: photos/train/x, labels: photos/train/y},"
      + " test: {samples: photos/test/x, labels: photos/test/y}}}"

    @Test func aFileOfH5pyTrains() throws {
      try copyGolden()
      try config("photos", data: Self.photos, rest: "train: {epochs: 8}")
      let built = try workspace.run("data", "build", "photos.yaml", "--json")
      #expect(built.status == 0, "\(built.errors)")
      #expect(built.output.contains(#""built": true, "samples": 1130"#), "\(built.output)")
      let ending = try workspace.run("train", "photos.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(!ending.output.contains("prepared"), "it was there already")
      let result = try workspace.run("evaluate", "runs/photos", "--json")
      #expect(result.output.contains(#""samples": 30"#), "\(result.errors)")
    }

    @Test func ignoredTargetsAreCounted() throws {
      try FileManager.default.copyItem(
        atPath: "\(Workspace.repository)/Tests/References/fields.h5",
        toPath: workspace.folder.path(of: "fields.h5"))
      try config(
        "masks",
        data: "dataset: {hdf5: {file: fields.h5, training: {samples: images/x, labels: images/y, "
          + "ignore: 255, fields: [{name: maps, array: images/planar}]}}}")
      let built = try workspace.run("data", "build", "masks.yaml", "--json")
      #expect(built.output.contains(#""samples": 6, "ignored_targets": 45"#), "\(built)")
      let json = try JSONSerialization.jsonObject(with: Data(built.output.utf8)) as? [String: Any]
      let cache = try #require(json?["cache"] as? String)
      let lines = try workspace.run("inspect", cache)
      #expect(lines.status == 0 && lines.output.contains("training targets ignored"), "\(lines)")
      let text = try workspace.run("inspect", cache, "--json").output
      for part in [
        #""training targets ignored": 45"#, #""targets a sample": [5, 4]"#,
        #""fields": [{"field": "maps", "shape": [1, 5, 4], "numbers": "int32"}]"#,
      ] { #expect(text.contains(part), "\(text)") }
    }

    @Test func aTableOfRealNumbersTrains() throws {
      let rows = (0..<200).map { row in
        let (x, z) = (Double(row * 37 % 200) / 20, Double(row * 61 % 200) / 7)
        return "\(x),\(["a", "b"][row % 2]),\(z),\(3 * x - z + (row % 2 == 0 ? 5 : 0))"
      }
      try workspace.folder.write(
        "x,kind,z,y\n" + rows.joined(separator: "\n"), to: "t.csv")
      try config(
        "table",
        data:
          "dataset: {csv: {training: t.csv, targets: [y], categorical: [kind]}}, validation: 0.2",
        model: "[{dense: 1}]", loss: "mse", rest: "train: {epochs: 300}")
      let ending = try workspace.run(
        "train", "table.yaml", "--set", "optimizer.adam.learning_rate=0.1")
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.contains("prepared csv: 200 samples"))
      let result = try workspace.run("evaluate", "runs/table", "--json")
      let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      #expect(json?["loss"] as? Double ?? 1 < 1e-3, "\(result.output)\(result.errors)")
    }

    /// Images that are changed at random: the same bits on any number of ranks, and resumed.
    @Test func imagesWithAugmentation() throws {
      try copyGolden()
      try config(
        "images",
        data: Self.photos + ", batch: 32, augment: {shift: 1, rotate: 15, flip: horizontal}",
        model: "[{conv: 4}, relu, flatten, {dense: 4}]")
      let alone = try workspace.run("train", "images.yaml", "--run", "alone", "--workers", "1")
      #expect(alone.status == 0, "\(alone.errors)")
      let expected = try workspace.newestCheckpoint(of: "alone")
      for ranks in [1, 2, 3] {
        let ending = try workspace.run(
          "train", "images.yaml", "--run", "r\(ranks)", ranks: ranks)
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(try workspace.newestCheckpoint(of: "r\(ranks)") == expected)
      }
      // In the middle of an epoch, then to the end.
      let steps = Workspace.settings(["train.epochs=null", "train.steps=37"])
      _ = try workspace.start(["train", "images.yaml", "--run", "part"] + steps).wait()
      let rest = try workspace.run("train", "images.yaml", "--run", "part", "--resume", ranks: 2)
      #expect(rest.status == 0, "\(rest.errors)")
      #expect(try workspace.newestCheckpoint(of: "part") == expected)
      let plain = try workspace.run(
        "train", "images.yaml", "--run", "plain", "--set", "data.augment=null")
      #expect(plain.status == 0, "\(plain.errors)")
      #expect(try workspace.newestCheckpoint(of: "plain") != expected)
    }

    @Test func everyRankWaitsForTheCache() throws {
      try copyGolden()
      try config("photos", data: Self.photos)
      let ending = try workspace.run("train", "photos.yaml", ranks: 3)
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.contains("prepared hdf5: 1,130 samples"), "\(ending.output)")
      #expect(workspace.folder.names(in: "cache").count == 1)
    }

    @Test(arguments: [nil, 2]) func twoAtOnce(ranks: Int?) throws {
      try copyGolden()
      try config("photos", data: Self.photos)
      let processes = try (0..<2).map {
        try workspace.start(["train", "photos.yaml", "--run", "r\($0)"], ranks: ranks)
      }
      for process in processes {
        let ending = process.wait()
        #expect(ending.status == 0, "\(ending.errors)")
      }
      #expect(try workspace.newestCheckpoint(of: "r0") == workspace.newestCheckpoint(of: "r1"))
      #expect(workspace.folder.names(in: "cache").count == 1)
    }

    /// What one rank cannot read ends all of them together.
    @Test(arguments: [nil, 2]) func aCacheThatIsDamaged(ranks: Int?) throws {
      try copyGolden()
      try config("photos", data: Self.photos)
      #expect(try workspace.run("data", "build", "photos.yaml").status == 0)
      let name = workspace.folder.names(in: "cache")[0]
      let path = workspace.folder.path(of: "cache/\(name)")
      var bytes = try workspace.folder.data(of: "cache/\(name)")
      // Of sample 100 every pixel is known.
      let pixels = (0..<30).map { (place: Int) -> UInt8 in
        let number: Int = 700 + 5 * (place / 5) + 3 * (place % 5)
        return UInt8(number % 256)
      }
      let sample = Data(pixels)
      let place = try #require(bytes.firstRange(of: sample)?.lowerBound)
      bytes[place] ^= 4
      try bytes.write(to: URL(fileURLWithPath: path))
      let ending = try workspace.run("train", "photos.yaml", ranks: ranks)
      CommandTests.expectRefusal(ending, 65, ["is damaged: block 0 of 2", "samples 0 to 1023"])
    }

    @Test func mistakes() throws {
      try config("none", data: "dataset: mnists")
      CommandTests.expectRefusal(
        try workspace.run("train", "none.yaml"), 78, ["none.yaml:2:17", "did you mean 'mnist'?"])
      try config("none", data: "dataset: mnist")
      CommandTests.expectRefusal(
        try workspace.run("train", "none.yaml"), 66, ["mnist: there is no", "data fetch mnist"])
      try config("none", data: "dataset: mnist, from: nowhere")
      CommandTests.expectRefusal(
        try workspace.run("train", "none.yaml", ranks: 2), 66, ["mnist: there is no", "/nowhere'"])
      for (words, text) in [
        (["data", "build", "digits"], "unknown dataset 'digits'"),
        (["data", "build", "mlp.yaml"], "needs no files"),
        (["data", "fetch", "minst"], "did you mean 'mnist'?"),
        (["data", "lst"], "did you mean 'data list'?"), (["data"], "known: data build"),
        (["data", "list", "x"], "unexpected argument 'x'"),
      ] {
        CommandTests.expectRefusal(try workspace.start(words).wait(), 64, [text])
      }
    }

    @Test func theListSaysWhatIsThere() throws {
      let list = try workspace.run("data", "list")
      #expect(list.status == 0, "\(list.errors)")
      #expect(list.output.contains("mnist") && list.output.contains("data fetch mnist"))
      let json = try workspace.run("data", "list", "--json")
      #expect(json.output.contains(#"{"dataset": "mnist", "about": "#))
    }

    // MARK: The real MNIST

    private static let mnist: String? = {
      let folder = "\(Workspace.repository)/../shared/data/mnist"
      return FileManager.default.fileExists(atPath: folder) ? folder : nil
    }()

    /// Both sets with the digests of the descriptor, and a pixel's mean that is known.
    @Test(.data("shared/data/mnist", areHere: mnist != nil))
    func mnistTrains() throws {
      let folder = try #require(Self.mnist)
      try config(
        "real", data: "dataset: mnist, from: \(folder), train_samples: 6000, batch: 50",
        model: "[flatten, {dense: 32}, relu, {dense: 10}]", rest: "train: {epochs: 1}")
      let ending = try workspace.run("train", "real.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.contains("prepared mnist: 70,000 samples"))
      let result = try workspace.run("evaluate", "runs/real", "--json")
      let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      #expect(json?["accuracy"] as? Double ?? 0 > 0.85, "\(result.output)\(result.errors)")
      #expect(json?["samples"] as? Int == 10_000)
    }
  }
}
