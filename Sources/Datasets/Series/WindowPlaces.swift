/// Where windows are among the steps of series, whose parts stand one behind the other.
///
/// The first window of a part begins with its first step, and no window crosses into another part.
struct WindowPlaces: Sendable {
  let window: SeriesWindow
  /// The first window of each part, then the number of all.
  private var windows = [0]
  /// The first step of each part, then the number of all.
  private var steps = [0]

  /// `rows` are the numbers of steps of the parts; nil if one of them has no window.
  init?(_ window: SeriesWindow, rows: [Int]) {
    self.window = window
    for rows in rows {
      let (sum, overflows) = stepCount.addingReportingOverflow(rows)
      guard rows >= window.rows, !overflows else { return nil }
      windows.append(count + (rows - window.rows) / window.stride + 1)
      steps.append(sum)
    }
  }

  /// The number of windows.
  var count: Int { windows[windows.count - 1] }
  var stepCount: Int { steps[steps.count - 1] }

  /// The part that has a window, the window's first step within it, and the part's first step.
  func place(of window: Int) -> (part: Int, step: Int, start: Int) {
    var (low, high) = (0, windows.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if windows[middle] <= window { low = middle } else { high = middle }
    }
    return (low, (window - windows[low]) * self.window.stride, steps[low])
  }

  /// The end of the windows of a part.
  func end(ofPart part: Int) -> Int { windows[part + 1] }
}
