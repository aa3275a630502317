import Foundation
import Reports
import RunFiles
import TestSupport

/// Records as runs leave them, from a fixed seed.
struct Records {
  var random = XorShift(seed: 7)
  static let day = 1_796_040_000.0

  /// A falling curve with noise.
  private mutating func loss(_ share: Double, _ low: Double) -> Double {
    low + 2.2 * exp(-5 * share) + Double.random(in: 0...0.05, using: &random)
  }

  mutating func metrics(
    epochs: Int, stepsPerEpoch: Int, names: [String] = ["accuracy"], logEvery: Int? = nil
  ) -> MetricsSeries {
    var metrics = MetricsSeries()
    for epoch in 1...max(1, epochs) where epochs > 0 {
      let step = epoch * stepsPerEpoch
      let time = Self.day + Double(step) * 0.0137
      if let logEvery {
        for inner in stride(from: step - stepsPerEpoch + logEvery, through: step, by: logEvery) {
          let share = Double(inner) / Double(epochs * stepsPerEpoch)
          let then = Self.day + Double(inner) * 0.0137
          let point = { (value: Double) in
            MetricsSeries.Point(step: inner, epoch: epoch, wallTime: then, value: value)
          }
          let noise = Double.random(in: -0.2...0.2, using: &random)
          metrics.add("loss", .step, point(max(0.01, loss(share, 0.05) + noise)))
          metrics.add("gradient_norm", .step, point(0.4 + abs(noise)))
        }
      }
      let share = Double(epoch) / Double(epochs)
      for split in [MetricsLine.Split.train, .validation] {
        let point = { (value: Double) in
          MetricsSeries.Point(step: step, epoch: epoch, wallTime: time, value: value)
        }
        metrics.add("loss", split, point(loss(share, split == .train ? 0.02 : 0.09)))
        for name in names {
          let value = 1 - loss(share, split == .train ? 0.01 : 0.03) / 2.5
          metrics.add(name, split, point(value))
        }
        if split == .train {
          metrics.add("learning_rate", split, point(0.003 * (1 + cos(.pi * share)) / 2))
          metrics.add("samples_per_second", split, point(12_000 + 900 * share))
        }
      }
    }
    return metrics
  }

  mutating func layers(epochs: Int, stepsPerEpoch: Int, tensors: Int) -> [LayersLine] {
    var lines: [LayersLine] = []
    for epoch in 1...epochs {
      var line: [LayersLine.Tensor] = []
      for tensor in 0..<tensors {
        let kind = tensor % 2 == 0 ? "weight" : "bias"
        let growth = 0.01 * Double(epoch) + Double.random(in: 0...0.1, using: &random)
        let gradient = pow(10, -Double(tensor) / 4) * Double.random(in: 0.5...1, using: &random)
        line.append(
          LayersLine.Tensor(
            name: "dense\(tensor / 2 + 1).\(kind)", weights: 3 + Double(tensor) + growth,
            gradient: tensor == 5 ? nil : gradient))
      }
      let dead = 0.03 + 0.1 * Double(epoch) / Double(epochs)
      lines.append(
        LayersLine(
          step: epoch * stepsPerEpoch, epoch: epoch, tensors: line,
          dead: [("relu1", dead), ("relu2", 0)]))
    }
    return lines
  }

  static func session(
    end: RunSession.End.Outcome? = .finished, at time: Double = Records.day, step: Int = 0,
    last: Int = 100, command: String = "nn-dist train configs/mnist-conv.yaml", message: String = ""
  ) -> RunSession {
    RunSession(
      start: .init(
        time: time, step: step, version: "0.9.0", command: command, host: "node01",
        processor: "AMD EPYC 9V74 80-Core Processor", cores: 2, ranks: 2, workers: 1,
        engine: "onednn"),
      end: end.map { outcome in
        RunSession.End(
          time: time + 93.4, step: last, outcome: outcome, message: message,
          code: outcome == .failed ? 65 : 0,
          next: outcome == .finished
            ? "" : "nn-dist train configs/mnist-conv.yaml --resume")
      })
  }

