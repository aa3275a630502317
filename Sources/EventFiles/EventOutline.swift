/// What of an event says whether it stays when a run goes on.
struct EventOutline {
  private(set) var step = 0
  /// The tags of its values.
  private(set) var tags: [String] = []

  init(_ contents: [UInt8]) {
    for (field, value) in MessageReader(contents[...]) {
      switch (field, value) {
      case (Event.Field.step, .integer(let bits)): step = Int(truncatingIfNeeded: bits)
      case (Event.Field.summary, .bytes(let summary)): readTags(of: summary)
      default: break
      }
    }
  }

  private mutating func readTags(of summary: ArraySlice<UInt8>) {
    for case (Event.Field.value, .bytes(let value)) in MessageReader(summary) {
      for case (Event.Field.tag, .bytes(let tag)) in MessageReader(value) {
        tags.append(String(decoding: tag, as: UTF8.self))
      }
    }
  }

  /// Whether it is of no later step, and not about the session: the next one writes its own.
  func stays(after last: Int) -> Bool {
    step <= last && !tags.contains { Event.isOfSession(tag: $0) }
  }
}
