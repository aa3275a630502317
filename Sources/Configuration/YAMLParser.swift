internal import CYAML
internal import Diagnostics

/// Reads YAML text into nodes through libyaml's events.
///
/// A configuration needs no anchors, aliases, tags, merge keys or second documents. They are
/// refused by name: they make a text mean what it does not show, or blow up when expanded.
@safe struct YAMLParser: ~Copyable {
  /// The location of a line and column, both counted from 1.
  typealias Place = (_ line: Int, _ column: Int) -> SourceLocation

  static let sizeLimit = 1 << 20

  /// The one document of a text; an empty scalar when there is none.
  static func parse(
    _ text: [UInt8], limit: Int = sizeLimit, at place: @escaping Place
  ) throws(Failure) -> Node {
    guard text.count <= limit else {
      throw refusal(at: place(1, 1), "the text has \(text.count) bytes: the limit is \(limit)")
    }
    let text = text.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(text.dropFirst(3)) : text
    if let offset = text.firstIndex(of: 0) {
      let (line, column) = position(of: offset, in: text)
      throw refusal(at: place(line, column), "a NUL byte: the file must be UTF-8 text")
    }
    return try unsafe text.withUnsafeBufferPointer { bytes throws(Failure) in
      let parser = try unsafe YAMLParser(bytes, place)
      return try parser.document()
    }
  }

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeBufferPointer<UInt8>
  private let place: Place

  private init(_ bytes: UnsafeBufferPointer<UInt8>, _ place: @escaping Place) throws(Failure) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      unsafe parser.deallocate()
      throw Failure(.outOfMemory, "out of memory while reading the configuration")
    }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    unsafe self.parser = parser
    unsafe self.bytes = bytes
    self.place = place
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
  }

  private func document() throws(Failure) -> Node {
    _ = try next()
    guard case .documentStart = try next().kind else { return empty(at: place(1, 1)) }
    let root = try node(try next(), depth: 1)
    _ = try next()
    let end = try next()
    guard case .streamEnd = end.kind else {
      throw refusal(at: end.location, "a second document: a configuration is one document")
    }
    return root
  }

  private func node(_ event: Event, depth: Int) throws(Failure) -> Node {
    switch event.kind {
    case .scalar(let text, let isPlain):
      return Node(content: .scalar(text, isPlain: isPlain), location: event.location)
    case .listStart:
      try check(depth, event)
      var elements: [Node] = []
      while true {
        let element = try next()
        if case .end = element.kind { break }
        elements.append(try node(element, depth: depth + 1))
      }
      return Node(content: .list(elements), location: event.location)
    case .mapStart:
      try check(depth, event)
      return Node(content: .map(try entries(depth: depth)), location: event.location)
    case .streamStart, .streamEnd, .documentStart, .end, .other:
      return empty(at: event.location)
    }
  }

  private func entries(depth: Int) throws(Failure) -> [Node.Entry] {
    var entries: [Node.Entry] = []
    var lines: [String: Int] = [:]
    while true {
      let event = try next()
      if case .end = event.kind { return entries }
      guard case .scalar(let key, let isPlain) = event.kind, !key.isEmpty else {
        throw refusal(at: event.location, "a key must be a word")
      }
      if key == "<<", isPlain {
        throw refusal(at: event.location, "merge keys ('<<') are not allowed: write the keys out")
      }
      if let line = lines[key] {
        throw refusal(
          at: event.location, "key \(quoted(key)) is already set on line \(line)")
      }
      lines[key] = event.line
      let value = try node(try next(), depth: depth + 1)
      entries.append(Node.Entry(key: key, location: event.location, value: value))
    }
  }

  private func check(_ depth: Int, _ event: Event) throws(Failure) {
    guard depth <= depthLimit else {
      throw refusal(at: event.location, "nested deeper than \(depthLimit) levels")
    }
  }

  private func empty(at location: SourceLocation) -> Node {
    Node(content: .scalar("", isPlain: true), location: location)
  }
}

// MARK: - Events

extension YAMLParser {
  private struct Event {
    let kind: Kind
    let line: Int
    let location: SourceLocation

