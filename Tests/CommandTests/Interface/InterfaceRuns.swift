import Foundation
import HDF5Files
import TestSupport
import Testing

/// Small runs of every kind, and what they print and leave behind.
struct InterfaceRuns {
  private let workspace: Workspace
  /// The caches in the order in which runs made them.
  private var caches: [(run: String, name: String)] = []

  /// A configuration for each kind of file: all layers with parameters, real targets, two networks.
  private static let configurations = [
    "classes": """
    data: {dataset: digits, train_samples: 24, test_samples: 8, batch: 8}
    model:
      - conv: 2
      - batchnorm
      - relu
      - conv_transpose: 2
      - instancenorm
      - maxpool: 2
      - prelu
      - flatten
      - layernorm
      - dense: 4
      - residual: [{dense: 4}]
      - dropout: 0.5
      - dense: 10
    loss: cross_entropy
    optimizer: {sgd: {learning_rate: 0.001, momentum: 0.9}}
    train: {epochs: 2, metrics: [accuracy, top2], checkpoint: {best: loss}, export: h5}
    """,
    "words": """
    data: {dataset: {csv: {training: words.csv, label: y}}, normalise: false, batch: 2}
    model: [{embedding: {entries: 4, size: 2}}, flatten, {dense: 2}]
    loss: cross_entropy
    optimizer: rmsprop
    train: {steps: 2, checkpoint: 1 step}
    """,
    "values": """
    data:
      dataset: {csv: {training: values.csv, targets: [y], categorical: [k]}}
      validation: 0.5
      batch: 2
    model: [{dense: 2}, sigmoid, {dense: 1}]
    loss: mse
    optimizer: adagrad
    train: {steps: 2, export: smodel}
    """,
    "maps": """
    data: {dataset: digits, train_samples: 24, test_samples: 8, batch: 8}
    model: [{conv: 2}, batchnorm, relu, {maxpool: 2}, flatten, {dense: 10}, softmax]
    loss: cross_entropy
    optimizer: {adam: {amsgrad: true}}
    train: {steps: 1, export: smodel}
    """,
    "networks": """
    data: {dataset: gaussian1d, train_samples: 64, batch: 16, normalise: false}
    generator: [{dense: 2}, relu, {dense: 1}]
    critic: [{dense: 2}, relu, {dense: 1}]
    adversarial: {loss: wasserstein_gp, noise: {size: 1, kind: normal}, critic_steps: 2}
    optimizer: {adam: 0.001}
    train: {steps: 12, samples: {every: 6 steps, count: 4}}
    """,
  ]

  init() throws {
    workspace = try Workspace()
    try workspace.folder.write("x,z,y\n1,2,a\n2,1,b\n3,0,a\n0,3,b\n", to: "words.csv")
    try workspace.folder.write("x,k,y\n1,a,1\n2,b,3\n4,a,4\n0,b,2\n", to: "values.csv")
    try workspace.folder.write(
      """
      name: steps
      data: {dataset: adding, steps: 3, train_samples: 8, test_samples: 4, batch: 4}
      model: [{rnn: {units: 2, output: last}}, {dense: 1}]
      loss: mse
      optimizer: sgd
      """, to: "steps.yaml")
    try workspace.folder.write(
      """
      name: letters
      data: {dataset: sentences, steps: 4, train_samples: 8, test_samples: 4, batch: 4}
      model: [{embedding: {size: 2}}, {rnn: 2}, {dense: 26}]
      loss: cross_entropy
      optimizer: sgd
      train: {steps: 1}
      """, to: "letters.yaml")
    for (name, text) in Self.configurations {
      try workspace.folder.write("name: \(name)\n\(text)\n", to: "\(name).yaml")
      let before = Set(workspace.folder.names(in: "cache"))
      _ = try output("train \(name).yaml")
      let made = Set(workspace.folder.names(in: "cache")).subtracting(before)
      caches += made.map { (name, $0) }
    }
    _ = try output("train words.yaml --set seed=2 --run runs/other")
    _ = try output("train letters.yaml")
    for (size, steps) in [(2, 16), (2, 64), (8, 64), (8, 256), (32, 256)] {
      _ = try output(
        "train letters.yaml --run runs/\(size)-\(steps) --set optimizer=adam --set optimizer.adam.learning_rate=0.01 "
          + "--set model.0.embedding.size=\(size) --set model.1.rnn.units=\(size) "
          + "--set train.steps=\(steps) --set data.train_samples=1024")
    }
    _ = try output("sample runs/networks --count 4 --out samples.h5")
    try workspace.folder.copy("words.csv", to: "new.csv")
    try FileManager.default.createDirectory(
      atPath: workspace.folder.path(of: "data/mnist"), withIntermediateDirectories: true)
  }

