internal import Configuration
internal import Diagnostics
internal import EventFiles
internal import Files
internal import Reports
internal import RunFiles

/// What TensorBoard shows of a run.
final class RunEvents {
  private let log: EventLog

  /// Goes on after a step.
  init(
    _ folder: String, of configuration: RunConfiguration, after step: Int
  ) throws(Failure) {
    log = try EventLog(folder, after: step)
    try log.begin(
      configuration.settings.plainValues.map { ($0.name, $0.value.shown) },
      configuration: configuration.settings.yaml(includingAll: true), time: secondsSince1970())
  }

  /// Lines of epochs go to the curves of their split, those of steps and rates to the run's own.
  func add(_ lines: [MetricsLine]) throws(Failure) {
    for line in lines {
      let isRate = { ["learning_rate", "samples_per_second"].contains($0) }
      let rates = line.values.filter { isRate($0.name) }
      let metrics = line.values.filter { !isRate($0.name) }
      switch line.split {
      case .step:
        try log.scalars(
          line.values.map { ("step/\($0.name)", $0.value) }, .run, step: line.step,
          time: line.wallTime)
      case .train, .validation, .test:
        try log.scalars(
          metrics, line.split == .train ? .training : .validation, step: line.step,
          time: line.wallTime)
        try log.scalars(rates, .run, step: line.step, time: line.wallTime)
      }
    }
  }

  /// The distributions of weights and gradients, and the shares of dead units.
  func add(_ report: EpochReport) throws(Failure) {
    guard let time = report.lines.first?.wallTime else { return }
    let trained = Set(report.tensors.filter { $0.gradient != nil }.map(\.name))
    try report.copy?.forEachTensor { (name, weights, gradient) throws(Failure) in
      try log.histogram("weights/\(name)", weights, step: report.step, time: time)
      guard trained.contains(name) else { return }
      try log.histogram("gradients/\(name)", gradient, step: report.step, time: time)
    }
    try log.scalars(
      (report.probe?.dead ?? []).map { ("dead/\($0.layer)", $0.share) }, .run, step: report.step,
      time: time)
  }

  /// A picture or a text that the network made; other files are left out.
  func add(sample file: String, after step: Int, time: Double) throws(Failure) {
    if file.hasSuffix(".png") {
      var bytes: [UInt8] = []
      try unsafe readFile(file) { unsafe bytes.append(contentsOf: $0) }
      try log.picture("samples", png: bytes, step: step, time: time)
    } else if file.hasSuffix(".txt") {
      try log.text("samples", try readText(file), step: step, time: time)
    }
  }

  func end(_ end: RunSession.End) throws(Failure) {
    try log.end(end.outcome == .failed ? .failed : .finished, step: end.step, time: end.time)
  }
}

extension Setting {
  /// The value in a table of runs.
  fileprivate var shown: Hyperparameter {
    switch self {
    case .integer(let number): .number(Double(number))
    case .number(let number): .number(number)
    case .boolean(let flag): .flag(flag)
    case .text(let text), .choice(let text): .word(text)
    case .timespan(let time): .word(time.description)
    case .variant(let settings): .word(settings.name)
    case .section, .list, .map: .word("")
    }
  }
}
