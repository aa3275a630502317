internal import CHDF5
package import Diagnostics
internal import Files
internal import Glibc

/// Writes a dataset row by row.
package struct HDF5RowWriter: ~Copyable {
  private let dataset: Handle
  /// Of all rows, or of those written so far if their number is not known.
  private var shape: [Int]
  private let isGrowing: Bool
  private let type: ElementType
  private let path: String
  private let name: String
  private var written = 0

  fileprivate init(
    _ dataset: consuming Handle, shape: [Int], isGrowing: Bool, type: ElementType, path: String,
    name: String
  ) {
    self.dataset = dataset
    self.shape = shape
    self.isGrowing = isGrowing
    self.type = type
    self.path = path
    self.name = name
  }

  /// Writes the next rows.
  ///
  /// The corresponding HDF5 functions are `H5Dset_extent` and `H5Dwrite`.
  package mutating func append(rows: Int, _ values: UnsafeRawPointer) throws(Failure) {
    silenceErrors()
    do throws(HDF5Error) {
      if isGrowing {
        // After a failed write the library may be unable to close the file.
        let needed = elementCount([rows] + shape.dropFirst() + [type.size]) ?? .max
        if let free = freeBytes(of: path), free < needed {
          throw HDF5Error(text: "", systemError: ENOSPC)
        }
        shape[0] = written + rows
        try unsafe check(H5Dset_extent(dataset.id, shape.map(hsize_t.init)))
      }
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
      return HDF5RowWriter(
        dataset, shape: shape, isGrowing: false, type: type, path: self.path, name: path)
    } catch { throw failure(error, path) }
  }

  /// Creates a dataset that grows with its rows, which are of this shape, and its groups.
  ///
  /// The corresponding HDF5 function is `H5Dcreate2`.
  package mutating func growingRows(
    of type: ElementType, shape: [Int], at path: String
  ) throws(Failure) -> HDF5RowWriter {
    do throws(HDF5Error) {
      try makeGroups(path.split(separator: "/").dropLast())
      let (start, most) = ([0] + shape.map(hsize_t.init), [hsize_t.max] + shape.map(hsize_t.init))
      let space = try unsafe Handle(H5Screate_simple(Int32(start.count), start, most), H5Sclose)
      let properties = try Handle(H5Pcreate(H5P_DATASET_CREATE), H5Pclose)
      try check(H5Pset_obj_track_times(properties.id, false))
      let rowBytes = elementCount(shape + [type.size]) ?? .max
      let chunk = chunkShape(
        [max(1, Self.growingChunkBytes / rowBytes)] + shape, elementSize: type.size)
      try unsafe check(H5Pset_chunk(properties.id, Int32(chunk.count), chunk.map(hsize_t.init)))
      try check(H5Pset_fletcher32(properties.id))
      let dataset = try unsafe Handle(
        H5Dcreate2(file.id, path, type.stored, space.id, defaults, properties.id, defaults),
        H5Dclose)
      return HDF5RowWriter(
        dataset, shape: [0] + shape, isGrowing: true, type: type, path: self.path, name: path)
    } catch { throw failure(error, path) }
  }

  /// The bytes of a chunk of rows: several fit into the library's cache of 1 MiB.
  private static let growingChunkBytes = 1 << 18
}
