import Checkpoints
import Configuration
import Datasets
import Diagnostics
import Files
import Foundation
import Graphs
import Inspections
import TestSupport
import Testing
import Training

extension CommandTests {
  /// HDF5 files that are damaged, or made to crash whoever reads them, in every command that takes
  /// one.
  @Suite struct HostileFiles {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private static let folder = URL(fileURLWithPath: Workspace.repository)
      .appendingPathComponent("../shared/reference/hostile").standardizedFileURL.path
    private static let names =
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(".h5") }.sorted()

    private static let small = """
      name: small
      data: {dataset: digits, train_samples: 64, test_samples: 10}
      model: [flatten, {dense: 10}]
      loss: cross_entropy
      optimizer: adam
      train: {epochs: 1}
      """

    /// A run whose checkpoints hold states.
    private static let carrying = """
      name: small
      data: {dataset: sentences, steps: 8, train_samples: 64, test_samples: 10, batch: 8, order: streams}
      model: [{embedding: {size: 4}}, {lstm: {units: 6, carry: true}}, {dense: 26}]
      loss: cross_entropy
      optimizer: adam
      train: {steps: 3}
      """

    private func train(_ configuration: String = small) throws {
      try workspace.folder.write(configuration, to: "small.yaml")
      let ending = try workspace.run("train", "small.yaml", "--run", "good")
      try #require(ending.status == 0, "\(ending.errors)")
    }

    /// Writes the `.sha256` that makes a file whole as a checkpoint.
    private func seal(_ name: String) throws {
      let line = try workspace.startCommand(["sha256sum", name]).wait().output
      try workspace.folder.write(line, to: "\(name).sha256")
    }

    @Test(
      .data("shared/reference/hostile", areHere: !names.isEmpty), arguments: names)
    func oneLineEach(name: String) throws {
      try train()
      try FileManager.default.copyItem(
        atPath: "\(Self.folder)/\(name)", toPath: workspace.folder.path(of: "h.h5"))
      try workspace.folder.write(
        """
        name: x
        data: {dataset: {hdf5: {file: h.h5, training: {samples: Compressed_Data, labels: y}}}}
        model: [{dense: 1}]
        loss: cross_entropy
        optimizer: sgd
        """, to: "x.yaml")
      let inspected = try workspace.run("inspect", "h.h5")
      // The data of this one are what crashes the library, and a list reads none.
      if name != "cve-2018-11205.h5" { CommandTests.expectRefusal(inspected, 65, ["h.h5"]) }
      try seal("h.h5")
      let good = try #require(workspace.checkpoints(of: "good").first)
      for words in [
        ["predict", "good", "--input", "h.h5"], ["data", "build", "x.yaml"], ["train", "x.yaml"],
        ["evaluate", "h.h5"], ["predict", "h.h5", "--input", "x.csv"],
        ["export", "h.h5", "--to", "h5", "--output", "w.h5"], ["inspect", "h.h5"],
        ["diff", "h.h5", "good/checkpoints/\(good)"], ["sample", "h.h5", "--out", "s.csv"],
        ["train", "small.yaml", "--run", "new", "--resume=h.h5"],
        ["train", "small.yaml", "--run", "new", "--set", "train.init_from=h.h5"],
      ] {
        if name == "cve-2018-11205.h5", words == ["inspect", "h.h5"] { continue }
        let ending = try workspace.start(words).wait()
        CommandTests.expectRefusal(ending, 65, ["h.h5"])
      }
    }

    @Test(
      .data("shared/reference/hostile", areHere: !names.isEmpty),
      arguments: ["cve-2018-13867.h5", "gh-4434-poc-09.h5"])
    func ranksEndTogether(name: String) throws {
      try FileManager.default.copyItem(
        atPath: "\(Self.folder)/\(name)", toPath: workspace.folder.path(of: "h.h5"))
      try seal("h.h5")
      for words in [
        ["evaluate", "h.h5"], ["train", "mlp.yaml", "--run", "new", "--resume=h.h5"],
      ] {
        let ending = try workspace.start(words, ranks: 2).wait()
        CommandTests.expectRefusal(ending, 65, ["h.h5"])
      }
    }

