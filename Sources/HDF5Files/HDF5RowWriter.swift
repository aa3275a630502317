internal import CHDF5
package import Diagnostics
internal import Files
internal import Glibc

/// Writes a contiguous dataset row by row.
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

  /// Writes the next rows.
  ///
  /// The corresponding HDF5 function is `H5Dwrite`.
  package mutating func append(rows: Int, _ values: UnsafeRawPointer) throws(Failure) {
    do throws(HDF5Error) {
      let selected = try Selection(
        from: [written] + shape.dropFirst().map { _ in 0 }, [rows] + shape.dropFirst(), in: shape)
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
  /// Creates a contiguous dataset and its groups; the caller writes its rows.
  ///
  /// The dataset has no checksum, since HDF5 supports them only for chunks; the caller keeps one.
  /// The corresponding HDF5 function is `H5Dcreate2`.
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
