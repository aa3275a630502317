import Foundation
import HDF5Files
import TestSupport
import Testing

extension CommandTests {
  /// Sequences of different lengths, from files to predictions.
  @Suite struct Sequences {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private static let steps = 6
    private static let lengths: [Int32] = [6, 1, 4, 2, 5, 3, 6, 2]

    /// Tokens with a class for each step, the last token but two; the steps behind an end hold
    /// `padding` and are ignored.
    private func write(
      _ name: String, _ lengths: [Int32] = lengths, padding: Int32 = 0, asBytes: Bool = false
    ) throws {
      let places = lengths.indices.flatMap { sample in
        (0..<Self.steps).map { (sample, $0, isPadding: $0 >= Self.lengths[sample]) }
      }
      func token(_ sample: Int, _ step: Int) -> Int32 {
        step < 0 ? 0 : Int32((5 * sample + 3 * step + sample * step) % 4)
      }
      let tokens = places.map { $0.isPadding ? padding : token($0.0, $0.1) }
      let labels = places.map { $0.isPadding ? -1 : token($0.0, $0.1 - 2) }
      if workspace.folder.exists(name) {
        try FileManager.default.removeItem(atPath: workspace.folder.path(of: name))
      }
      try usingHDF5 {
        var file = try HDF5Writer(creating: workspace.folder.path(of: name))
        try write(tokens, [lengths.count, Self.steps], "x", &file)
        try write(labels, [lengths.count, Self.steps], "y", &file)
        if asBytes {
          try write(lengths.map { UInt8($0) }, [lengths.count], "lengths", &file)
        } else {
          try write(lengths, [lengths.count], "lengths", &file)
        }
        try file.close()
      }
    }

    private func configure(
      _ model: String = "{lstm: {units: 5, direction: both, lengths: lengths}}"
    ) throws {
      let arrays = "{samples: x, labels: y, fields: [{name: lengths, array: lengths}]}"
      try workspace.folder.write(
        """
        name: tags
        data:
          dataset: {hdf5: {file: train.h5, test_file: test.h5, channels: none, training: \(arrays), test: \(arrays)}}
          batch: 4
        model: [{embedding: {entries: 4, size: 3}}, \(model), {dense: 4}]
        loss: cross_entropy
        optimizer: {adam: 0.01}
        train: {epochs: 2}
        """, to: "tags.yaml")
    }

    private func run(_ words: String...) throws -> ChildProcess.Ending {
      try workspace.start(words).wait()
    }

    private func predict(_ file: String) throws -> ChildProcess.Ending {
      try run("predict", "runs/tags", "--input", file, "--name", "x")
    }

    private func evaluate(_ file: String) throws -> ChildProcess.Ending {
      try run("evaluate", "runs/tags", "--input", file, "--name", "x", "--answers", "y", "--json")
    }

    /// What stands behind an end reaches neither weights nor metrics nor predictions before it, and
    /// lengths may be bytes.
    @Test func paddingChangesNothing() throws {
      try configure()
      var results: [[String]] = []
      for (padding, asBytes) in [(Int32(0), false), (3, false), (0, true)] {
        for name in ["train.h5", "test.h5"] { try write(name, padding: padding, asBytes: asBytes) }
        let ending = try run("train", "tags.yaml", "--fresh")
        #expect(ending.status == 0, "\(ending.errors)")
        let score = try run("evaluate", "runs/tags", "--json")
        let other = try evaluate("test.h5")
        let found = try predict("test.h5")
        #expect(score.status == 0 && other.status == 0 && found.status == 0, "\(found.errors)")
        let metrics = try CommandTests.object(score.output)
        #expect(
          metrics["loss"] as? Double == (try CommandTests.object(other.output))["loss"] as? Double)
        results.append(["\(metrics["loss"] ?? "")", "\(metrics["accuracy"] ?? "")"])
      }
      #expect(results[0] == results[1] && results[0] == results[2], "\(results)")
      let checks = try run("gradcheck", "tags.yaml")
      #expect(checks.status == 0, "\(checks.output)\(checks.errors)")
    }

