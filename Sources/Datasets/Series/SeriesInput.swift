internal import Diagnostics

/// Windows of series, one after the other, for predictions.
final class SeriesInput: InputSamples {
  private let windows: [(series: String, steps: ArraySlice<Float>)]
  private var next = 0

  init(_ windows: [(series: String, steps: ArraySlice<Float>)]) { self.windows = windows }

  /// The windows of a file.
  convenience init(
    _ path: String, _ columns: CSVColumns, _ window: SeriesWindow
  ) throws(Failure) {
    let table = try SeriesTable(path, CSVSettings(columns), window, known: columns.features)
    var windows: [(series: String, steps: ArraySlice<Float>)] = []
    for series in table.series {
      try table.check(series, has: window.length)
      let steps = SeriesSteps(series, columns)
      for start in Swift.stride(from: 0, through: steps.count - window.length, by: window.stride) {
        windows.append((series.name, steps[start..<start + window.length]))
      }
    }
    self.init(windows)
  }

  func read(_ limit: Int, into target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    let part = windows[next..<min(windows.count, next + limit)]
    next = part.endIndex
    var offset = 0
    for (_, steps) in part {
      unsafe steps.withUnsafeBytes { bytes in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + bytes.count])
          .copyMemory(from: bytes)
        offset += bytes.count
      }
    }
    return part.count
  }

  var share: Double? { Double(next) / Double(max(windows.count, 1)) }

  var hasNames: Bool { windows.contains { !$0.series.isEmpty } }

  func name(of sample: Int) -> String? {
    windows[sample].series.isEmpty ? nil : windows[sample].series
  }
}

extension SeriesTable {
  /// Refuses a series with too few rows.
  func check(_ series: Series, has rows: Int) throws(Failure) {
    guard series.rows < rows else { return }
    throw Failure(
      .badData,
      "\(path):\(series.lines.last ?? 1): the series"
        + (series.name.isEmpty ? "" : " '\(series.name)'")
        + " has \(series.rows.grouped) rows, a forecast needs the \(rows.grouped) before it")
  }
}
