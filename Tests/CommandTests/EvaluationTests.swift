import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// A trained network is scored on data that are read as it knows them.
  @Suite struct Evaluation {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private static let table = """
      name: table
      data: {dataset: {csv: {training: t.csv, test: u.csv, label: kind, categorical: [town]}}, batch: 16}
      model: [{dense: 8}, relu, {dense: 3}]
      loss: cross_entropy
      optimizer: {adam: 0.02}
      train: {epochs: 10}
      """

    /// Three kinds along a line; the town says nothing.
    private static let rows = (0..<160).map { row in
      let kind = row * 7 % 3
      return "\(Double(kind) * 2 + Double(row * 37 % 101) / 40),"
        + "\(["Bern", "Chur"][row % 2]),\(["p", "q", "r"][kind])"
    }

    private func write(_ rows: some Sequence<String>, to name: String) throws {
      try workspace.folder.write(
        "x,town,kind\n" + rows.joined(separator: "\n") + "\n", to: name)
    }

    private func trainTable() throws {
      try write(Self.rows[..<120], to: "t.csv")
      try write(Self.rows[120...], to: "u.csv")
      try workspace.folder.write(Self.table, to: "table.yaml")
      let ending = try workspace.run("train", "table.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
    }

    /// What an evaluation tells, without the name of what was scored.
    private func scores(_ words: String..., ranks: Int? = nil) throws -> [String: Double] {
      let ending = try workspace.start(["evaluate"] + words + ["--json"], ranks: ranks).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      return try CommandTests.object(ending.output).compactMapValues { $0 as? Double }
    }

    /// Lines of the training file were deleted: the scale of x, the words and the classes would be
    /// others.
    @Test func trainingFilesThatChangedDoNotChangeTheScore() throws {
      try trainTable()
      let before = try scores("runs/table")
      #expect(before["samples"] == 40)
      try write(
        Self.rows[..<120].filter { !$0.hasPrefix("0") && !$0.hasSuffix("Bern,r") }, to: "t.csv")
      #expect(try scores("runs/table") == before)
      #expect(try scores("runs/table", ranks: 2) == before)
      try write(Self.rows[..<120].filter { $0.hasSuffix("p") && $0.contains("Bern") }, to: "t.csv")
      #expect(try scores("runs/table") == before)
      #expect(try scores("runs/table", "--input", "u.csv") == before)
      let answers = try workspace.run("predict", "runs/table", "--input", "u.csv")
      let right = zip(Self.rows[120...], answers.output.split(separator: "\n")).count {
        $0.split(separator: ",").last == $1.split(separator: "\t").first
      }
      #expect(before["accuracy"] == Double(right) / 40)
      let kitty = Self.rows[..<120].map { $0.replacing("q", with: "kitty") }
      try write(kitty, to: "t.csv")
      CommandTests.expectRefusal(
        try workspace.run("evaluate", "runs/table"), 65,
        ["t.csv:", "column 'kind' holds 'kitty', which the training data do not"])
    }

    @Test func partsOfTheData() throws {
      try trainTable()
      let test = try scores("runs/table")
      #expect(try scores("runs/table", "--split", "test") == test)
      #expect(try scores("runs/table", "--split", "validation") == test)
      #expect(try scores("runs/table", "--split", "train")["samples"] == 120)
      let ending = try workspace.run("evaluate", "runs/table", "--split", "train")
      #expect(ending.output.contains("training loss "))
      for (words, status, text) in [
        (["--split", "tests"], 64, "unknown split 'tests'"),
        (["--input", "u.csv", "--split", "test"], 64, "--split and --input exclude each other"),
        (["--answers", "x"], 64, "--name and --answers need --input"),
        (["--input", "none.csv"], 66, "none.csv"),
      ] as [([String], Int32, String)] {
        CommandTests.expectRefusal(
          try workspace.start(["evaluate", "runs/table"] + words).wait(), status, [text])
      }
    }

    private func draw(_ names: [String], grey: UInt8) throws {
      for (place, name) in names.enumerated() {
        for set in ["train", "test"] {
          let folder = workspace.folder.path(of: "\(set)/\(name)")
          try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
          for image in 0..<4 {
            let pixels = (0..<64).map { $0 % 8 == 2 * place + image % 2 ? grey : grey / 4 }
            try Data(pngFile(width: 8, height: 8, pixels)).write(
              to: URL(fileURLWithPath: "\(folder)/\(image).png"))
          }
        }
      }
    }

    @Test func imagesThatBecameDarkerOrOtherClasses() throws {
      try draw(["cat", "dog", "owl"], grey: 240)
      try workspace.folder.write(
        """
        name: images
        data: {dataset: {images: {training: train, test: test}}, batch: 4}
        model: [flatten, {dense: 3}]
        loss: cross_entropy
        optimizer: {adam: 0.01}
        train: {epochs: 5}
        """, to: "images.yaml")
      #expect(try workspace.run("train", "images.yaml").status == 0)
      let before = try scores("runs/images")
      // Only the training images are other ones.
      try workspace.folder.copy("test", to: "kept")
      try draw(["cat", "dog", "owl"], grey: 80)
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: "test"))
      try workspace.folder.copy("kept", to: "test")
      #expect(try scores("runs/images") == before)
      #expect(try scores("runs/images", "--input", "kept") == before)
      try FileManager.default.moveItem(
        atPath: workspace.folder.path(of: "train/cat"),
        toPath: workspace.folder.path(of: "train/zebra"))
      CommandTests.expectRefusal(
        try workspace.run("evaluate", "runs/images"), 65,
        ["train/zebra': there is no class 'zebra' in training"])
    }

    /// Another run that begins with the weights knows the data as the first did, and so does its
    /// resumption.
    @Test func weightsBringTheirCoding() throws {
      try trainTable()
      try write(Self.rows[..<120].filter { !$0.hasPrefix("0") }, to: "t.csv")
      try workspace.folder.write(
        Self.table.replacing("name: table", with: "name: next").replacing(
          "epochs: 10", with: "epochs: 1")
          + "\n", to: "next.yaml")
      let begin = ["train", "next.yaml", "--set", "train.init_from=runs/table"]
      let ending = try workspace.start(begin).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      func coding(_ run: String) throws -> String {
        let text = try workspace.run("inspect", run).output
        let (first, last) = (text.range(of: "  columns:"), text.range(of: "  label:"))
        return String(text[try #require(first).lowerBound..<#require(last).lowerBound])
      }
      #expect(try coding("runs/next") == coding("runs/table"))
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: "runs/table"))
      let longer = try workspace.start(
        begin + ["--set", "train.epochs=2", "--resume"]
      ).wait()
      #expect(longer.status == 0, "\(longer.errors)")
    }

    /// Trains on sequences of eight steps and of 32, with a learning rate that changes no weight.
    private func trainSequences(_ layers: String) throws {
      for (name, steps) in [("short", 8), ("long", 32)] {
        try workspace.folder.write(
          """
          name: \(name)
          data: {dataset: induction, steps: \(steps), train_samples: 8, test_samples: 200, batch: 8}
          model: [{embedding: {entries: 16, size: 4}}, \(layers)]
          loss: cross_entropy
          optimizer: {sgd: 1.0e-30}
          train: {steps: 1}
          """, to: "\(name).yaml")
        let ending = try workspace.run("train", "\(name).yaml")
        #expect(ending.status == 0, "\(ending.errors)")
      }
    }

    /// The same weights on longer sequences, whose last steps alone have targets.
    @Test func aNetworkOfAnyNumberOfSteps() throws {
      try trainSequences("{gru: {units: 6, output: sequence}}, {dense: 15}")
      let (short, long) = (try scores("runs/short"), try scores("runs/long"))
      #expect(long["samples"] == 200 && long["loss"] != short["loss"])
      #expect(try scores("runs/short", "--set", "data.steps=32") == long)
      #expect(try scores("runs/short", "--set", "data.steps=32", ranks: 2) == long)
      let ending = try workspace.run("evaluate", "runs/short", "--set", "data.steps=32")
      #expect(ending.output.contains(" of 200)"), "\(ending.output)")
      for (words, status, text) in [
        (["--set", "data.steps=2"], 64, "data.steps: expected at least 3 for induction, found 2"),
        (
          ["--set", "data.dataset=copy", "--set", "data.steps=40"], 65,
          "the network was trained on samples of 40 int32 with 15 classes"
        ),
        (["--set", "loss=mse"], 64, "--set: expected a setting of the data, as data.steps=256"),
        (["--input", "x.h5", "--set", "data.steps=9"], 64, "--set and --input exclude each other"),
      ] as [([String], Int32, String)] {
        CommandTests.expectRefusal(
          try workspace.start(["evaluate", "runs/short"] + words).wait(), status, [text])
      }
    }

    @Test func aNetworkOfAFixedNumberOfSteps() throws {
      try trainSequences("{positions: learned}, {dense: 15}")
      CommandTests.expectRefusal(
        try workspace.run("evaluate", "runs/short", "--set", "data.steps=32"), 65,
        ["positions1"])
    }

    @Test func targetsThatALossDoesNotTake() throws {
      try workspace.folder.write("x,y\n1,0.5\n2,1.5\n", to: "t.csv")
      try workspace.folder.write(
        """
        name: odds
        data: {dataset: {csv: {training: t.csv, targets: [y]}}, batch: 2}
        model: [{dense: 1}]
        loss: binary_cross_entropy
        optimizer: sgd
        """, to: "odds.yaml")
      CommandTests.expectRefusal(
        try workspace.run("train", "odds.yaml"), 65,
        [
          "'t.csv': sample 1 of the training set has the target 1.5, expected 0 to 1 for "
            + "binary_cross_entropy"
        ])
    }
  }
}