    /// Samples of real numbers, `[n, steps, features]`, with a class each: a network that reads the
    /// lengths learns what the last true step says, whatever stands behind it.
    @Test(arguments: [Float(0), 9])
    func realNumbersWithLengths(padding: Float) throws {
      let count = 64
      let lengths = (0..<count).map { Int32(1 + $0 % Self.steps) }
      let classes = (0..<count).map { Int32($0 / Self.steps % 2) }
      let numbers = (0..<count).flatMap { sample in
        (0..<Self.steps).flatMap { step -> [Float] in
          guard step < lengths[sample] else { return [padding, padding] }
          let isLast = step == lengths[sample] - 1
          let hint: Float = classes[sample] == 1 ? 1 : -1
          return [isLast ? hint : -hint, Float(sample * 7 % 5) / 4]
        }
      }
      try usingHDF5 {
        var file = try HDF5Writer(creating: workspace.folder.path(of: "real.h5"))
        try write(numbers, [count, Self.steps, 2], "x", &file)
        try write(classes, [count], "y", &file)
        try write(lengths, [count], "lengths", &file)
        try file.close()
      }
      try workspace.folder.write(
        """
        name: tags
        data:
          dataset: {hdf5: {file: real.h5, channels: none, training: {samples: x, labels: y, fields: [{name: lengths, array: lengths}]}}}
          normalise: false
          batch: 16
        model: [{lstm: {units: 8, lengths: lengths, output: last}}, {dense: 2}]
        loss: cross_entropy
        optimizer: {adam: 0.03}
        train: {epochs: 12}
        """, to: "real.yaml")
      let ending = try run("train", "real.yaml")
      try #require(ending.status == 0, "\(ending.errors)")
      let own = try CommandTests.object(run("evaluate", "runs/tags", "--json").output)
      #expect(own["accuracy"] as? Double == 1, "\(own)")
      let other = try CommandTests.object(evaluate("real.h5").output)
      #expect(other["loss"] as? Double == own["loss"] as? Double)
      let found = try predict("real.h5")
      #expect(found.status == 0, "\(found.errors)")
      #expect(
        found.output.split(separator: "\n").map { $0.prefix { $0 != "\t" } }
          == classes.map { "\($0)"[...] })
    }

    private func write<Element: HDF5Element>(
      _ numbers: [Element], _ shape: [Int], _ path: String, _ file: inout HDF5Writer
    ) throws {
      try unsafe numbers.withUnsafeBufferPointer {
        unsafe try file.write($0, shape: shape, to: path)
      }
    }

    @Test(arguments: [Int32(0), 7, -3])
    func whatIsNoLength(_ bad: Int32) throws {
      var wrong = Self.lengths
      wrong[5] = bad
      let line = "sample 5 of 'lengths' is \(bad): expected 1 to 6 steps"
      try configure()
      try write("train.h5")
      try write("test.h5", wrong)
      for words in [["train", "tags.yaml"], ["gradcheck", "tags.yaml"]] {
        CommandTests.expectRefusal(try workspace.start(words).wait(), 65, [line])
      }
      try write("test.h5")
      #expect(try run("train", "tags.yaml", "--fresh").status == 0)
      try write("other.h5", wrong)
      CommandTests.expectRefusal(try predict("other.h5"), 65, [line])
      CommandTests.expectRefusal(try evaluate("other.h5"), 65, [line])
    }

    /// An encoder without a decoder: the class of a text, whatever stands behind its end.
    @Test func anEncoderClassifies() throws {
      let (count, steps) = (96, Self.steps)
      let lengths: [Int32] = (0..<count).map { Int32(2 + $0 % (steps - 1)) }
      // Whether token 3 stands among those that count; behind them it means nothing.
      func token(_ sample: Int, _ step: Int, padding: Int32) -> Int32 {
        let length = Int(lengths[sample])
        guard step < length else { return padding }
        return sample % 3 == 0 && step == sample / 3 % length ? 3 : Int32((5 * sample + step) % 3)
      }
      var results: [Double] = []
      for padding in [Int32(0), 3] {
        try usingHDF5 {
          let path = workspace.folder.path(of: "texts.h5")
          if workspace.folder.exists("texts.h5") {
            try FileManager.default.removeItem(atPath: path)
          }
          var file = try HDF5Writer(creating: path)
          let tokens = (0..<count * steps).map { place in
            token(place / steps, place % steps, padding: padding)
          }
          let classes: [Int32] = (0..<count).map { $0 % 3 == 0 ? 1 : 0 }
          try write(tokens, [count, steps], "x", &file)
          try write(classes, [count], "y", &file)
          try write(lengths, [count], "lengths", &file)
          try file.close()
        }
        try workspace.folder.write(
          """
          name: tags
          data:
            dataset: {hdf5: {file: texts.h5, channels: none, training: {samples: x, labels: y, fields: [{name: lengths, array: lengths}]}}}
            batch: 16
          model:
            - embedding: {entries: 4, size: 16}
            - positions: sinusoidal
            - transformer: {blocks: 1, heads: 2, lengths: lengths}
            - layernorm: {over: features}
            - global_avgpool: {lengths: lengths}
            - dense: 2
          loss: cross_entropy
          optimizer: {adam: 0.01}
          train: {epochs: 20}
          """, to: "tags.yaml")
        let ending = try run("train", "tags.yaml", "--fresh")
        try #require(ending.status == 0, "\(ending.errors)")
        let own = try CommandTests.object(run("evaluate", "runs/tags", "--json").output)
        #expect(own["accuracy"] as? Double == 1, "\(own)")
        results.append(try #require(own["loss"] as? Double))
      }
      #expect(results[0] == results[1])
      let checks = try run("gradcheck", "tags.yaml")
      #expect(checks.status == 0, "\(checks.output)\(checks.errors)")
    }

    @Test func aFieldThatIsNotThere() throws {
      try configure("{gru: {units: 3, lengths: length}}")
      try write("train.h5")
      try write("test.h5")
      CommandTests.expectRefusal(
        try run("train", "tags.yaml"), 78,
        ["the data have no field 'length' (did you mean 'lengths'?)"])
    }

    /// The configurations of drawn sequences, on short ones.
    @Test(arguments: ["adding", "copy", "tagger-bilstm"])
    func configurations(_ name: String) throws {
      try workspace.copy("\(name).yaml")
      let settings = Workspace.settings([
        "data.steps=21", "data.train_samples=128", "data.test_samples=64", "train.epochs=1",
      ])
      let ending = try workspace.start(["train", "\(name).yaml"] + settings).wait()
      #expect(ending.status == 0, "\(ending.errors)")
    }
  }
}
