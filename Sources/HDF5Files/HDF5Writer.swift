internal import CHDF5
package import Diagnostics
internal import Files
internal import Glibc

/// Writes a new HDF5 file.
///
/// The same calls produce the same bytes, at any time and with any library version from 1.10 on.
/// Only one thread at a time may use it: not every build of the library is thread-safe.
package struct HDF5Writer: ~Copyable {
  package let path: String
  let file: Handle
  private let groupProperties: Handle
  /// The bytes of data written so far.
  private var byteCount = 0

  /// Creates a file, which must not exist.
  ///
  /// Truncating an existing file would destroy it even if another process has locked it.
  /// The corresponding HDF5 function is `H5Fcreate`.
  package init(creating path: String) throws(Failure) {
    prepareLibrary()
    do throws(HDF5Error) {
      let creation = try Handle(H5Pcreate(H5P_FILE_CREATE), H5Pclose)
      try check(H5Pset_obj_track_times(creation.id, false))
      let access = try Handle(H5Pcreate(H5P_FILE_ACCESS), H5Pclose)
      // The formats before 1.10 have no checksums over all metadata.
      try check(H5Pset_libver_bounds(access.id, H5F_LIBVER_V110, H5F_LIBVER_V110))
      let group = try Handle(H5Pcreate(H5P_GROUP_CREATE), H5Pclose)
      try check(H5Pset_obj_track_times(group.id, false))
      file = try unsafe Handle(file: H5Fcreate(path.cPath, H5F_ACC_EXCL, creation.id, access.id))
      groupProperties = group
      self.path = path
    } catch {
      if [ENOSPC, ENOMEM].contains(error.systemError) {
        throw Self.failure(error, "its start", path, 0)
      }
      throw Failure(
        ExitCode(writing: error.systemError, otherwise: .cannotCreate),
        "cannot create '\(path)': \(error.text)")
    }
  }

  /// Creates a group and its parents.
  ///
  /// The corresponding HDF5 function is `H5Gcreate2`.
  package func createGroup(_ path: String) throws(Failure) {
    do throws(HDF5Error) { try makeGroups(path.split(separator: "/")) } catch {
      throw failure(error, path)
    }
  }

  /// Writes numbers as a dataset, and creates its groups.
  ///
  /// The corresponding HDF5 functions are `H5Dcreate2` and `H5Dwrite`.
  package mutating func write<Element: HDF5Element>(
    _ values: UnsafeBufferPointer<Element>, shape: [Int], to path: String
  ) throws(Failure) {
    precondition(elementCount(shape) == values.count, "A dataset fills its shape")
    let type = Element.elementType
    let bytes = UnsafeRawBufferPointer(values)
    byteCount += bytes.count
    do throws(HDF5Error) {
      try unsafe create(path, type.stored, type.native, shape, elementSize: type.size, bytes)
    } catch { throw failure(error, path) }
  }

  /// Writes a UTF-8 text without zero bytes as a scalar dataset, and creates its groups.
  package mutating func write(_ text: String, to path: String) throws(Failure) {
    let bytes = text.isEmpty ? [0] : Array(text.utf8)
    precondition(text.isEmpty || !bytes.contains(0), "A text must not contain zero bytes")
    byteCount += bytes.count
    do throws(HDF5Error) {
      let type = try makeTextType(byteCount: bytes.count)
      try unsafe bytes.withUnsafeBufferPointer { values throws(HDF5Error) in
        try unsafe create(
          path, type.id, type.id, [], elementSize: bytes.count, UnsafeRawBufferPointer(values))
      }
    } catch { throw failure(error, path) }
  }

  /// Writes an attribute of an existing group or dataset.
  ///
  /// The corresponding HDF5 functions are `H5Acreate2` and `H5Awrite`.
  package func set(_ name: String, of path: String, to value: HDF5Attribute) throws(Failure) {
    do throws(HDF5Error) {
      let object = try unsafe Handle(H5Oopen(file.id, path, defaults), H5Oclose)
      try value.write(name, to: object)
      try object.close()
    } catch { throw failure(error, "\(path).\(name)") }
  }

  /// Closes the file; its data are not on the disk until the file is synchronised.
  ///
  /// The corresponding HDF5 function is `H5Fclose`.
  package consuming func close() throws(Failure) {
    let (path, byteCount) = (path, byteCount)
    do throws(HDF5Error) { try file.close() } catch {
      throw Self.failure(error, "its end", path, byteCount)
    }
  }

  private func create(
    _ path: String, _ stored: hid_t, _ native: hid_t, _ shape: [Int], elementSize: Int,
    _ bytes: UnsafeRawBufferPointer
  ) throws(HDF5Error) {
    silenceErrors()
    // After a failed write the library may be unable to close the file, so check the space first.
    if let free = freeBytes(of: self.path), free < bytes.count {
      throw HDF5Error(text: "", systemError: ENOSPC)
    }
    try makeGroups(path.split(separator: "/").dropLast())
    let space = try makeSpace(shape)
    let properties = try Handle(H5Pcreate(H5P_DATASET_CREATE), H5Pclose)
    try check(H5Pset_obj_track_times(properties.id, false))
    if !shape.isEmpty, !shape.contains(0) {
      let chunk = chunkShape(shape, elementSize: elementSize).map(hsize_t.init)
      try unsafe check(H5Pset_chunk(properties.id, Int32(chunk.count), chunk))
      try check(H5Pset_fletcher32(properties.id))
    }
    let dataset = try unsafe Handle(
      H5Dcreate2(file.id, path, stored, space.id, defaults, properties.id, defaults), H5Dclose)
    if bytes.count > 0 {
      try unsafe check(
        H5Dwrite(dataset.id, native, wholeDataset, wholeDataset, defaults, bytes.baseAddress))
    }
    try dataset.close()
  }

  func makeGroups(_ names: some Collection<Substring>) throws(HDF5Error) {
    var path = ""
    for name in names {
      path += path.isEmpty ? "\(name)" : "/\(name)"
      if try unsafe check(H5Lexists(file.id, path, defaults)) > 0 { continue }
      let group = try unsafe Handle(
        H5Gcreate2(file.id, path, defaults, groupProperties.id, defaults), H5Gclose)
      try group.close()
    }
  }

  func failure(_ error: HDF5Error, _ part: String) -> Failure {
    Self.failure(error, part, path, byteCount)
  }

  static func failure(
    _ error: HDF5Error, _ part: String, _ path: String, _ byteCount: Int
  ) -> Failure {
    if error.systemError == ENOMEM {
      return Failure(.outOfMemory, "no memory to write '\(path)' at \(part)")
    }
    guard error.systemError == ENOSPC else {
      return Failure(.inputOutput, "cannot write '\(path)' at \(part): \(error.text)")
    }
    let room = freeBytes(of: path).map { ($0 + allocatedBytes(of: path)).asBytes } ?? "too little"
    return Failure(
      .inputOutput,
      "cannot write '\(path)': no space left (needs more than \(byteCount.asBytes), free \(room))")
  }
}
