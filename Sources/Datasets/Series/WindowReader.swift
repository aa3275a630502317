internal import Diagnostics

/// Reads the windows of a part of each series, one series after the other.
final class WindowReader: SampleReader {
  let targetSource: String
  let columns: CSVColumns?
  fileprivate(set) var heldOut: (any SampleReader)?
  private let places: WindowPlaces
  private let parts: [ArraySlice<Float>]
  private let targetPlaces: [Int]
  private let width: Int
  private var next = 0

  /// Each part must hold a window; `purpose` is what it is for.
  init(
    _ table: SeriesTable, _ columns: CSVColumns, _ steps: [SeriesSteps], _ parts: [Range<Int>],
    for purpose: String
  ) throws(Failure) {
    let window = table.window
    for (series, part) in zip(table.series, parts) where part.count < window.rows {
      let line = series.lines[max(0, min(series.rows, part.upperBound) - 1)]
      throw Failure(
        .badData,
        "\(table.path):\(line): the series"
          + (series.name.isEmpty ? "" : " '\(series.name)'")
          + " has \(part.count.grouped) rows for \(purpose) up to here, a window of length "
          + "\(window.length) and horizon \(window.horizon) needs \(window.rows.grouped): "
          + "shorten the window, change the shares or add rows")
    }
    guard let places = WindowPlaces(window, rows: parts.map(\.count)) else {
      preconditionFailure("a part without a window")
    }
    self.places = places
    self.parts = zip(steps, parts).map { $0[$1] }
    self.columns = columns
    targetPlaces = columns.targetPlaces
    width = columns.width
    targetSource = table.path
  }

  var count: Int { places.count }
  var series: [ArraySlice<Float>]? { parts }
  var shape: [Int] { [places.window.length, width] }
  var number: Dataset.Number { .float32 }
  var normalisation: Normalisation? { .identity }
  var targets: TargetKind { .values(shape: [places.window.horizon * targetPlaces.count]) }

  func read(
    _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    let size = places.window.length * width
    let samples = unsafe samples.assumingMemoryBound(to: Float.self)
    let targets = unsafe targets.assumingMemoryBound(to: Float.self)
    var target = 0
    for sample in 0..<count {
      let (part, step, _) = places.place(of: next + sample)
      let start = parts[part].startIndex + step * width
      unsafe parts[part][start..<start + size].withUnsafeBufferPointer {
        _ = unsafe UnsafeMutableBufferPointer(rebasing: samples[(sample * size)...])
          .update(fromContentsOf: $0)
      }
      for ahead in 0..<places.window.horizon {
        for place in targetPlaces {
          unsafe targets[target] = parts[part][start + size + ahead * width + place]
          target += 1
        }
      }
    }
    next += count
  }
}

extension CSV {
  /// The windows of series, in order of time: training, then validation, then test.
  func series(
    _ window: SeriesWindow, _ options: ReadingOptions
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    let known = options.known?.coding.columns?.features
    if let network = options.known, network.coding.columns?.textLength ?? 0 > 0 || known == nil {
      throw noTable(network)
    }
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
    guard let testFile else { return (training, nil) }
    let other = try SeriesTable(testFile, settings, window, known: columns.features)
    return (
      training,
      try WindowReader(
        other, columns, other.series.map { SeriesSteps($0, columns) },
        other.series.map { 0..<$0.rows }, for: "the test")
    )
  }
}
