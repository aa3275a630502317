package import Diagnostics
internal import Files
internal import Glibc

/// An HDF5 file that is being read, by another process: no file can end this one.
package struct HDF5Reader: ~Copyable {
  package let path: String
  private let source: HDF5Source

  /// Opens a file from anywhere; its reader is given up after so many seconds without an answer.
  package init(opening path: String, patience: Int = 60) throws(Failure) {
    source = .process(try FileProcess(opening: path, patience: patience))
    self.path = path
  }

  /// Opens a file that this process has just written, under a name that nobody else knew.
  ///
  /// The library reads it here: its bytes are those that the library itself has made.
  package init(rereading path: String) throws(Failure) {
    let size = try Self.size(of: path)
    source = .here(RequestHandler(try HDF5File(opening: path, named: path, size: size)), size)
    self.path = path
  }

  /// The names and kinds of a group's members, in the order of their names' bytes.
  package func members(of group: String = "/") throws(Failure) -> [HDF5Member] {
    try source.ask(Request(.members, group))
  }

  /// Everything that is in the file, a group before its members, in the order of names.
  ///
  /// Nothing is refused for its kind, and no data are read.
  package func outline() throws(Failure) -> [HDF5Entry] { try source.ask(Request(.outline)) }

  /// Whether there is a group or dataset at a path.
  package func contains(_ path: String) throws(Failure) -> Bool {
    try source.ask(Request(.contains, path))
  }

  /// The shape and element type of a dataset whose data are complete and in the file itself.
  package func info(of path: String) throws(Failure) -> DatasetInfo {
    let info: DatasetInfo = try source.ask(Request(.info, path))
    try source.check(holds: info.count, of: info.elementType.size)
    return info
  }

  /// Reads a dataset of exactly this element type and shape.
  package func read<Element: HDF5Element>(
    _ path: String, shape: [Int], into values: UnsafeMutableBufferPointer<Element>
  ) throws(Failure) {
    precondition(elementCount(shape) == values.count, "A dataset fills its buffer")
    try unsafe source.fill(
      UnsafeMutableRawBufferPointer(values),
      Request(.read, path, shape: shape, type: Element.elementType))
  }

  /// Opens a dataset of integers or reals whose data are complete and in the file itself.
  package func rows(of path: String) throws(Failure) -> HDF5Rows {
    let rows: OpenedRows = try source.ask(Request(.rows, path))
    try source.check(holds: elementCount(rows.shape) ?? .max, of: 1)
    return HDF5Rows(rows, from: source, name: path)
  }

  /// Reads a dataset that is one text of fixed length.
  package func text(_ path: String) throws(Failure) -> String {
    try source.ask(Request(.text, path))
  }

  /// An attribute of a group or dataset, nil if it has none of this name.
  package func attribute(_ name: String, of path: String) throws(Failure) -> HDF5Attribute? {
    try source.ask(Request(.attribute, path, attribute: name))
  }

  /// The attributes of a group or dataset, in the order of their names.
  package func attributes(of path: String) throws(Failure) -> [NamedAttribute] {
    try source.ask(Request(.attributes, path))
  }

  /// Where in the file the data of a dataset in one piece begin.
  package func offset(of path: String) throws(Failure) -> Int {
    let offset: Int = try source.ask(Request(.offset, path))
    try source.check(holds: offset, of: 1)
    return offset
  }
}

extension HDF5Reader {
  /// No deflate stream holds more than this many bytes in one.
  static let largestExpansion = 1032

  /// The size of a file, which must be a regular one that may be read.
  static func size(of path: String) throws(Failure) -> Int {
    let file = try Descriptor(path, O_RDONLY, "open", otherwise: .noInput)
    var status = stat()
    guard unsafe fstat(file.number, &status) == 0 else {
      throw systemFailure("open", path, otherwise: .noInput)
    }
    return Int(status.st_size)
  }

  /// The size that a file had when it was closed, nil if its head is not that of an HDF5 file.
  ///
  /// The library itself only says that a shorter file is truncated.
  package static func declaredSize(of path: String) -> Int? {
    guard let file = try? Descriptor(path, O_RDONLY, "open") else { return nil }
    // Superblock version 2 or 3: signature, version, widths, flags, base, extension, end of file.
    var head = Array(repeating: UInt8(0), count: 36)
    guard unsafe Glibc.read(file.number, &head, head.count) == head.count,
      head.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]), 2...3 ~= head[8],
      head[9] == 8
    else { return nil }
    return Int(exactly: head[28...].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}

/// Who reads a file.
enum HDF5Source {
  /// This process, a file of so many bytes.
  case here(RequestHandler, Int)
  case process(FileProcess)

  func ask<Answer: Message>(_ request: Request) throws(Failure) -> Answer {
    var packet =
      switch self {
      case .here(let handler, _): try handler.answer(request)
      case .process(let process): try process.ask(request)
      }
    do throws(Packet.Malformed) { return try Answer(from: &packet) } catch { throw malformed() }
  }

  /// Has numbers read into memory that they fill.
  func fill(_ target: UnsafeMutableRawBufferPointer, _ request: Request) throws(Failure) {
    switch self {
    case .process(let process): try unsafe process.fill(target, request)
    case .here(let handler, _):
      var place = target.baseAddress
      try unsafe handler.read(request, partBytes: target.count) { () throws(Failure) in
        guard let place = unsafe place else { throw malformed() }
        return unsafe place
      } done: { count throws(Failure) in
        unsafe place = place.map { unsafe $0 + count }
      }
    }
  }

  /// Refuses a number of things that cannot be in the file, before memory is taken for them.
  func check(holds count: Int, of size: Int) throws(Failure) {
    let fileSize =
      switch self {
      case .here(_, let size): size
      case .process(let process): process.fileSize
      }
    guard count >= 0, count / HDF5Reader.largestExpansion <= fileSize / size else {
      throw malformed()
    }
  }

  private func malformed() -> Failure {
    switch self {
    case .here: Failure(.internalError, "an answer about an HDF5 file is invalid")
    case .process(let process): process.endMalformed()
    }
  }
}