    enum Kind {
      case streamStart, streamEnd, documentStart, other
      case scalar(String, isPlain: Bool)
      case listStart, mapStart, end
    }
  }

  private func next() throws(Failure) -> Event {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { unsafe yaml_event_delete(&event) }
    let line = unsafe Int(event.start_mark.line) + 1
    let location = unsafe place(line, Int(event.start_mark.column) + 1)
    let kind: Event.Kind
    switch unsafe event.type {
    case YAML_STREAM_START_EVENT: kind = .streamStart
    case YAML_STREAM_END_EVENT: kind = .streamEnd
    case YAML_DOCUMENT_START_EVENT: kind = .documentStart
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .end
    case YAML_ALIAS_EVENT:
      let name = unsafe text(event.data.alias.anchor) ?? ""
      throw refusal(
        at: location, "aliases (\(quoted("*" + name))) are not allowed: write the value out")
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      try unsafe refuse(anchor: scalar.anchor, tag: scalar.tag, at: location)
      let characters = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      kind = unsafe .scalar(
        String(decoding: characters, as: UTF8.self),
        isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT:
      let list = unsafe event.data.sequence_start
      try unsafe refuse(anchor: list.anchor, tag: list.tag, at: location)
      kind = .listStart
    case YAML_MAPPING_START_EVENT:
      let map = unsafe event.data.mapping_start
      try unsafe refuse(anchor: map.anchor, tag: map.tag, at: location)
      kind = .mapStart
    default: kind = .other
    }
    return Event(kind: kind, line: line, location: location)
  }

  private func refuse(
    anchor: UnsafePointer<yaml_char_t>?, tag: UnsafePointer<yaml_char_t>?,
    at location: SourceLocation
  ) throws(Failure) {
    if let anchor = unsafe text(anchor) {
      throw refusal(at: location, "anchors (\(quoted("&" + anchor))) are not allowed")
    }
    if let tag = unsafe text(tag) {
      let core = "tag:yaml.org,2002:"
      let name = tag.hasPrefix(core) ? "!!" + tag.dropFirst(core.count) : tag
      throw refusal(at: location, "tags (\(quoted(name))) are not allowed: types are known")
    }
  }

  private func text(_ string: UnsafePointer<yaml_char_t>?) -> String? {
    guard let string = unsafe string else { return nil }
    return unsafe String(cString: string)
  }
}

// MARK: - Errors

extension YAMLParser {
  /// The failure that libyaml reports.
  private func failure() -> Failure {
    let error = unsafe parser.pointee.error
    if error == YAML_MEMORY_ERROR {
      return Failure(.outOfMemory, "out of memory while reading the configuration")
    }
    let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "not YAML"
    if error == YAML_READER_ERROR {
      let offset = unsafe Int(parser.pointee.problem_offset)
      let (line, column) = unsafe position(of: offset, in: bytes)
      return refusal(at: place(line, column), "not plain UTF-8 text: \(problem)")
    }
    let mark = unsafe parser.pointee.problem_mark
    let location = place(Int(mark.line) + 1, Int(mark.column) + 1)
    if unsafe mark.index < bytes.count, unsafe bytes[Int(mark.index)] == UInt8(ascii: "\t") {
      return refusal(at: location, "a tab cannot indent: use spaces")
    }
    let context = unsafe parser.pointee.context.map { unsafe " \(String(cString: $0))" } ?? ""
    let start = unsafe parser.pointee.context_mark
    let from = context.isEmpty ? "" : " that begins on line \(start.line + 1)"
    return refusal(at: location, "not YAML: \(problem)\(context)\(from)")
  }
}

/// A failure of the text itself; on the command line it is a mistake of usage.
private func refusal(at location: SourceLocation, _ message: String) -> Failure {
  misfit(at: location, path: "", message)
}

/// The line and column, from 1, of a byte; columns count characters.
private func position(of offset: Int, in text: some Collection<UInt8>) -> (line: Int, column: Int) {
  var line = 1
  var column = 1
  for byte in text.prefix(offset) {
    if byte == UInt8(ascii: "\n") {
      line += 1
      column = 1
    } else if byte & 0xC0 != 0x80 {
      column += 1
    }
  }
  return (line, column)
}