  private func output(_ words: String, ranks: Int? = nil) throws -> String {
    let ending = try workspace.start(words.split(separator: " ").map(String.init), ranks: ranks)
      .wait()
    // Doctor and diff leave with the status of what they have found.
    try #require(
      ending.status == 0 || ["doctor", "diff"].contains { words.hasPrefix($0) },
      "\(words): \(ending.errors)")
    try #require(ending.errors.isEmpty, "\(words)")
    return ending.output
  }

  // MARK: Answers

  /// Commands that answer in JSON; the first words that a line of the snapshot needs are its label.
  private static let commands: [(label: String, words: String)] = [
    ("evaluate", "evaluate runs/classes"), ("evaluate", "evaluate runs/values"),
    ("evaluate", "evaluate runs/values/model.smodel --input values.csv"),
    ("predict", "predict runs/words --input words.csv"),
    ("predict", "predict runs/values --input values.csv"),
    ("predict", "predict runs/values/model.smodel --input values.csv"),
    ("sample", "sample runs/letters --prompt the --length 3"),
    ("inspect checkpoint", "inspect runs/classes"), ("inspect checkpoint", "inspect runs/values"),
    ("inspect checkpoint", "inspect runs/networks"),
    ("inspect model", "inspect runs/values/model.smodel"),
    ("inspect model", "inspect runs/maps/model.smodel"),
    ("inspect checkpoint", "inspect runs/classes/model.h5"),
    ("inspect HDF5", "inspect samples.h5"),
    ("crossval", "crossval values.yaml --folds 2 --set data.batch=1"),
    ("init", "init values.csv --output draft.yaml"),
    ("inspect configuration", "inspect classes.yaml"),
    ("inspect configuration", "inspect networks.yaml"), ("inspect table", "inspect values.csv"),
    ("export", "export runs/classes --to h5 --output x.h5"),
    ("export", "export runs/values --to smodel --output x.smodel"),
    ("doctor", "doctor --run /proc/none"), ("summary", "summary classes.yaml --plan"),
    ("summary", "summary networks.yaml"), ("gradcheck", "gradcheck values.yaml"),
    ("gradcheck --through-time", "gradcheck steps.yaml --through-time"),
    ("bench", "bench values.yaml --steps 2"),
    ("verify", "verify values.yaml --steps 2 --ranks 1 --workers 1"),
    ("plot", "plot runs/classes"), ("diff", "diff runs/words runs/words"),
    ("diff", "diff runs/words runs/other"),
    ("data build", "data build words.yaml --set data.dataset.csv.training=new.csv"),
    ("data list", "data list"), ("plan", "plan --flops 1e19"),
    ("plan", "plan letters.yaml --budget 1s --ranks 2"),
    ("plan", "plan --fit runs/2-16 runs/2-64 runs/8-64 runs/8-256 runs/32-256 --flops 1e19"),
  ]

  /// The fields of every answer, and of the lines of `metrics.jsonl`.
  func answers() throws -> Set<InterfaceLine> {
    var answers: [String: JSONFields] = [:]
    func add(_ text: some StringProtocol, to label: String) throws {
      let value = try JSONDecoder().decode(JSONContent.self, from: Data(text.utf8))
      answers[label, default: JSONFields()].add(value)
    }
    for (label, words) in Self.commands { try add(output("\(words) --json"), to: label) }
    try add(output("bench-comm --config values.yaml --json", ranks: 2), to: "bench-comm")
    for name in Self.configurations.keys {
      let lines = try workspace.folder.text(of: "runs/\(name)/metrics.jsonl")
      for line in lines.split(separator: "\n") { try add(line, to: "metrics.jsonl") }
    }
    // What doctor looks at is not there on every machine.
    return Set(
      answers.flatMap { label, fields in
        fields.lines(of: label, typed: label != "doctor")
      })
  }

  // MARK: Files

  /// The names in run directories, and what the files in them, caches and exports hold.
  ///
  /// After each comes which of the runs have it.
  func files() throws -> Set<InterfaceLine> {
    var runs: [InterfaceLine: Set<String>] = [:]
    func add(_ lines: some Sequence<InterfaceLine>, of run: String) {
      for line in lines { runs[line, default: []].insert(run) }
    }
    for name in Self.configurations.keys {
      let run = workspace.folder.path(of: "runs/\(name)")
      let paths = try #require(FileManager.default.enumerator(atPath: run))
      add(paths.compactMap { $0 as? String }.map { InterfaceLine("run \($0)", "") }, of: name)
      let checkpoint = try #require(workspace.checkpoints(of: "runs/\(name)").last)
      add(
        try contents(of: "runs/\(name)/checkpoints/\(checkpoint)", "checkpoint"), of: name)
    }
    #expect(caches.count == 2)
    for cache in caches { add(try contents(of: "cache/\(cache.name)", "cache"), of: cache.run) }
    add(try contents(of: "runs/classes/model.h5", "model.h5"), of: "classes")
    add(try contents(of: "samples.h5", "samples.h5"), of: "networks")
    for (name, generation) in [("values", 1), ("maps", 2)] {
      let model = try JSONDecoder().decode(
        JSONContent.self, from: workspace.folder.data(of: "runs/\(name)/model.smodel"))
      var fields = JSONFields(distinguishesTypes: true)
      fields.add(model)
      add(fields.lines(of: "smodel of Neuron \(generation)", typed: true), of: name)
    }
    return Set(
      runs.map { line, runs in
        let all = runs.count == Self.configurations.count
        let names = all ? "all" : runs.sorted().joined(separator: " ")
        return InterfaceLine(
          line.name, "\(line.detail.isEmpty ? "" : "\(line.detail); ")\(names)")
      })
  }

  /// Groups, arrays and attributes of an HDF5 file.
  private func contents(of file: String, _ label: String) throws -> [InterfaceLine] {
    try usingHDF5 {
      let reader = try HDF5Reader(opening: workspace.folder.path(of: file))
      var lines: [InterfaceLine] = []
      var objects = ["/"]
      for entry in try reader.outline() {
        let kind =
          switch entry.content {
          case .group: "group"
          case .dataset(let type, let shape): "\(type), \(shape.count) axes"
          case .link: "link"
          case .other: "other"
          }
        lines.append(InterfaceLine("\(label) \(entry.path)", kind))
        if entry.content != .link { objects.append(entry.path) }
      }
      for object in objects {
        for attribute in try reader.attributes(of: object) {
          lines.append(
            InterfaceLine("\(label) \(object)@\(attribute.name)", attribute.value.kind))
        }
      }
      return lines
    }
  }
}

extension HDF5Attribute {
  fileprivate var kind: String {
    switch self {
    case .integer: "integer"
    case .number: "number"
    case .numbers: "numbers"
    case .text: "text"
    }
  }
}