    /// States that do not fit the network, or are no numbers.
    @Test(.enabled(if: Workspace.python != nil, "needs a Python with h5py: NN_DIST_PYTHON"))
    func damagedStates() throws {
      try train(Self.carrying)
      let python = try #require(Workspace.python)
      let name = try #require(workspace.checkpoints(of: "good").first)
      for (change, text) in [
        ("states[h][...] = numpy.nan", "'lstm1/h_l0' contains values that are not finite"),
        ("states[h][3, 2] = -numpy.inf", "not finite"), ("del states[h]", "of another model"),
        ("del states[h]; states[h] = numpy.zeros((7, 6), 'f4')", "lstm1/h_l0"),
        ("del states[h]; states[h] = numpy.zeros((0, 6), 'f4')", "lstm1/h_l0"),
        ("del states[h]; states[h] = numpy.zeros((8, 6, 1), 'f4')", "lstm1/h_l0"),
        ("del states[h]; states[h] = numpy.zeros((8, 6), 'i8')", "lstm1/h_l0"),
        ("del states[h]; states[h] = b'text'", "lstm1/h_l0"),
        ("states['lstm1/x'] = numpy.zeros((8, 6), 'f4')", "lstm1/x"),
        ("del states['lstm1']", "of another model"), ("del file['carried']", "carried"),
        ("del file['carried']; file['carried'] = 1.0", "carried"),
      ] {
        let made = try workspace.startCommand([
          python, "-c",
          """
          import h5py, numpy, shutil
          shutil.copy('good/checkpoints/\(name)', 'h.h5')
          h = 'lstm1/h_l0'
          with h5py.File('h.h5', 'r+') as file:
              states = file['carried']
              \(change)
          """,
        ]).wait()
        #expect(made.status == 0, "\(made.errors)")
        try seal("h.h5")
        let ending = try workspace.start([
          "train", "small.yaml", "--run", "new", "--resume=h.h5", "--set", "train.steps=5",
        ]).wait()
        CommandTests.expectRefusal(ending, 65, ["h.h5", text])
      }
    }

    // MARK: Mutations

    /// How many mutations are tried of each file.
    private static let mutations =
      ProcessInfo.processInfo.environment["NN_DIST_MUTATIONS"].flatMap { Int($0) } ?? 200

    /// Replaces up to eight bytes, some of them beside each other.
    private static func mutate(_ bytes: Data, _ random: inout XorShift) -> Data {
      var bytes = bytes
      for _ in 0..<random.integer(in: 1...4) {
        let place = random.integer(in: 0...bytes.count - 2)
        let value = UInt8.random(in: 0...255, using: &random)
        switch random.integer(in: 0...3) {
        case 0: bytes[place] ^= 1 << (value & 7)
        case 1: bytes[place] = value & 1 == 0 ? 0 : 255
        case 2: bytes[place] = value
        default:
          bytes[place] = value
          bytes[place + 1] = UInt8.random(in: 0...255, using: &random)
        }
      }
      return bytes
    }

    /// Has mutations of a file read, which must work or be refused as damaged data.
    private func tryMutations(
      of name: String, seed: UInt64, _ body: (String) throws -> Void
    ) throws {
      let whole = try workspace.folder.data(of: name)
      var random = XorShift(seed: seed)
      var refused = 0
      for number in 0..<Self.mutations {
        try Self.mutate(whole, &random).write(
          to: URL(fileURLWithPath: workspace.folder.path(of: "m.h5")))
        let start = ContinuousClock.now
        do { try body(workspace.folder.path(of: "m.h5")) } catch let failure as Failure {
          refused += 1
          #expect(
            [.badData, .noInput].contains(failure.code), "mutation \(number): \(failure)")
          #expect(!failure.message.contains("\n"), "mutation \(number): \(failure)")
        }
        #expect(ContinuousClock.now - start < .seconds(70), "mutation \(number)")
      }
      print("\(name): \(refused) of \(Self.mutations) mutations refused")
    }

    @Test(arguments: [small, carrying])
    func mutatedCheckpoints(_ configuration: String) throws {
      try train(configuration)
      let name = "good/checkpoints/\(try #require(workspace.checkpoints(of: "good").first))"
      try tryMutations(of: name, seed: 12) { path in
        try workspace.folder.write(
          "\(try SHA256.of(file: path))  m.h5\n", to: "m.h5.sha256")
        let checkpoint = try Checkpoint(opening: path)
        for group in try [.weights] + checkpoint.otherGroups() {
          for tensor in try checkpoint.layout(of: group).tensors {
            _ = try checkpoint.values(of: tensor, in: group)
          }
        }
        _ = try inspect(path)
      }
    }

    @Test func mutatedCaches() throws {
      try FileManager.default.copyItem(
        atPath: "\(Workspace.repository)/Tests/References/dataset.h5",
        toPath: workspace.folder.path(of: "dataset.h5"))
      try workspace.folder.write(
        """
        name: photos
        data: {dataset: {hdf5: {file: dataset.h5, training: {samples: photos/train/x, labels: photos/train/y}}}}
        model: [flatten, {dense: 4}]
        loss: cross_entropy
        optimizer: sgd
        """, to: "photos.yaml")
      #expect(try workspace.run("data", "build", "photos.yaml").status == 0)
      let data = try RunConfiguration(file: workspace.folder.path(of: "photos.yaml"), set: []).data
      let cache = "cache/\(try #require(workspace.folder.names(in: "cache").first))"
      try tryMutations(of: cache, seed: 25) { path in
        let set = try data.load(seed: 1, cache: path).training
        let samples = (0..<Int32(set.count)).map(\.self)
        try unsafe withUnsafeTemporaryAllocation(
          byteCount: samples.count * set.sampleBytes, alignment: 64
        ) { memory in
          try unsafe set.copy(samples: samples[...], into: memory)
        }
        _ = try inspect(path)
      }
    }
  }
}
