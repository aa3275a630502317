import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// A kill, a full disk or a broken one at every operation that changes a file of a run.
  @Suite(.enabled(if: CProgram.compiler != nil, "no cc and no clang: no file fails"))
  struct FileFaults {
    private let workspace: Workspace
    private let library: String

    /// The second of three epochs is the best: what was trained for goes beyond what is validated.
    init() throws {
      workspace = try Workspace()
      library = try #require(
        try CProgram.build("FileFaults/file_faults.c", asLibrary: true, in: workspace.folder))
      for (name, count, share) in [("t", 64, 1.0), ("v", 32, 0.7)] {
        let rows = (0..<count).map { row in
          let (x, z) = (Double(row * 37 % count) / 20, Double(row * 61 % count) / 7)
          return "\(x),\(z),\(share * (3 * x - z))"
        }
        try workspace.folder.write(
          "x,z,y\n" + rows.joined(separator: "\n") + "\n", to: "\(name).csv")
      }
      try workspace.folder.write(
        """
        name: faults
        data:
          dataset: {csv: {training: t.csv, test: v.csv, targets: [y]}}
          standardise_targets: false
          batch: 32
        model: [{dense: 1}]
        loss: mse
        optimizer: {sgd: 0.15}
        train:
          {epochs: 9, early_stop: 1, export: smodel, checkpoint: {keep: 1}, report: false}
        """, to: "faults.yaml")
    }

    private func train(
      _ run: String, _ words: [String] = [], faults: [String: String] = [:]
    ) throws -> ChildProcess {
      var environment = faults
      if !faults.isEmpty {
        environment["LD_PRELOAD"] = library
        environment["FILE_FAULTS_PATH"] = "\(run)/"
      }
      return try workspace.start(
        ["train", "faults.yaml", "--run", run, "--workers", "1"] + words, environment: environment)
    }

    /// All that a run has left, without what depends on the clock.
    private func contents(of run: String) throws -> [String: Bytes] {
      var found: [String: Bytes] = [:]
      for folder in [run, "\(run)/checkpoints"] {
        for name in workspace.folder.names(in: folder)
        where !["checkpoints", ".lock", "run.jsonl"].contains(name) {
          found["\(folder.dropFirst(run.count))/\(name)"] =
            name == "metrics.jsonl"
            ? Bytes(data: Data(try workspace.metrics(of: run).joined(separator: "\n").utf8))
            : Bytes(data: try workspace.folder.data(of: "\(folder)/\(name)"))
        }
      }
      return found
    }

    /// The operations that take time are few; of what fails and is reported every fourth is tried.
    @Test(arguments: [("kill", 1), ("full", 4), ("broken", 4)])
    func runGoesOnToTheSameFiles(_ kind: String, _ stride: Int) throws {
      let report = workspace.folder.path(of: "operations")
      let whole = try train("whole", faults: ["FILE_FAULTS_REPORT": report]).wait()
      #expect(whole.status == 0, "\(whole.errors)")
      let operations = try #require(
        Int(try workspace.folder.text(of: "operations").trimmingCharacters(in: .newlines)))
      let expected = try contents(of: "whole")
      #expect(
        expected.keys.sorted() == [
          "/checkpoints/best", "/checkpoints/step-000000004.h5",
          "/checkpoints/step-000000004.h5.sha256", "/checkpoints/step-000000006.h5",
          "/checkpoints/step-000000006.h5.sha256", "/config.yaml", "/metrics.jsonl",
          "/model.smodel",
        ])
      #expect(operations > 100)

      let places = Array(Swift.stride(from: 1, through: operations, by: stride))
      // Two at a time.
      for first in Swift.stride(from: 0, to: places.count, by: 2) {
        let pair = places[first..<min(first + 2, places.count)]
        let processes = try pair.map { place in
          try train(
            "\(kind)-\(place)",
            faults: ["FILE_FAULTS_KIND": kind, "FILE_FAULTS_AT": "\(place)"])
        }
        for (place, ending) in zip(pair, processes.map({ $0.wait() })) {
          #expect(
            kind == "kill" ? ending.status == 137 : [0, 74].contains(ending.status),
            "\(kind)-\(place): \(ending.status) \(ending.errors)")
          // Without its log of sessions a run goes on, and says so; it may fail later.
          let notes = ending.errorLines.filter { $0.contains("/run.jsonl'") }
          #expect(notes.count <= 1, "\(ending.errors)")
          #expect(
            ending.errorLines.count - notes.count == (ending.status == 74 ? 1 : 0),
            "\(ending.errors)")
        }
        let resumed = try pair.map { place in try train("\(kind)-\(place)", ["--resume"]) }
        for (place, ending) in zip(pair, resumed.map({ $0.wait() })) {
          let run = "\(kind)-\(place)"
          #expect(ending.status == 0, "\(run): \(ending.errors)")
          #expect(try contents(of: run) == expected, "\(run)")
          try FileManager.default.removeItem(atPath: workspace.folder.path(of: run))
        }
      }
      print(
        "\(kind): \(places.count) of \(operations) operations, all files as of an unhindered run")
    }
  }
}
