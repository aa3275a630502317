internal import CHDF5
package import Diagnostics
internal import Files
internal import Glibc

/// A dataset of numbers that is read some rows at a time; a row is all that shares a first index.
///
/// The library converts numbers of other types on the way.
package struct HDF5Rows: ~Copyable {
  package let shape: [Int]
  package let numbers: Numbers
  private let dataset: Handle
  private let name: String

  package enum Numbers: Sendable { case bytes, integers, reals }

  init(_ dataset: consuming Handle, shape: [Int], numbers: Numbers, name: String) {
    self.dataset = dataset
    self.shape = shape
    self.numbers = numbers
    self.name = name
  }

  /// Reads some rows, one after the other.
  package func read<Element: HDF5Element>(
    _ rows: Range<Int>, into values: UnsafeMutablePointer<Element>
  ) throws(Failure) {
    do throws(HDF5Error) {
      let selected = try Selection(of: rows, in: shape)
      try unsafe check(
        H5Dread(
          dataset.id, Element.elementType.native, selected.memory.id, selected.file.id, defaults,
          values))
    } catch {
      throw Failure(.badData, "\(name) cannot be read: \(error.text)")
    }
  }
}

extension HDF5Reader {
  /// Opens a dataset of integers or reals whose data are complete and in the file itself.
  package func rows(of path: String) throws(Failure) -> HDF5Rows {
    let dataset = try open(dataset: path)
    let type = try reading(path) { () throws(HDF5Error) in
      try Handle(H5Dget_type(dataset.id), H5Tclose)
    }
    let size = H5Tget_size(type.id)
    let numbers: HDF5Rows.Numbers
    switch H5Tget_class(type.id) {
    case H5T_INTEGER where size == 1 && H5Tget_sign(type.id) == H5T_SGN_NONE: numbers = .bytes
    case H5T_INTEGER: numbers = .integers
    case H5T_FLOAT: numbers = .reals
    default: throw damaged(path, "holds neither integers nor real numbers")
    }
    let (shape, count) = try shape(of: dataset, path)
    guard !shape.isEmpty else { throw damaged(path, "is a single number") }
    guard let byteCount = elementCount([count, size]) else {
      throw damaged(path, "has the impossible shape \(shape)")
    }
    try checkStorage(of: dataset, path, byteCount: byteCount, shape: shape)
    return HDF5Rows(dataset, shape: shape, numbers: numbers, name: "'\(self.path)': '\(path)'")
  }

  /// Where in the file the data of a dataset in one piece begin.
  package func offset(of path: String) throws(Failure) -> Int {
    let dataset = try open(dataset: path)
    let offset = H5Dget_offset(dataset.id)
    guard offset != .max else { throw damaged(path, "is not in one piece") }
    return Int(clamping: offset)
  }
}

/// A dataset in one piece that is being written, some rows at a time.
package struct HDF5RowWriter: ~Copyable {
  private let dataset: Handle
  private let shape: [Int]
  private let type: ElementType
  private let path: String
  private let name: String
  private var written = 0

  fileprivate init(
    _ dataset: consuming Handle, shape: [Int], type: ElementType, path: String, name: String
  ) {
    self.dataset = dataset
    self.shape = shape
    self.type = type
    self.path = path
    self.name = name
  }

  /// Writes the rows that come next.
  package mutating func append(rows: Int, _ values: UnsafeRawPointer) throws(Failure) {
    do throws(HDF5Error) {
      let selected = try Selection(of: written..<written + rows, in: shape)
      try unsafe check(
        H5Dwrite(
          dataset.id, type.native, selected.memory.id, selected.file.id, defaults, values))
    } catch { throw HDF5Writer.failure(error, name, path, 0) }
    written += rows
  }

  package consuming func close() throws(Failure) {
    let (path, name) = (path, name)
    do throws(HDF5Error) { try dataset.close() } catch {
      throw HDF5Writer.failure(error, name, path, 0)
    }
  }
}

extension HDF5Writer {
  /// Makes a dataset in one piece, and the groups above it, to be filled row by row.
  ///
  /// It has no checksum of its own: whoever reads such data past the library keeps one.
  package mutating func rows(
    of type: ElementType, shape: [Int], at path: String
  ) throws(Failure) -> HDF5RowWriter {
    do throws(HDF5Error) {
      let needed = elementCount(shape + [type.size]) ?? .max
      if let free = freeBytes(of: self.path), free < needed {
        throw HDF5Error(text: "", systemError: ENOSPC)
      }
      try makeGroups(path.split(separator: "/").dropLast())
      let space = try makeSpace(shape)
      let properties = try Handle(H5Pcreate(H5P_DATASET_CREATE), H5Pclose)
      try check(H5Pset_obj_track_times(properties.id, false))
      try check(H5Pset_alloc_time(properties.id, H5D_ALLOC_TIME_EARLY))
      try check(H5Pset_fill_time(properties.id, H5D_FILL_TIME_NEVER))
      let dataset = try unsafe Handle(
        H5Dcreate2(file.id, path, type.stored, space.id, defaults, properties.id, defaults),
        H5Dclose)
      return HDF5RowWriter(dataset, shape: shape, type: type, path: self.path, name: path)
    } catch { throw failure(error, path) }
  }
}

/// Some rows of a dataset, and as many in memory.
private struct Selection: ~Copyable {
  let file: Handle
  let memory: Handle

  init(of rows: Range<Int>, in shape: [Int]) throws(HDF5Error) {
    let extent = [rows.count] + shape.dropFirst()
    let start = [rows.lowerBound] + shape.dropFirst().map { _ in 0 }
    let file = try makeSpace(shape)
    try unsafe check(
      H5Sselect_hyperslab(
        file.id, H5S_SELECT_SET, start.map(hsize_t.init), nil, extent.map(hsize_t.init), nil))
    memory = try makeSpace(extent)
    self.file = file
  }
}
