/// A message of an event file: values of a step.
///
/// The numbers of fields are those of TensorBoard's `event.proto`, `summary.proto` and
/// `tensor.proto`. Values have the older of its two forms, which every reader of such files knows.
struct Event {
  private(set) var message: Message

  enum Field {
    static let (time, step, version, summary) = (1, 2, 3, 5)
    /// Of a summary.
    static let value = 1
    /// Of a value.
    static let (tag, number, picture, histogram, tensor, metadata) = (1, 2, 4, 5, 8, 9)
    /// Of metadata.
    static let plugin = 1
    /// Of a plugin.
    static let (name, content) = (1, 2)
  }

  /// Fields that are 0 are left out, as protocol buffers require.
  private init(time: Double, step: Int) {
    message = Message()
    if time != 0 { message.add(Field.time, time) }
    if step != 0 { message.add(Field.step, step) }
  }

  /// The first of a file.
  static func version(time: Double) -> Event {
    var event = Event(time: time, step: 0)
    event.message.add(Field.version, "brain.Event:2")
    return event
  }

  init(_ values: [Message], step: Int, time: Double) {
    self.init(time: time, step: step)
    var summary = Message()
    for value in values { summary.add(Field.value, value) }
    message.add(Field.summary, summary)
  }

  /// A number, rounded to single precision.
  static func number(_ tag: String, _ number: Double) -> Message {
    var value = Message()
    value.add(Field.tag, tag)
    value.add(Field.number, Float(number))
    return value
  }

  static func histogram(_ tag: String, _ histogram: Histogram) -> Message {
    let buckets = histogram.buckets
    var content = Message()
    for (field, number) in [
      (1, histogram.least), (2, histogram.greatest), (3, Double(histogram.count)),
      (4, histogram.sum), (5, histogram.sumOfSquares),
    ] where number.bitPattern != 0 {
      content.add(field, number)
    }
    content.add(6, packed: buckets.map(\.limit))
    content.add(7, packed: buckets.map { Double($0.count) })
    var value = Message()
    value.add(Field.tag, tag)
    value.add(Field.histogram, content)
    return value
  }

  static func picture(_ tag: String, _ picture: PNGPicture) -> Message {
    var content = Message()
    content.add(1, picture.height)
    content.add(2, picture.width)
    content.add(3, picture.channels)
    content.add(4, picture.bytes)
    var value = Message()
    value.add(Field.tag, tag)
    value.add(Field.picture, content)
    return value
  }

  /// A text, which the viewer takes as Markdown.
  static func text(_ tag: String, _ text: String) -> Message {
    var tensor = Message()
    tensor.add(1, 7)  // Strings.
    tensor.add(2, Message())  // No axes.
    tensor.add(8, text)
    var value = Message()
    value.add(Field.tag, tag)
    value.add(Field.tensor, tensor)
    value.add(Field.metadata, metadata("text"))
    return value
  }

  /// A value whose contents are those of a part of the viewer.
  static func plugin(_ name: String, tag: String, _ content: Message) -> Message {
    var shape = Message()
    shape.add(2, Message())  // One axis, of size 0.
    var tensor = Message()
    tensor.add(1, 1)  // Single precision.
    tensor.add(2, shape)
    var value = Message()
    value.add(Field.tag, tag)
    value.add(Field.tensor, tensor)
    value.add(Field.metadata, metadata(name, content))
    return value
  }

  private static func metadata(_ name: String, _ content: Message = Message()) -> Message {
    var plugin = Message()
    plugin.add(Field.name, name)
    if !content.bytes.isEmpty { plugin.add(Field.content, content) }
    var metadata = Message()
    metadata.add(Field.plugin, plugin)
    return metadata
  }
}
