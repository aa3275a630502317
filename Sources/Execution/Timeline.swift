internal import Glibc

/// Something that training does over and over: a step of a plan, or a part of a training step.
package final class Activity: Sendable {
  package let name: String
  /// What it has in common with others: the kind of operation.
  package let kind: String
  /// The layer that wants it, empty where there is none.
  package let layer: String
  /// Floating-point operations of one time.
  package let flops: Int

  package init(_ name: String, kind: String, layer: String = "", flops: Int = 0) {
    self.name = name
    self.kind = kind
    self.layer = layer
    self.flops = flops
  }
}

/// What one thread did, and when.
@safe package final class Timeline: @unchecked Sendable {
  /// Nanoseconds on the monotonic clock.
  package struct Entry: Sendable {
    package let activity: Activity
    /// How many times in one.
    package let shards: Int
    package let start: UInt64
    package let end: UInt64
  }

  package private(set) var entries: [Entry] = []
  private var mark: UInt64 = 0

  package init() {}

  /// What is noted next begins now.
  package func begin() { mark = Timeline.now }

  /// Notes an activity, for some shards at once, that began with the last call and ends now.
  package func lap(_ activity: Activity, shards: Int = 1) {
    let now = Timeline.now
    entries.append(Entry(activity: activity, shards: shards, start: mark, end: now))
    mark = now
  }

  package static var now: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
