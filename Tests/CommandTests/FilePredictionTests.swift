import Foundation
import HDF5Files
import TestSupport
import Testing

extension CommandTests {
  /// Predictions of files of many blocks: to standard output and to files, over ranks.
  @Suite struct FilePrediction {
    private let workspace: Workspace

    /// Three classes of two numbers and a word.
    init() throws {
      workspace = try Workspace()
      let answers = ["no", "\"yes, it is\"", "so"]
      let rows = (0..<90).map {
        "\($0 % 7),\($0 % 11),\(["a", "b"][$0 % 2]),\(answers[$0 % 3])"
      }
      try workspace.folder.write(
        "x,z,kind,answer\n" + rows.joined(separator: "\n") + "\n", to: "t.csv")
      try workspace.folder.write(
        """
        name: table
        data: {dataset: {csv: {training: t.csv, label: answer, categorical: [kind]}}, batch: 30}
        model: [{dense: 8}, relu, {dense: 3}]
        loss: cross_entropy
        optimizer: adam
        train: {epochs: 2}
        """, to: "table.yaml")
      let ending = try workspace.run("train", "table.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
    }

    private static let header = "kind,z,x\n"
    private static let columns =
      "class,probability,probability of no,probability of so,\"probability of yes, it is\""

    /// So many that they are read in several blocks, and no multiple of a shard.
    private static let rows = 70_011

    private static func row(_ number: Int) -> String {
      "\(["a", "b"][number % 2]),\(number % 1013),\(Double(number % 977) / 8)\n"
    }

    private func writeRows(_ name: String = "new.csv", _ rows: Int = rows) throws {
      try workspace.folder.write(
        Self.header + (0..<rows).map(Self.row).joined(), to: name)
    }

    private func predict(
      _ words: String..., ranks: Int? = nil, environment: [String: String] = [:]
    ) throws -> ChildProcess.Ending {
      try workspace.start(
        ["predict", "runs/table"] + words, ranks: ranks, environment: environment
      ).wait()
    }

    private func shell(_ script: String) throws -> ChildProcess.Ending {
      let program = try #require(Workspace.program)
      return try workspace.startCommand(["bash", "-c", script, program, program]).wait()
    }

    // MARK: The same everywhere

    @Test func sameBytesOnAnyRanksAndWorkers() throws {
      try writeRows()
      for ending in ["csv", "jsonl", "h5"] {
        let one = try predict("--input", "new.csv", "--output", "one.\(ending)", "--workers", "1")
        #expect(one.status == 0, "\(one.errors)")
        #expect(one.output == "predicted 70,011 samples: 'one.\(ending)'\n")
        let expected = Bytes(data: try workspace.folder.data(of: "one.\(ending)"))
        for ranks in [1, 2, 3] {
          let other = try predict(
            "--input", "new.csv", "--output", "more.\(ending)", "--force", "--workers", "2",
            ranks: ranks)
          #expect(other.status == 0, "\(ranks): \(other.errors)")
          #expect(
            Bytes(data: try workspace.folder.data(of: "more.\(ending)")) == expected, "\(ranks)")
        }
      }
      #expect(workspace.folder.names(in: ".").allSatisfy { !$0.contains(".nn-dist-") })
    }

