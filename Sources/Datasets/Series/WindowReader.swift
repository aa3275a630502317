internal import Diagnostics

/// Reads the windows of a part of each series, one series after the other.
final class WindowReader: SampleReader {
  let targetSource: String
  let count: Int
  let columns: CSVColumns?
  fileprivate(set) var heldOut: (any SampleReader)?
  private let window: SeriesWindow
  private let width: Int
  private let steps: [SeriesSteps]
  /// The series and the first row of the windows that are left.
  private var starts: ArraySlice<(series: Int, row: Int)>

  /// Each part must hold a window; `purpose` is what it is for.
  init(
    _ table: SeriesTable, _ columns: CSVColumns, _ steps: [SeriesSteps], _ parts: [Range<Int>],
    for purpose: String
  ) throws(Failure) {
    let window = table.window
    var starts: [(series: Int, row: Int)] = []
    for (place, part) in parts.enumerated() {
      let series = table.series[place]
      guard part.count >= window.rows else {
        let line = series.lines[max(0, min(series.rows, part.upperBound) - 1)]
        throw Failure(
          .badData,
          "\(table.path):\(line): the series"
            + (series.name.isEmpty ? "" : " '\(series.name)'")
            + " has \(part.count.grouped) rows for \(purpose) up to here, a window of length "
            + "\(window.length) and horizon \(window.horizon) needs \(window.rows.grouped): "
            + "shorten the window, change the shares or add rows")
      }
      starts += Swift.stride(
        from: part.lowerBound, through: part.upperBound - window.rows, by: window.stride
      ).map { (series: place, row: $0) }
    }
    self.starts = starts[...]
    self.steps = steps
    self.window = window
    self.columns = columns
    count = starts.count
    width = columns.targetPlaces.count * window.horizon
    targetSource = table.path
  }

  var shape: [Int] { columns?.shape ?? [] }
  var number: Dataset.Number { .float32 }
  var normalisation: Normalisation? { .identity }
  var targets: TargetKind { .values(shape: [width]) }

  func read(
    _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    for (sample, start) in starts.prefix(count).enumerated() {
      let (steps, end) = (steps[start.series], start.row + window.length)
      let numbers = steps[start.row..<end]
      unsafe copy(numbers, to: samples, sample)
      unsafe copy(steps.targets(end..<end + window.horizon)[...], to: targets, sample)
    }
    starts = starts.dropFirst(count)
  }

  private func copy(
    _ numbers: ArraySlice<Float>, to memory: UnsafeMutableRawBufferPointer, _ sample: Int
  ) {
    unsafe numbers.withUnsafeBytes { bytes in
      let start = sample * bytes.count
      unsafe UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + bytes.count])
        .copyMemory(from: bytes)
    }
  }
}

extension CSV {
  /// The windows of series, in order of time: training, then validation, then test.
  func series(
    _ window: SeriesWindow, _ options: ReadingOptions
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    let known = options.known?.coding.columns?.features
    if let network = options.known, known == nil { throw noTable(network) }
    let table = try SeriesTable(files[0], settings, window, known: known)
    let parts = table.split(validation: options.heldOut, test: settings.testShare)
    let columns = CSVColumns(
      features: known
        ?? table.features(
          measuredOn: parts.training, standardises: options.standardises && settings.standardises),
      target: settings.target, separator: settings.separator, window: window)
    guard columns.targetScales.count == settings.targets.count else {
      throw Failure(
        .badData, "'\(files[0])': the targets must be columns of numbers that are inputs too")
    }
    let steps = table.series.map { SeriesSteps($0, columns) }
    let training = try WindowReader(table, columns, steps, parts.training, for: "training")
    if options.heldOut != nil {
      training.heldOut = try WindowReader(
        table, columns, steps, parts.validation, for: "validation")
    }
    if settings.testShare != nil {
      return (training, try WindowReader(table, columns, steps, parts.test, for: "the test"))
    }
    guard files.count > 1 else { return (training, nil) }
    let other = try SeriesTable(files[1], settings, window, known: columns.features)
    return (
      training,
      try WindowReader(
        other, columns, other.series.map { SeriesSteps($0, columns) },
        other.series.map { 0..<$0.rows }, for: "the test")
    )
  }
}
