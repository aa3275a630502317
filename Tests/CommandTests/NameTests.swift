import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Names of files and of what is in them: escaped where people read them, and never changed.
  @Suite struct NameTests {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// Runs lines of a shell, in which `$N` is the program, `$R` starts ranks and `$S` is little
    /// data.
    private func shell(_ script: String) throws -> ChildProcess.Ending {
      try workspace.startCommand(
        ["sh", "-e", "-c", script],
        [
          "N": try #require(Workspace.program),
          "R": "mpirun -q --timeout 60 --oversubscribe --bind-to none -np 2",
          "S": "--set data.train_samples=128 --set data.test_samples=64",
        ]
      ).wait()
    }

    /// Nothing that was printed controls a terminal or breaks a line.
    private func expectPlain(
      _ ending: ChildProcess.Ending, sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let isPlain = (ending.output + ending.errors).unicodeScalars.allSatisfy {
        $0 == "\n" || $0 == "\t"
          || ($0.properties.generalCategory != .control && !$0.properties.isBidiControl)
      }
      #expect(isPlain, "\(ending.output)\(ending.errors)", sourceLocation: sourceLocation)
    }

    @Test func aRunInAFolderThatIsNotUTF8() throws {
      let ending = try shell(
        """
        D=$(printf 'd\\377\\351'); mkdir "$D"; cp mlp.yaml "$D/m.yaml"; cd "$D"
        T=$(printf 'run\\376')
        $N train "../$D/m.yaml" --run "../$D/$T" $S
        $R $N train "m.yaml" --run "$T" --resume $S --set train.epochs=4
        $N evaluate "$T" --json
        $N export "$T" --to smodel --output "$(printf '\\303\\050.smodel')"
        $N inspect "$T"
        $N train "m.yaml" --run "$T" --fresh $S
        ls "$T/checkpoints/step-000000006.h5" "$(printf 'run\\376~1')/metrics.jsonl"
        ls "$(printf '\\303\\050.smodel')"
        """)
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.contains(#"'run\xfe' holds the weights"#), "\(ending.output)")
      #expect(ending.output.contains(#""run\udbff\udefe/checkpoints/step-000000008.h5""#))
      #expect(ending.output.contains(#"'\xc3(.smodel'"#))
    }

    @Test func imagesWithAnyNames() throws {
      for (folder, level) in [("cl\\377", 60), ("a\\n\\033[31mb", 90), ("\\342\\200\\256c", 30)] {
        for file in 0..<2 {
          let pixels = [UInt8](repeating: UInt8(level + file), count: 16)
          let bytes = Data(pngFile(width: 4, height: 4, pixels))
          try bytes.write(to: URL(fileURLWithPath: workspace.folder.path(of: "x.png")))
          let made = try shell(
            """
            F="pics/$(printf 'tr\\376')/$(printf '\(folder)')"; mkdir -p "$F"
            mv x.png "$F/$(printf '\\375\(file)\\t').png"
            """)
          #expect(made.status == 0, "\(made.errors)")
        }
      }
      try workspace.folder.write(
        """
        name: p
        data: {dataset: {images: x}, batch: 2}
        model: [flatten, {dense: 3}]
        loss: cross_entropy
        optimizer: adam
        """, to: "p.yaml")
      let ending = try shell(
        """
        T=$(printf 'tr\\376'); P="data.dataset={images: $T}"
        $R $N train p.yaml --run run --set data.from="$PWD/pics" --set "$P"
        $N evaluate run --from pics
        $N predict run --input "pics/$T/$(printf 'cl\\377')"
        $N predict run --input "pics/$T/$(printf 'cl\\377')" --json
        """)
      #expect(ending.status == 0, "\(ending.errors)")
      expectPlain(ending)
      #expect(ending.output.contains("\\xfd0\\t.png\t"), "\(ending.output)")
      #expect(ending.output.contains(#"["a\n\u001b[31mb", "cl\udbff\udeff", "\u202ec"]"#))
      #expect(ending.output.contains("1 cl\\xff"))
    }

    @Test func columnsAndClassesOfATable() throws {
      try workspace.folder.write(
        "\"a\u{1b}[2J\nb\",\u{202e}kind\n1,\"x\u{7}\ny\"\n2,z\n3,z\n4,\"x\u{7}\ny\"\n", to: "t.csv")
      try workspace.folder.write(
        """
        name: t
        data: {dataset: {csv: {training: t.csv, label: "\\u202ekind"}}, batch: 2}
        model: [{dense: 2}]
        loss: cross_entropy
        optimizer: adam
        """, to: "t.yaml")
      let ending = try shell(
        """
        $N train t.yaml; $N evaluate runs/t; $N inspect t.csv; $N inspect t.csv --json
        $N predict runs/t --input t.csv; $N predict runs/t --input t.csv --json
        """)
      #expect(ending.status == 0, "\(ending.errors)")
      expectPlain(ending)
      let wrong = try shell("$N train t.yaml --set 'data.dataset.csv.label=a' --run w")
      CommandTests.expectRefusal(wrong, 65, [#"a\u{1B}[2J\nb"#, #"\u{202E}kind"#])
      expectPlain(wrong)
    }

    @Test(arguments: [
      ("\"a\\n\\e[31mb\": 1", 78, #"a\n\u{1B}[31mb"#), ("name: \"x\\u202ey\"", 78, #"x\u{202E}y"#),
      ("data: {dataset: \"no\\nne\"}", 78, #"no\nne"#),
    ])
    func namesInAConfiguration(_ line: String, _ status: Int32, _ text: String) throws {
      let key = line.prefix { $0 != ":" }
      let lines = [
        "name: x", "data: digits", "model: [flatten, {dense: 10}]", "loss: mse", "optimizer: adam",
      ].filter { !$0.hasPrefix("\(key):") }
      try workspace.folder.write((lines + [line]).joined(separator: "\n"), to: "x.yaml")
      let ending = try workspace.run("train", "x.yaml")
      CommandTests.expectRefusal(ending, status, [text])
      expectPlain(ending)
    }

    /// Commands that are given a path which is not there.
    @Test(arguments: [
      "train", "summary", "evaluate", "predict --input x", "inspect", "export --to h5",
      "data build", "data fetch", "sample --out x.png",
      "bench-comm --latency 1 --bandwidth 1 --config",
    ])
    func pathsInMessages(_ command: String) throws {
      let ending = try shell(
        "exec $N \(command) \"$(printf 'a\\nb\\033[2J\\342\\200\\256\\377c\\r\\td')\" 2>&1 >/dev/null"
      )
      #expect(ending.output.split(separator: "\n").count == 1, "\(ending.output)")
      #expect(ending.status != 0)
      #expect(ending.output.contains(#"a\nb\u{1B}[2J\u{202E}\xffc\r\td"#), "\(ending.output)")
    }

    @Test(
      .enabled(if: Workspace.python != nil, "needs a Python with h5py: NN_DIST_PYTHON"))
    func arraysOfAnHDF5File() throws {
      let python = try #require(Workspace.python)
      let ending = try shell(
        """
        \(python) - <<'END'
        import h5py
        with h5py.File("x.h5", "w") as file:
          file.create_dataset("a\\nb\\x1b[2J", data=[1.0, 2.0])
          file.attrs["c\\td\\u202e"] = "e\\nf\\x1b[2J"
          file.create_dataset(b"lat\\xe9in", data=[1.0])
        END
        $N inspect x.h5 || true
        $N inspect x.h5 --json || true
        """)
      expectPlain(ending)
      #expect(
        (ending.output + ending.errors).contains("\\u{1B}"), "\(ending.output)\(ending.errors)")
    }

    @Test func oneBadDescriptorDoesNotHideTheOthers() throws {
      let repository = "\(Workspace.repository)/Datasets"
      let ending = try shell(
        """
        mkdir Own; cp \(repository)/*.yaml Own; printf 'about: [\\n' > "Own/$(printf 'ba\\033d').yaml"
        NN_DIST_DATASETS=Own exec $N data list
        """)
      #expect(ending.status == 78)
      #expect(
        ending.errorLines.count == 1 && ending.errors.contains(#"Own/ba\u{1B}d.yaml:2"#),
        "\(ending.errors)")
      #expect(ending.output.contains("mnist") && ending.output.contains(#"ba\u{1B}d"#))
      expectPlain(ending)
      let json = try shell("NN_DIST_DATASETS=Own $N data list --json || true")
      let list = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
      #expect(list?.filter { $0["error"] is String }.count == 1)
    }

    /// A name that is legal, and one that no file system takes.
    @Test func longNames() throws {
      let ending = try shell(
        """
        L=$(printf 'x%.0s' $(seq 200)); $N train mlp.yaml --run "$L" $S
        $N evaluate "$L" --json
        """)
      #expect(ending.status == 0, "\(ending.errors)")
      let longer = try shell("exec $N train mlp.yaml --run $(printf 'x%.0s' $(seq 300)) $S")
      CommandTests.expectRefusal(longer, 73, ["File name too long"])
    }

    @Test func theReferenceListsLayers() throws {
      let list = try workspace.run("reference", "layers")
      #expect(list.output.contains("| `conv` | Slides"))
      #expect(try workspace.run("reference", "layer").output == list.output)
      let section = try workspace.run("reference", "conv")
      #expect(section.output.hasPrefix("### layer conv\n") && section.output.contains("`filters`"))
      CommandTests.expectRefusal(
        try workspace.run("reference", "Conv2d"), 64, ["did you mean 'conv'"])
    }

    /// A setting is no option, and a word of another program names the command.
    @Test func optionsThatAreSettings() throws {
      for (words, text) in [
        (["train", "mlp.yaml", "--epochs", "3"], "'--set train.epochs=VALUE'"),
        (["train", "mlp.yaml", "--lr=3"], "'--set optimizer.adam.learning_rate=VALUE'"),
        (["eval", "run"], "'evaluate'"),
        (["summary", "mlp.yaml", "--set", "train.metrics=[roc_auc]"], "'auc'"),
      ] {
        CommandTests.expectRefusal(try workspace.start(words).wait(), 64, [text])
      }
    }
  }
}
