internal import CHDF5
package import Diagnostics
internal import Files
internal import Glibc

/// A new HDF5 file that is being written.
///
/// The same calls make the same bytes, on any day and with any library from 1.10 on. All calls must
/// come from one thread at a time: not every build of the library is safe for threads.
package struct HDF5Writer: ~Copyable {
  package let path: String
  let file: Handle
  private let groupProperties: Handle
  /// The bytes of data handed over so far.
  private var byteCount = 0

  /// Creates the file, which must not exist yet.
  ///
  /// Truncating an existing file would destroy it even when another process holds its lock.
  package init(creating path: String) throws(Failure) {
    prepareLibrary()
    do throws(HDF5Error) {
      let creation = try Handle(H5Pcreate(H5P_FILE_CREATE), H5Pclose)
      try check(H5Pset_obj_track_times(creation.id, false))
      let access = try Handle(H5Pcreate(H5P_FILE_ACCESS), H5Pclose)
      // Only the formats from 1.10 on have checksums over their metadata.
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

  /// Makes the group at a path of names with slashes between them, and the groups above it.
  package func createGroup(_ path: String) throws(Failure) {
    do throws(HDF5Error) { try makeGroups(path.split(separator: "/")) } catch {
      throw failure(error, path)
    }
  }

  /// Writes numbers as a dataset, and makes the groups above it.
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

  /// Writes a UTF-8 text without zero bytes as a dataset, and makes the groups above it.
  package mutating func write(_ text: String, to path: String) throws(Failure) {
    let bytes = text.isEmpty ? [0] : Array(text.utf8)
    precondition(text.isEmpty || !bytes.contains(0), "A text in a file holds no zero bytes")
    byteCount += bytes.count
    do throws(HDF5Error) {
      let type = try makeTextType(byteCount: bytes.count)
      try unsafe bytes.withUnsafeBufferPointer { values throws(HDF5Error) in
        try unsafe create(
          path, type.id, type.id, [], elementSize: bytes.count, UnsafeRawBufferPointer(values))
      }
    } catch { throw failure(error, path) }
  }

  /// Attaches a value to an existing group or dataset.
  package func set(_ name: String, of path: String, to value: HDF5Attribute) throws(Failure) {
    do throws(HDF5Error) {
      let object = try unsafe Handle(H5Oopen(file.id, path, defaults), H5Oclose)
      try value.write(name, to: object)
      try object.close()
    } catch { throw failure(error, "\(path).\(name)") }
  }

  /// Hands everything to the system; it is not on the disk before the file is synchronised.
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
    // The library may stay unable to close a file once a write has failed, so ask first.
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
        H5Dwrite(dataset.id, native, everything, everything, defaults, bytes.baseAddress))
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
