package import Diagnostics
internal import Files
internal import Glibc
internal import JSON
internal import Reports

extension RunRecord {
  /// Reads the files of a run's directory.
  ///
  /// Throws only if there is no run. A damaged line is left out, and `notes` says so.
  package init(reading path: String) throws(Failure) {
    self.init(path: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)
    guard isDirectory(self.path) else {
      throw Failure(
        .noInput,
        fileStatus(path) == nil
          ? "run '\(path)' does not exist: expected a directory such as runs/conv"
          : "'\(path)' is a file: expected the directory of a run, such as runs/conv")
    }
    guard let text = try? readText("\(self.path)/config.yaml") else {
      throw Failure(
        .noInput, "'\(path)' contains no run: expected a file config.yaml in it")
    }
    configuration = text
    readLines("metrics.jsonl") { record, line in record.add(metrics: line) }
    readLines("layers.jsonl") { record, line in record.add(layers: line) }
    readLines("run.jsonl") { record, line in record.add(session: line) }
    readFindings()
    readSamples()
  }

  /// Reads each whole line of a file; `add` returns what is wrong with it, or nil.
  private mutating func readLines(
    _ name: String, _ add: (inout RunRecord, JSONValue) -> String?
  ) {
    let path = "\(path)/\(name)"
    guard fileStatus(path) != nil else { return }
    var bytes: [UInt8] = []
    do throws(Failure) {
      try unsafe readFile(path) { unsafe bytes.append(contentsOf: $0) }
    } catch {
      notes.append(error.message)
      return
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var damaged: [(number: Int, problem: String)] = []
    for (place, line) in lines.dropLast().enumerated() {
      do throws(Failure) {
        let value = try JSONValue(reading: JSONText(Array(line), path: path))
        if let problem = add(&self, value) { damaged.append((place + 1, problem)) }
      } catch {
        damaged.append((place + 1, "it is no JSON"))
      }
    }
    if lines.last?.isEmpty == false {
      damaged.append((lines.count, "it has no end: the run was interrupted while it wrote it"))
    }
    guard let first = damaged.first else { return }
    let rest = damaged.count - 1
    let others = rest == 0 ? "" : ", and \(rest.grouped) more \(rest == 1 ? "line" : "lines")"
    notes.append("\(name): line \(first.number)\(others) left out: \(first.problem)")
  }

  /// Adds a line of `metrics.jsonl`; returns what is wrong with it.
  private mutating func add(metrics line: JSONValue) -> String? {
    guard let step = line["step"]?.integer, step >= 0, let epoch = line["epoch"]?.integer,
      let split = line["split"]?.text.flatMap(MetricsLine.Split.init(rawValue:))
    else { return "expected step, epoch and split" }
    guard let loss = line["loss"]?.double else { return "expected a loss" }
    let time = line["wall_time"]?.double.flatMap { $0.isFinite ? $0 : nil }
    var values = [("loss", loss)]
    for (name, value) in line["metrics"]?.members ?? [] {
      guard let value = value.double else { return "expected a number for \(quoted(name))" }
      values.append((name, value))
    }
    for name in ["learning_rate", "samples_per_second", "gradient_norm"] {
      // A metric of an adversarial run has the name `gradient_norm`, too, and keeps it.
      guard let value = line[name]?.double, value.isFinite,
        !values.contains(where: { $0.0 == name })
      else { continue }
      values.append((name, value))
    }
    // The line of a resumed run that was not cut would double what is there.
    if let last = metrics[split, "loss"]?.points.last, last.step >= step {
      return "it is of step \(step), after one of step \(last.step)"
    }
    for (name, value) in values {
      metrics.add(
        name, split,
        MetricsSeries.Point(step: step, epoch: epoch, wallTime: time, value: value))
    }
    return nil
  }

  private mutating func add(layers line: JSONValue) -> String? {
    guard let layer = LayersLine(line) else { return "expected step, epoch and weights" }
    if let last = layers.last, last.step >= layer.step {
      return "it is of step \(layer.step), after one of step \(last.step)"
    }
    layers.append(layer)
    return nil
  }

  private mutating func add(session line: JSONValue) -> String? {
    if let start = RunSession.Start(line) {
      sessions.append(RunSession(start: start))
    } else if let end = RunSession.End(line), !sessions.isEmpty {
      sessions[sessions.count - 1].end = end
    } else {
      return "expected how a run started or ended"
    }
    return nil
  }

  private mutating func readFindings() {
    let path = "\(path)/report.json"
    guard let status = fileStatus(path) else { return }
    do throws(Failure) {
      guard status.st_size <= Self.findingsLimit else {
        throw Failure(.badData, "more than \(Self.findingsLimit.asBytes)")
      }
      var bytes: [UInt8] = []
      try unsafe readFile(path) { unsafe bytes.append(contentsOf: $0) }
      findings = Findings(try JSONValue(reading: JSONText(bytes, path: path)))
    } catch {
      notes.append("report.json is left out: \(error.message)")
    }
  }

  private static let findingsLimit = 1 << 26
}

// MARK: Samples

extension RunRecord {
  /// The files of samples that a page shows, the first, the last and some between them.
  private static let sampleLimit = 8
  /// The greatest bytes of one of them.
  private static let sampleBytes = 1 << 19

  /// Reads some of the files in `samples/` anew.
  package mutating func readSamples() {
    let folder = "\(path)/samples"
    guard isDirectory(folder), let names = try? fileNames(in: folder) else { return }
    let steps = names.compactMap { name in SampleFile.step(of: name).map { (name, $0) } }
      .sorted { $0.1 < $1.1 }
    let count = min(steps.count, Self.sampleLimit)
    let chosen = (0..<count).map { place in
      steps[count == 1 ? steps.count - 1 : place * (steps.count - 1) / (count - 1)]
    }
    samples = chosen.compactMap { name, step -> SampleFile? in
      guard let status = fileStatus("\(folder)/\(name)"), status.st_size <= Self.sampleBytes else {
        return nil
      }
      var bytes: [UInt8] = []
      let path = "\(folder)/\(name)"
      guard (try? unsafe readFile(path) { unsafe bytes.append(contentsOf: $0) }) != nil else {
        return nil
      }
      return SampleFile(step: step, name: name, bytes: bytes)
    }
  }
}

extension SampleFile {
  /// The step in a name such as `step-000003000.png`; nil for other files.
  fileprivate static func step(of name: String) -> Int? {
    guard name.hasPrefix("step-") else { return nil }
    let digits = name.dropFirst(5).prefix { $0.isASCII && $0.isNumber }
    let ending = name.dropFirst(5 + digits.count)
    return [".png", ".svg", ".csv", ".txt"].contains(ending) ? Int(digits) : nil
  }

  fileprivate init(step: Int, name: String, bytes: [UInt8]) {
    let content: Content
    if name.hasSuffix(".png") {
      content = .picture(bytes)
    } else {
      let text = String(decoding: bytes, as: UTF8.self)
      content = name.hasSuffix(".svg") ? .drawing(text) : .text(text)
    }
    self.init(step: step, name: name, content: content)
  }
}