  /// A classifier of pictures, with all that a run of one can have.
  mutating func classifier(name: String = "mnist-conv", epochs: Int = 12) -> RunRecord {
    var record = RunRecord(path: "runs/\(name)")
    record.configuration = """
      name: \(name)
      seed: 1
      data:
        dataset: mnist
        batch: 64
      model:
        - conv: 16
        - relu
        - dense: 10
      loss: cross_entropy
      optimizer: {adam: {learning_rate: 0.003}}

      """
    record.metrics = metrics(
      epochs: epochs, stepsPerEpoch: 938, names: ["accuracy"], logEvery: 67)
    record.layers = layers(epochs: epochs, stepsPerEpoch: 938, tensors: 8)
    record.sessions = [Self.session(last: 938 * epochs)]
    record.findings.network = Self.drawing
    let names = (0..<10).map { "\($0)" }
    let counts = (0..<10).map { row in
      (0..<10).map { column in
        row == column ? 960 + row : (row * 7 + column * 3) % 11 == 0 ? 1 + (row + column) % 5 : 0
      }
    }
    record.findings.validation = ValidationFindings(
      step: 938 * epochs, isBest: true, samples: 10_000, confusion: (names, counts), pairs: [],
      worst: (0..<12).map { place in
        WorstSample(
          index: 1234 + 17 * place, loss: 8.5 - 0.3 * Double(place), truth: "\(place % 10)",
          answer: "\((place + 4) % 10)", probability: 0.99 - 0.02 * Double(place),
          content: .picture(Self.picture(seed: place)))
      })
    return record
  }

  /// A regression of the rows of a table.
  mutating func regression(name: String = "houses", epochs: Int = 50) -> RunRecord {
    var record = RunRecord(path: "runs/\(name)")
    record.configuration = "name: \(name)\nloss: mse\noptimizer: {adam: 0.05}\n"
    record.metrics = metrics(epochs: epochs, stepsPerEpoch: 2, names: ["mae", "r2"])
    record.sessions = [
      Self.session(end: .stoppedEarly, last: 2 * epochs, message: "no better loss for 10 epochs")
    ]
    var pairs: [(truth: Double, prediction: Double)] = []
    for _ in 0..<300 {
      let truth = Double.random(in: 200...1500, using: &random)
      pairs.append((truth, truth + Double.random(in: -120...120, using: &random)))
    }
    record.findings.validation = ValidationFindings(
      step: 2 * epochs, isBest: false, samples: 300, confusion: nil, pairs: pairs,
      worst: (0..<4).map { place in
        WorstSample(
          index: place, loss: 1.5 - 0.2 * Double(place), truth: "812.5", answer: "690.2",
          probability: nil,
          content: .row([("rooms", "3"), ("town", "Bern"), ("area", "80"), ("price", "812.5")]))
      })
    return record
  }

  /// A language model, with texts and maps.
  mutating func languageModel(name: String = "char-lstm", epochs: Int = 5) -> RunRecord {
    var record = RunRecord(path: "runs/\(name)")
    record.configuration = "name: \(name)\nloss: cross_entropy\nclip: {norm: 5}\n"
    record.metrics = metrics(
      epochs: epochs, stepsPerEpoch: 400, names: ["accuracy", "perplexity"], logEvery: 20)
    record.sessions = [
      Self.session(end: nil, command: "mpirun -np 2 nn-dist train configs/char-lstm.yaml --fresh")
    ]
    record.samples = (0..<5).map { place in
      SampleFile(
        step: 400 * (place + 1), name: "step-00000\(4 * (place + 1))00.txt",
        content: .text(
          "ROMEO:\nWhat light <through> yonder & window breaks?\nIt is the east, and number \(place)."
        ))
    }
    let text = Array("ROMEO:\nBut soft, what light through yonder window breaks? It is the east")
    record.findings.activations = [false, true].map { isAttention in
      let (rows, columns) = (isAttention ? text.count : 24, text.count)
      var values: [Float] = []
      for row in 0..<rows {
        for column in 0..<columns {
          values.append(
            isAttention
              ? (column <= row ? Float(exp(-0.2 * Double(row - column))) / 5 : 0)
              : Float(sin(Double(column) * 0.1 * Double(row + 1) / 3)))
        }
      }
      return ActivationMap(
        name: isAttention ? "attention1, head 1" : "lstm1, cell",
        columns: text.map { String($0) },
        rows: isAttention ? text.map { String($0) } : (0..<rows).map { "unit \($0)" },
        values: values, isAttention: isAttention)
    }
    return record
  }

