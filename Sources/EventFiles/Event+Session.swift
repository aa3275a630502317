extension Event {
  private static let plugin = "hparams"
  private static let sessionTags = "_hparams_/"
  /// The tag of the text that stands beside the settings.
  static let configurationTag = "configuration"

  /// Whether a value tells of the session and not of the network.
  static func isOfSession(tag: String) -> Bool {
    tag == configurationTag || tag.hasPrefix(sessionTags)
  }

  /// The start of a session.
  ///
  /// It names no group, since those of one group are one row of the table of runs.
  static func start(
    _ settings: [(name: String, value: Hyperparameter)], time: Double
  ) -> Message {
    var start = Message()
    for (name, value) in settings.sorted(by: {
      $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }) {
      var entry = Message()
      entry.add(1, name)
      entry.add(2, value.message)
      start.add(1, entry)
    }
    start.add(5, time)
    return session(3, "session_start_info", start)
  }

  /// The end of a session.
  static func end(_ status: SessionStatus, time: Double) -> Message {
    var end = Message()
    end.add(1, status.rawValue)
    end.add(2, time)
    return session(4, "session_end_info", end)
  }

  private static func session(_ field: Int, _ name: String, _ message: Message) -> Message {
    var content = Message()
    content.add(field, message)
    return plugin(plugin, tag: sessionTags + name, content)
  }
}
