internal import Glibc

/// Something that training does again and again: a kernel call, or a part of a training step.
package final class Activity: Sendable {
  package let name: String
  /// The group that it belongs to: the kind of operation.
  package let kind: String
  /// The layer that it belongs to; empty if there is none.
  package let layer: String
  /// The floating-point operations of one shard.
  package let flops: Int

  package init(_ name: String, kind: String, layer: String = "", flops: Int = 0) {
    self.name = name
    self.kind = kind
    self.layer = layer
    self.flops = flops
  }
}

/// The times of what one thread did.
@safe package final class Timeline: @unchecked Sendable {
  /// Nanoseconds on the monotonic clock.
  package struct Entry: Sendable {
    package let activity: Activity
    /// The number of shards that were computed at once.
    package let shards: Int
    package let start: UInt64
    package let end: UInt64
  }

  package private(set) var entries: [Entry] = []
  private var mark: UInt64 = 0

  package init() {}

  /// Starts the next entry now.
  package func begin() { mark = Timeline.now }

  /// Records an activity that began at the last call of `begin` or `lap` and ends now.
  package func lap(_ activity: Activity, shards: Int = 1) {
    let now = Timeline.now
    entries.append(Entry(activity: activity, shards: shards, start: mark, end: now))
    mark = now
  }

  /// Records activities that took turns since the last call of `begin` or `lap`, one after the
  /// other, and the rest of the time as `other`.
  func lap(_ shares: [(activity: Activity, time: UInt64)], other: Activity, shards: Int) {
    let end = Timeline.now
    for (activity, time) in shares {
      let start = mark
      mark = min(end, mark + time)
      entries.append(Entry(activity: activity, shards: shards, start: start, end: mark))
    }
    entries.append(Entry(activity: other, shards: shards, start: mark, end: end))
    mark = end
  }

  package static var now: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