  /// A generator of points in the plane, stopped on request.
  mutating func generator(name: String = "wgan-gp-toy", epochs: Int = 10) -> RunRecord {
    var record = RunRecord(path: "runs/\(name)")
    record.configuration = "name: \(name)\ngenerator: [{dense: 2}]\ncritic: [{dense: 1}]\n"
    record.metrics = metrics(
      epochs: epochs, stepsPerEpoch: 100, names: ["generator_loss", "wasserstein"])
    record.sessions = [Self.session(end: .stopped, last: 100 * epochs)]
    for place in 1...6 {
      var circles = ""
      for point in 0..<400 {
        let (angle, spread) = (Double(point % 8) * .pi / 4, 30.0 / Double(place))
        let x = 100 + 70 * cos(angle) + Double.random(in: -spread...spread, using: &random)
        let y = 100 + 70 * sin(angle) + Double.random(in: -spread...spread, using: &random)
        circles += "<circle cx=\"\(Int(x))\" cy=\"\(Int(y))\" r=\"2\" fill=\"#2b6cc4\"/>"
      }
      record.samples.append(
        SampleFile(
          step: 3000 * place, name: "step-0000\(3 * place)000.svg",
          content: .drawing(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"200\">"
              + "<rect width=\"200\" height=\"200\" fill=\"#ffffff\"/>\(circles)</svg>")))
    }
    return record
  }

  /// A run whose every name and text tries to become a part of the page.
  mutating func hostile() -> RunRecord {
    let evil = Self.evil
    var record = RunRecord(path: "runs/\(evil)")
    record.configuration = "name: \(evil)\n"
    for split in [MetricsLine.Split.train, .validation, .step] {
      for (name, value) in [("loss", 1.5), (evil, 0.25), ("\(evil)2", .nan)] {
        record.metrics.add(
          name, split, .init(step: 3, epoch: 1, wallTime: .infinity, value: value))
        record.metrics.add(name, split, .init(step: 6, epoch: 2, wallTime: -1, value: 1e308))
        record.metrics.add(name, split, .init(step: 9, epoch: 3, wallTime: nil, value: -1e308))
      }
    }
    record.layers = [
      LayersLine(
        step: 3, epoch: 1,
        tensors: [.init(name: evil, weights: .infinity, gradient: .nan)], dead: [(evil, 7)])
    ]
    var session = Self.session(end: .failed, command: evil, message: evil)
    session.start.host = evil
    session.start.processor = evil
    session.start.engine = evil
    session.start.version = evil
    session.start.time = .nan
    session.end?.next = evil
    record.sessions = [session]
    record.findings.network = Self.evilDrawing
    record.findings.validation = ValidationFindings(
      step: 3, isBest: true, samples: 2, confusion: ([evil, "b"], [[1, 2], [0, 0]]),
      pairs: [(1, 2), (.nan, 3), (.infinity, -.infinity)],
      worst: [
        WorstSample(
          index: 1, loss: .nan, truth: evil, answer: evil, probability: .nan,
          content: .text(evil)),
        WorstSample(
          index: 2, loss: 2, truth: evil, answer: evil, probability: 2,
          content: .row([(evil, evil)])),
        WorstSample(
          index: 3, loss: 1, truth: evil, answer: evil, probability: nil,
          content: .picture(Array(evil.utf8))),
      ])
    record.samples = [
      SampleFile(step: 1, name: evil, content: .text(evil)),
      SampleFile(step: 2, name: evil, content: .drawing(Self.evilDrawing)),
      SampleFile(step: 3, name: evil, content: .picture([])),
    ]
    record.findings.activations = [
      ActivationMap(
        name: evil, columns: [evil, "b"], rows: [evil], values: [.nan, 1e30], isAttention: true),
      ActivationMap(name: "damaged", columns: ["a"], rows: ["b"], values: [], isAttention: false),
    ]
    record.notes = [evil]
    return record
  }

