internal import Diagnostics

/// What is asked of an open file.
struct Request: Message {
  enum Kind: Int {
    case members, outline, contains, info, text, attribute, attributes, offset, rows
    /// Answered by numbers, not by a message.
    case read, readRows
  }

  let kind: Kind
  /// Of an object; of a dataset whose rows are read, its name in messages.
  var path: String
  var attribute: String
  var shape: [Int]
  var rows: Range<Int>
  /// Of the dataset whose rows are read, among those that were opened.
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

/// A dataset whose rows are to be read.
struct OpenedRows: Message {
  let number: Int
  let shape: [Int]
  let numbers: HDF5Rows.Numbers

  init(number: Int, shape: [Int], numbers: HDF5Rows.Numbers) {
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
    numbers = try HDF5Rows.Numbers(from: &packet)
    guard elementCount(shape) != nil, !shape.isEmpty else { throw Packet.Malformed() }
  }
}

/// A file that the library has open in this process, and the datasets whose rows are being read.
///
/// It answers requests from this process, or from the one that this process reads for.
final class RequestHandler {
  private let file: HDF5File
  private var opened: [HDF5Elements] = []

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
    case .read, .readRows: preconditionFailure("Numbers are no message")
    }
  }

  /// Reads the numbers that are asked for, in parts of at most so many bytes.
  ///
  /// `room` gives the memory for the next part; `done` is told how many bytes are there.
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

  private func numbers(_ request: Request) throws(Failure) -> (HDF5Elements, Range<Int>) {
    if request.kind == .read {
      let elements = try file.elements(of: request.path, request.type, shape: request.shape)
      return (elements, 0..<elements.shape.reduce(1, *))
    }
    let elements = opened[request.number]
    let size = elements.rowCount
    return (elements, request.rows.lowerBound * size..<request.rows.upperBound * size)
  }
}