    /// All forms of output, and of input, hold the same numbers.
    @Test func formsAgree() throws {
      try writeRows()
      let object = try CommandTests.object(predict("--input", "new.csv", "--json").output)
      #expect(object["classes"] as? [String] == ["no", "so", "yes, it is"])
      let all = try #require(object["predictions"] as? [[String: Any]])
      #expect(all.count == Self.rows)

      for ending in ["csv", "jsonl", "h5"] {
        let made = try predict("--input", "new.csv", "--output", "p.\(ending)", "--json")
        let members = try CommandTests.object(made.output)
        #expect(members["samples"] as? Int == Self.rows)
        #expect(members["file"] as? String == "p.\(ending)")
      }
      let objects = try workspace.folder.text(of: "p.jsonl").split(separator: "\n")
      #expect(objects.count == Self.rows)
      let lines = try workspace.folder.text(of: "p.csv").split(separator: "\n")
      #expect(lines.count == Self.rows + 1)
      #expect(lines[0] == Self.columns)
      let tabs = try predict("--input", "new.csv").output.split(separator: "\n")
      #expect(tabs.count == Self.rows)
      var numbers: [Float] = []
      var classes: [Int32] = []
      for (sample, prediction) in all.enumerated() {
        let name = try #require(prediction["class"] as? String)
        let probabilities = try #require(prediction["probabilities"] as? [Double])
        numbers += probabilities.map { Float($0) }
        classes.append(Int32(["no", "so", "yes, it is"].firstIndex(of: name) ?? -1))
        guard sample % 997 == 0 || sample > Self.rows - 70 else { continue }
        #expect(prediction["sample"] as? Int == sample)
        let object = try CommandTests.object(String(objects[sample]))
        #expect(NSDictionary(dictionary: object) == NSDictionary(dictionary: prediction))
        let probability = try #require(probabilities.max())
        let fields = lines[sample + 1].replacing("\"yes, it is\"", with: name).split(separator: ",")
        let texts = ([probability] + probabilities).map { Float($0).description }
        #expect(fields.suffix(4).map { String($0) } == texts)
        #expect(lines[sample + 1].hasPrefix(name.contains(",") ? "\"\(name)\"," : "\(name),"))
        #expect(tabs[sample].hasPrefix("\(name)\t"))
      }
      try usingHDF5 {
        let file = try HDF5Reader(opening: workspace.folder.path(of: "p.h5"))
        #expect(try file.info(of: "predictions").shape == [Self.rows, 3])
        #expect(try file.text("names") == "[\"no\", \"so\", \"yes, it is\"]")
        var found = [Float](repeating: 0, count: 3 * Self.rows)
        try unsafe found.withUnsafeMutableBufferPointer {
          try unsafe file.read("predictions", shape: [Self.rows, 3], into: $0)
        }
        #expect(found == numbers)
        var indices = [Int32](repeating: 0, count: Self.rows)
        try unsafe indices.withUnsafeMutableBufferPointer {
          try unsafe file.read("classes", shape: [Self.rows], into: $0)
        }
        #expect(indices == classes)
      }

      let objectLines = (0..<Self.rows).map { number in
        let fields = Self.row(number).dropLast().split(separator: ",")
        let other = number % 3 == 0 ? "\"more\": [1, {\"x\": null}], " : ""
        return "{\"x\": \(fields[2]), \(other)\"kind\": \"\(fields[0])\", \"z\":\(fields[1])}\n"
      }
      try workspace.folder.write(objectLines.joined(), to: "new.jsonl")
      for script in [
        "$0 predict runs/table --input - < new.csv",
        "cat new.csv | $0 predict runs/table --input -",
        "gzip -c new.csv | $0 predict runs/table --input -",
        "cat new.jsonl | $0 predict runs/table --input -",
        "$0 predict runs/table --input new.jsonl",
      ] {
        let piped = try shell(script)
        #expect(piped.status == 0, "\(script): \(piped.errors)")
        #expect(piped.output.split(separator: "\n") == tabs, "\(script)")
      }
    }

    @Test func filesWithoutSamples() throws {
      try workspace.folder.write(Self.header, to: "head.csv")
      let lines = try predict("--input", "head.csv")
      #expect(lines.status == 0 && lines.output.isEmpty, "\(lines.errors)")
      let object = try CommandTests.object(predict("--input", "head.csv", "--json").output)
      #expect((object["predictions"] as? [Any])?.isEmpty == true)
      for (ending, text) in [("csv", Self.columns + "\n"), ("jsonl", "")] {
        let made = try predict("--input", "head.csv", "--output", "none.\(ending)", ranks: 2)
        #expect(made.status == 0, "\(made.errors)")
        #expect(try workspace.folder.text(of: "none.\(ending)") == text)
      }
      #expect(try predict("--input", "head.csv", "--output", "none.h5").status == 0)
      try usingHDF5 {
        let file = try HDF5Reader(opening: workspace.folder.path(of: "none.h5"))
        #expect(try file.info(of: "predictions").shape == [0, 3])
      }
      try workspace.folder.write("", to: "empty.csv")
      CommandTests.expectRefusal(
        try predict("--input", "empty.csv", "--output", "none2.csv"), 65, ["empty.csv", "header"])
      #expect(!workspace.folder.names(in: ".").contains("none2.csv"))
    }

