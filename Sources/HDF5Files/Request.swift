internal import Diagnostics

/// A request about an open file.
struct Request: Message {
  enum Kind: Int {
    case members, outline, contains, info, text, attribute, attributes, offset, rows
    /// Answered with numbers in shared memory, not with a message.
    case read, readRows
  }

  let kind: Kind
  /// The path of an object; for `readRows`, the name of the dataset in failures.
  var path: String
  var attribute: String
  var shape: [Int]
  var rows: Range<Int>
  /// The index of the dataset for `readRows` among those that were opened.
  var number: Int
  var type: ElementType

  init(
    _ kind: Kind, _ path: String = "", attribute: String = "", shape: [Int] = [],
    rows: Range<Int> = 0..<0, number: Int = 0, type: ElementType = .uint8
  ) {
    self.kind = kind
    self.path = path
    self.attribute = attribute
    self.shape = shape
    self.rows = rows
    self.number = number
    self.type = type
  }

  func write(to packet: inout Packet) {
    kind.write(to: &packet)
    path.write(to: &packet)
    attribute.write(to: &packet)
    shape.write(to: &packet)
    rows.lowerBound.write(to: &packet)
    rows.upperBound.write(to: &packet)
    number.write(to: &packet)
    type.write(to: &packet)
  }

  init(from packet: inout Packet) throws(Packet.Malformed) {
    kind = try Kind(from: &packet)
    path = try String(from: &packet)
    attribute = try String(from: &packet)
    shape = try [Int](from: &packet)
    let (start, end) = (try Int(from: &packet), try Int(from: &packet))
    guard start <= end else { throw Packet.Malformed() }
    rows = start..<end
    number = try Int(from: &packet)
    type = try ElementType(from: &packet)
  }
}

/// A dataset that was opened to read its rows.
struct OpenedRows: Message {
  let number: Int
  let shape: [Int]
  let numbers: HDF5RowReader.Numbers

  init(number: Int, shape: [Int], numbers: HDF5RowReader.Numbers) {
    self.number = number
    self.shape = shape
    self.numbers = numbers
  }

  func write(to packet: inout Packet) {
    number.write(to: &packet)
    shape.write(to: &packet)
    numbers.write(to: &packet)
  }

  init(from packet: inout Packet) throws(Packet.Malformed) {
    number = try Int(from: &packet)
    shape = try [Int](from: &packet)
    numbers = try HDF5RowReader.Numbers(from: &packet)
    guard elementCount(shape) != nil, !shape.isEmpty else { throw Packet.Malformed() }
  }
}

/// Answers requests about a file that this process has open, and keeps its open datasets.
final class RequestHandler {
  private let file: HDF5File
  private var opened: [ElementReader] = []

  init(_ file: HDF5File) { self.file = file }

  func answer(_ request: Request) throws(Failure) -> Packet {
    switch request.kind {
    case .members: return Packet(try file.members(of: request.path))
    case .outline: return Packet(try file.outline())
    case .contains: return Packet(file.contains(request.path))
    case .info: return Packet(try file.info(of: request.path))
    case .text: return Packet(try file.text(request.path))
    case .attribute:
      return Packet(try file.attribute(request.attribute, of: request.path))
    case .attributes: return Packet(try file.attributes(of: request.path))
    case .offset: return Packet(try file.offset(of: request.path))
    case .rows:
      let (elements, numbers) = try file.rows(of: request.path)
      opened.append(elements)
      return Packet(
        OpenedRows(number: opened.count - 1, shape: elements.shape, numbers: numbers))
    case .read, .readRows: preconditionFailure("Numbers are not sent in a message")
    }
  }

  /// Reads the requested numbers in parts of at most `partBytes`.
  ///
  /// `room` returns the memory for the next part; `done` receives the number of bytes in it.
  func read(
    _ request: Request, partBytes: Int, room: () throws(Failure) -> UnsafeMutableRawPointer,
    done: (Int) throws(Failure) -> Void
  ) throws(Failure) {
    let (elements, range) = try numbers(request)
    var position = range.lowerBound
    while position < range.upperBound {
      let target = try unsafe room()
      let count: Int
      do throws(HDF5Error) {
        count = try unsafe elements.read(
          from: position, to: range.upperBound, atMost: partBytes / request.type.size,
          as: request.type, into: target)
      } catch {
        throw Failure(
          .badData, "'\(file.path)': '\(request.path)' cannot be read: \(error.text)")
      }
      position += count
      try done(count * request.type.size)
    }
  }

  private func numbers(_ request: Request) throws(Failure) -> (ElementReader, Range<Int>) {
    if request.kind == .read {
      let elements = try file.elements(of: request.path, request.type, shape: request.shape)
      return (elements, 0..<elements.shape.reduce(1, *))
    }
    let elements = opened[request.number]
    let size = elements.rowCount
    return (elements, request.rows.lowerBound * size..<request.rows.upperBound * size)
  }
}
