internal import Charts
internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Reports
internal import RunFiles

/// The command `nn-dist plot RUN...`.
struct PlotCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let metrics = arguments.metricNames.isEmpty ? ["loss"] : arguments.metricNames
    let selection = try communicator.onFirstRank { [arguments] () throws(Failure) in
      var records: [RunRecord] = []
      let split = try Self.split(arguments.split)
      for path in arguments.operands { records.append(try RunRecord(reading: path)) }
      return try CurveSelection(metrics, of: records, split: split)
    }
    guard let selection else { return .done }
    if arguments.printsJSON {
      console.print(selection.json.description)
      return .done
    }
    for note in selection.notes { Console.standardError.print(note) }
    if console.isTerminal {
      for metric in metrics { draw(metric, selection, console, among: metrics.count) }
    } else {
      console.print(lines: selection.rows)
    }
    return .done
  }

  private func draw(
    _ metric: String, _ selection: CurveSelection, _ console: Console, among count: Int
  ) {
    let curves = selection.columns.filter { $0.curve.name == metric }.map { column in
      TerminalPlot.Curve(
        name: selection.name(of: column, withMetric: false),
        points: column.curve.points.map { (Double(selection.place(of: $0)), $0.value) })
    }
    var form = TerminalPlot.Form()
    form.width = console.width
    // A line stays for the prompt of the shell.
    form.height = (console.height - 1) / count
    form.hasUnicode = console.hasUnicode
    form.hasColor = console.hasColor
    form.isLogarithmic = arguments.isLogarithmic
    let scale = form.isLogarithmic ? ", logarithmic" : ""
    let plot = TerminalPlot("\(metric) over \(selection.unit)s\(scale)", curves, form)
    for line in plot.lines { console.print(parts: line) }
  }

  private static func split(_ word: String?) throws(Failure) -> MetricsLine.Split? {
    guard let word else { return nil }
    guard let split = MetricsLine.Split(rawValue: word) else {
      throw Failure(
        .usage,
        "option '--split': expected train, validation, test or step, found \(quoted(word))")
    }
    return split
  }
}