    // MARK: Failures

    /// What is wrong in a later block comes after the lines of the earlier ones; a file never
    /// shows.
    @Test func badRecordInTheMiddle() throws {
      let good = (0..<Self.rows).map(Self.row).joined()
      for (rest, message) in [
        ("a,1,x\n", "bad.csv:70013: column 'x' holds 'x', expected a number"),
        ("a,1", "bad.csv:70013: expected 3 fields as in the header, found 2"),
        ("a,1,\"2", "bad.csv:70013: a quote that begins here is never closed"),
      ] {
        try workspace.folder.write(Self.header + good + rest, to: "bad.csv")
        for ranks in [nil, 2] {
          let printed = try predict("--input", "bad.csv", ranks: ranks)
          #expect(printed.status == 65 && printed.errors.contains(message), "\(printed.errors)")
          #expect(printed.errorLines.count == 1)
          #expect(printed.output.split(separator: "\n").count == 65_536)
          let written = try predict("--input", "bad.csv", "--output", "bad.out.csv", ranks: ranks)
          #expect(written.status == 65 && written.errors.contains(message), "\(written.errors)")
          #expect(written.output.isEmpty)
        }
      }
      #expect(workspace.folder.names(in: ".").allSatisfy { !$0.contains("bad.out") })
    }

    @Test func refusals() throws {
      try writeRows("few.csv", 3)
      try workspace.folder.write("mine", to: "kept.csv")
      for (words, status, texts) in [
        (["--output", "p.txt"], 64, ["'p.txt'", ".csv, .jsonl or .h5"]),
        (["--output", "kept.csv"], 73, ["'kept.csv' exists already", "--force"]),
        (["--output", "no/p.csv"], 73, ["there is no folder 'no'"]),
        (["--output", "runs"], 64, ["'runs'"]),
        (["--horizon", "3", "--output", "p.csv"], 64, ["--output", "--horizon"]),
      ] as [([String], Int32, [String])] {
        for ranks in [nil, 2] {
          let ending = try workspace.start(
            ["predict", "runs/table", "--input", "few.csv"] + words, ranks: ranks
          ).wait()
          CommandTests.expectRefusal(ending, status, texts)
        }
      }
      #expect(try workspace.folder.text(of: "kept.csv") == "mine")
      #expect(try predict("--input", "few.csv", "--output", "kept.csv", "--force").status == 0)
      #expect(try workspace.folder.text(of: "kept.csv").split(separator: "\n").count == 4)

      for (text, message) in [
        ("{\"x\": 1, \"z\": 2, \"kind\": \"a\"}\n{\"x\": 1\n", ":2: expected ','"),
        ("{\"x\": 1, \"z\": 2, \"kind\": \"a\"}\n\n{\"x\": 1}\n", ":3: column 'z' has no value"),
        ("{\"x\": 1, \"z\": [2], \"kind\": \"a\"}\n", ":1: 'z' holds an array"),
        ("{\"x\": one}\n", ":1: expected a value at byte 7"),
        ("{\"y\": 1}\n", ":1: the object has no value"),
        ("{\"x\": 1, \"z\": 2, \"kind\": \"a\"} 1\n", ":1: expected the end of the line"),
        ("[1, 2]\n", ":1: expected 3 fields"),
      ] {
        try workspace.folder.write(text, to: "bad.jsonl")
        CommandTests.expectRefusal(
          try predict("--input", "bad.jsonl"), 65, ["bad.jsonl\(message)"])
        let piped = try shell("$0 predict runs/table --input - < bad.jsonl")
        CommandTests.expectRefusal(piped, 65, ["/dev/stdin\(message)"])
      }
    }

    /// Nobody reads on: the program ends at once and with no message.
    @Test func readerThatEnds() throws {
      try writeRows()
      let ending = try shell(
        "set -o pipefail; $0 predict runs/table --input new.csv | head -n 2")
      #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
      #expect(ending.output.split(separator: "\n").count == 2)
    }

