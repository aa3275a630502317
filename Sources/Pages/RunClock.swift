internal import RunFiles

/// How long a run had trained at the times of its lines: pauses between its sessions do not count.
struct RunClock {
  /// When the first session began, and after each pause the time from which it went on and the
  /// seconds of all pauses until then.
  private var start: Double?
  private var pauses: [(end: Double, seconds: Double)] = []

  init(_ record: RunRecord) {
    start = record.sessions.first?.start.time
    var total = 0.0
    for (session, next) in zip(record.sessions, record.sessions.dropFirst()) {
      let begin = next.start.time
      // A killed session ended with its last line.
      let end =
        session.end?.time ?? record.metrics.lastTime(before: begin) ?? session.start.time
      total += max(0, begin - end)
      pauses.append((begin, total))
    }
  }

  /// Empty if the time of a point is not known.
  func seconds(at points: [MetricsSeries.Point]) -> [Double] {
    var seconds: [Double] = []
    seconds.reserveCapacity(points.count)
    var next = 0
    for point in points {
      guard let time = point.wallTime, abs(time) < 1e12 else { return [] }
      while next < pauses.count, time >= pauses[next].end { next += 1 }
      let paused = next > 0 ? pauses[next - 1].seconds : 0
      seconds.append(max(0, time - (start ?? points[0].wallTime ?? time) - paused))
    }
    return seconds
  }
}