  /// One of each kind.
  var all: [RunRecord] {
    mutating get {
      [classifier(), regression(), languageModel(), generator(), hostile(), manyClasses()]
    }
  }

  /// Forty classes, and a resumed run whose metrics have gaps.
  mutating func manyClasses() -> RunRecord {
    var record = RunRecord(path: "runs/many")
    record.metrics = metrics(epochs: 60, stepsPerEpoch: 25, names: ["accuracy", "auc"])
    for step in [1510, 1520, 1530] {
      record.metrics.add(
        "loss", .train,
        .init(step: step, epoch: 61, wallTime: nil, value: step == 1520 ? .nan : 0.02))
    }
    record.layers = layers(epochs: 60, stepsPerEpoch: 25, tensors: 60)
    record.sessions = [
      Self.session(end: .stopped, last: 700), Self.session(at: Self.day + 9000, step: 700),
    ]
    let counts = (0..<40).map { row in
      (0..<40).map { $0 == row ? 80 - row : (row * 5 + $0 * 3) % 37 == 0 ? 4 : 0 }
    }
    record.findings.validation = ValidationFindings(
      step: 1500, isBest: false, samples: 4000,
      confusion: ((0..<40).map { "class \($0)" }, counts), pairs: [], worst: [])
    return record
  }

  static let evil =
    "</script><script>alert(1)</script>\"'&<img src=x onerror=alert(2)>\u{2028}\u{202e}\u{0}`${1}`"

  private static let evilDrawing = """
    <svg xmlns="http://www.w3.org/2000/svg" onload="alert(3)" style="position:fixed">\
    <g id="data" onclick="alert(4)" fill="url(https://example.org/x)"><title>a</title>\
    <rect width="9" height="9" fill="red" style="x"/></g></svg>
    """

  private static let drawing = """
    <svg xmlns="http://www.w3.org/2000/svg" width="900" height="260" viewBox="0 0 900 260" \
    role="img" text-anchor="middle">
    <title>mnist-conv</title>
    <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" \
    orient="auto"><path d="M0 0L8 4L0 8Z" fill="var(--faint)" stroke="none"/></marker></defs>
    <g fill="none" stroke="var(--faint)" stroke-width="1.4">
    <path d="M160 120L240 120" marker-end="url(#tip)"/></g>
    <rect x="40" y="90" width="120" height="60" fill="var(--fill)" stroke="var(--line)" rx="6"/>
    <text x="100" y="125" font-size="14" font-weight="600" fill="var(--ink)">conv 3&lt;x&gt;3</text>
    <rect x="240" y="90" width="120" height="60" fill="var(--fill)" stroke="var(--line)" rx="6"/>
    <text x="300" y="125" font-size="14" font-weight="400" fill="var(--ink)">dense</text>
    </svg>

    """

  /// A grey picture of 28 x 28 pixels.
  static func picture(seed: Int) -> [UInt8] {
    var pixels: [UInt8] = []
    for row in 0..<28 {
      for column in 0..<28 {
        let distance = hypot(Double(row) - 14, Double(column) - 10 - Double(seed % 8))
        pixels.append(UInt8(max(0, 255 - abs(distance - 7) * 70)))
      }
    }
    return pngFile(width: 28, height: 28, pixels)
  }
}

extension MetricsSeries {
  /// The lines of `metrics.jsonl`, with a number of a curve on each.
  var lines: String {
    curves.flatMap { curve in
      curve.points.map { point in
        JSONValue.object([
          ("split", .string(curve.split.rawValue)), ("name", .string(curve.name)),
          ("step", .integer(point.step)), ("value", .number(point.value)),
        ]).description
      }
    }.joined(separator: "\n")
  }
}