    @Test(.enabled(if: CProgram.compiler != nil, "no cc and no clang: no file fails"))
    func fullDisk() throws {
      try writeRows()
      let library = try #require(
        try CProgram.build("FileFaults/file_faults.c", asLibrary: true, in: workspace.folder))
      for output in ["p.csv", "p.jsonl", "p.h5"] {
        var environment = ["LD_PRELOAD": library, "FILE_FAULTS_PATH": output]
        environment["FILE_FAULTS_REPORT"] = workspace.folder.path(of: "operations")
        let whole = try predict(
          "--input", "new.csv", "--output", output, environment: environment)
        #expect(whole.status == 0, "\(whole.errors)")
        let operations = try #require(
          Int(try workspace.folder.text(of: "operations").trimmingCharacters(in: .newlines)))
        #expect(operations > 4)
        let expected = Bytes(data: try workspace.folder.data(of: output))
        environment["FILE_FAULTS_REPORT"] = nil
        for kind in ["full", "broken"] {
          environment["FILE_FAULTS_KIND"] = kind
          for place in Set([1, 2, operations / 2, operations]).sorted() {
            environment["FILE_FAULTS_AT"] = "\(place)"
            let ending = try predict(
              "--input", "new.csv", "--output", output, "--force", environment: environment)
            // What comes last, such as a removal, takes no space.
            #expect([0, 73, 74].contains(ending.status), "\(kind) \(place): \(ending.errors)")
            #expect(ending.errorLines.count == (ending.status == 0 ? 0 : 1), "\(ending.errors)")
            // The old file, or a whole new one.
            #expect(Bytes(data: try workspace.folder.data(of: output)) == expected)
          }
        }
      }
      let device = try shell("$0 predict runs/table --input new.csv > /dev/full")
      #expect(device.status == 74 && device.errors.contains("standard output"), "\(device.errors)")
    }

    // MARK: Exported networks

    @Test func exportedNetworkNeedsNothingElse() throws {
      try writeRows("new.csv", 200)
      let made = try workspace.run("export", "runs/table", "--to", "h5", "--output", "m.h5")
      #expect(made.status == 0, "\(made.errors)")
      let expected = try predict("--input", "new.csv").output
      #expect(try workspace.run("predict", "m.h5", "--input", "new.csv").output == expected)
      let scores = try [("runs/table", ["--input", "t.csv"]), ("m.h5", ["--input", "t.csv"])].map {
        try CommandTests.object(try workspace.start(["evaluate", $0, "--json"] + $1).wait().output)
      }
      #expect(scores[0]["loss"] as? Double == scores[1]["loss"] as? Double)
      #expect(scores[1]["accuracy"] is Double)
      let shown = try CommandTests.object(workspace.run("inspect", "m.h5", "--json").output)
      #expect(shown["kind"] as? String == "exported network")
      #expect(shown["classes"] as? [String] == ["no", "so", "yes, it is"])
      #expect((shown["weights"] as? [[String: Any]])?.count == 4)

      let begun = try workspace.run(
        "train", "table.yaml", "--run", "again", "--set", "train.init_from=m.h5", "--set",
        "train.epochs=1")
      #expect(begun.status == 0, "\(begun.errors)")
      CommandTests.expectRefusal(
        try workspace.run("train", "table.yaml", "--run", "again", "--resume=m.h5"), 65,
        ["'m.h5' holds the weights", "init_from=m.h5"])

      let old = workspace.folder.path(of: "old.h5")
      try usingHDF5 {
        var writer = try HDF5Writer(creating: old)
        try unsafe [Float(1), 2].withUnsafeBufferPointer {
          unsafe try writer.write($0, shape: [1, 2], to: "dense1/weight")
        }
        try writer.close()
      }
      for words in [["predict", "old.h5", "--input", "new.csv"], ["evaluate", "old.h5"]] {
        CommandTests.expectRefusal(
          try workspace.start(words).wait(), 65, ["'old.h5'", "export it again from its run"])
      }
    }
  }
}
