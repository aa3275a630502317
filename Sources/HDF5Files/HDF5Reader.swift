package import Diagnostics
internal import Files
internal import Glibc

/// Reads an HDF5 file in another process, so that no file can crash this one.
package struct HDF5Reader: ~Copyable {
  package let path: String
  private let source: HDF5Source

  /// Opens any file.
  ///
  /// Reading fails if the other process does not answer for `patience` seconds.
  ///
  /// The corresponding HDF5 function is `H5Fopen`.
  package init(opening path: String, patience: Int = 60) throws(Failure) {
    source = .process(try FileProcess(opening: path, patience: patience))
    self.path = path
  }

  /// Opens a file that this process has just written under a temporary name.
  ///
  /// It is read in this process, since the library itself wrote it.
  package init(rereading path: String) throws(Failure) {
    let size = try Self.size(of: path)
    source = .here(RequestHandler(try HDF5File(opening: path, named: path, size: size)), size)
    self.path = path
  }

  /// Returns the names and kinds of a group's members, sorted by the bytes of their names.
  package func members(of group: String = "/") throws(Failure) -> [HDF5Member] {
    try source.ask(Request(.members, group))
  }

  /// Returns all objects of the file, sorted by name, a group before its members.
  ///
  /// Objects of any kind are allowed, and no data are read.
  package func outline() throws(Failure) -> [HDF5Entry] { try source.ask(Request(.outline)) }

  /// Returns whether there is a group or dataset at a path.
  package func contains(_ path: String) throws(Failure) -> Bool {
    try source.ask(Request(.contains, path))
  }

  /// Returns the shape and element type of a dataset; throws unless its data are complete.
  package func info(of path: String) throws(Failure) -> DatasetInfo {
    let info: DatasetInfo = try source.ask(Request(.info, path))
    try source.check(holds: info.count, of: info.elementType.size)
    return info
  }

  /// Reads a dataset of exactly this element type and shape.
  package func read<Element: HDF5Element>(
    _ path: String, shape: [Int], into values: UnsafeMutableBufferPointer<Element>
  ) throws(Failure) {
    precondition(elementCount(shape) == values.count, "The buffer has the size of the dataset")
    try unsafe source.fill(
      UnsafeMutableRawBufferPointer(values),
      Request(.read, path, shape: shape, type: Element.elementType))
  }

  /// Opens a dataset of integers or floating-point numbers; throws unless its data are complete.
  package func rows(of path: String) throws(Failure) -> HDF5RowReader {
    let rows: OpenedRows = try source.ask(Request(.rows, path))
    try source.check(holds: elementCount(rows.shape) ?? .max, of: 1)
    return HDF5RowReader(rows, from: source, name: path)
  }

  /// Reads a scalar dataset that is a fixed-length string.
  package func text(_ path: String) throws(Failure) -> String {
    try source.ask(Request(.text, path))
  }

  /// Returns an attribute of a group or dataset, or nil if there is none.
  package func attribute(_ name: String, of path: String) throws(Failure) -> HDF5Attribute? {
    try source.ask(Request(.attribute, path, attribute: name))
  }

  /// Returns the attributes of a group or dataset, sorted by name.
  package func attributes(of path: String) throws(Failure) -> [NamedAttribute] {
    try source.ask(Request(.attributes, path))
  }

  /// Returns the position in the file of the data of a contiguous dataset.
  package func offset(of path: String) throws(Failure) -> Int {
    let offset: Int = try source.ask(Request(.offset, path))
    try source.check(holds: offset, of: 1)
    return offset
  }
}

extension HDF5Reader {
  /// A deflate stream expands by at most this factor.
  static let largestExpansion = 1032

  /// Returns the size of a regular, readable file.
  static func size(of path: String) throws(Failure) -> Int {
    let file = try FileDescriptor(path, O_RDONLY, "open", otherwise: .noInput)
    var status = stat()
    guard unsafe fstat(file.number, &status) == 0 else {
      throw systemFailure("open", path, otherwise: .noInput)
    }
    return Int(status.st_size)
  }

  /// Returns the file size in the superblock, or nil if the file has no HDF5 superblock 2 or 3.
  ///
  /// It differs from the actual size if the file is truncated.
  package static func declaredSize(of path: String) -> Int? {
    guard let file = try? FileDescriptor(path, O_RDONLY, "open") else { return nil }
    // Superblock 2 or 3: signature, version, widths, flags, base, extension, end of file.
    var head = Array(repeating: UInt8(0), count: 36)
    guard unsafe Glibc.read(file.number, &head, head.count) == head.count,
      head.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]), 2...3 ~= head[8],
      head[9] == 8
    else { return nil }
    return Int(exactly: head[28...].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}

/// The reader of a file: this process or another one.
enum HDF5Source {
  /// This process, and the size of the file.
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

  /// Reads numbers into memory, which they must fill.
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

  /// Throws if the file is too small for this many elements, before memory is allocated for them.
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
