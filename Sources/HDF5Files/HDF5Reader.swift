internal import CHDF5
package import Diagnostics
internal import Glibc

/// An HDF5 file that is being read.
///
/// Nothing in it is believed: names, links, shapes, types and filters are checked before memory is
/// taken for them. All calls must come from one thread at a time.
package struct HDF5Reader: ~Copyable {
  package let path: String
  private let file: Handle
  let fileSize: Int

  package init(opening path: String) throws(Failure) {
    let fileSize = try Self.sizeOfRegularFile(path)
    prepareLibrary()
    do throws(HDF5Error) {
      file = try Self.open(path)
      self.path = path
      self.fileSize = fileSize
    } catch {
      if error.systemError == EAGAIN {
        throw Failure(.noInput, "'\(path)' is being written by another process; try again later")
      }
      if error.systemError == ENOMEM { throw Failure(.outOfMemory, "no memory to read '\(path)'") }
      throw Failure(
        error.systemError == 0 ? .badData : .noInput,
        "cannot open '\(path)' as an HDF5 file: \(error.text)")
    }
  }

  /// Opens a file, after a second at most if it is locked.
  ///
  /// A writer may be about to end, and a process that was just forked holds the locks of the one it
  /// came from until it runs its program.
  private static func open(_ path: String) throws(HDF5Error) -> Handle {
    for _ in 0..<100 {
      do throws(HDF5Error) {
        return try unsafe Handle(file: H5Fopen(path, H5F_ACC_RDONLY, defaults))
      } catch {
        guard error.systemError == EAGAIN else { throw error }
        usleep(10_000)
      }
    }
    return try unsafe Handle(file: H5Fopen(path, H5F_ACC_RDONLY, defaults))
  }

  /// The names and kinds of a group's members, in the order of their names' bytes.
  package func members(of group: String = "/") throws(Failure) -> [HDF5Member] {
    var members: [HDF5Member] = []
    for name in try names(in: group) {
      if name.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
        throw damaged(group, "has a member with control characters in its name")
      }
      let member = group == "/" ? name : "\(group)/\(name)"
      let object = try open(member)
      let kind = H5Iget_type(object.id)
      guard kind == H5I_GROUP || kind == H5I_DATASET else {
        throw damaged(member, "is neither a group nor a dataset")
      }
      members.append(HDF5Member(name: name, isGroup: kind == H5I_GROUP))
    }
    return members
  }

  /// Whether there is a group or dataset at a path.
  package func contains(_ path: String) -> Bool {
    var prefix = ""
    for name in path.split(separator: "/") {
      prefix += "/\(name)"
      if unsafe H5Lexists(file.id, prefix, defaults) <= 0 { return false }
    }
    return true
  }

  /// The shape and element type of a dataset whose data are complete and in the file itself.
  package func info(of path: String) throws(Failure) -> DatasetInfo {
    try info(of: open(dataset: path), path)
  }

  /// Reads a dataset of exactly this element type and shape.
  package func read<Element: HDF5Element>(
    _ path: String, shape: [Int], into values: UnsafeMutableBufferPointer<Element>
  ) throws(Failure) {
    precondition(elementCount(shape) == values.count, "A dataset fills its buffer")
    let dataset = try open(dataset: path)
    let info = try info(of: dataset, path)
    guard info.elementType == Element.elementType, info.shape == shape else {
      throw damaged(path, "is \(info), expected \(Element.elementType) \(shape)")
    }
    if values.isEmpty { return }
    try reading(path) { () throws(HDF5Error) in
      _ = try unsafe check(
        H5Dread(
          dataset.id, Element.elementType.native, everything, everything, defaults,
          values.baseAddress))
    }
  }

  /// Reads a dataset that is one text of fixed length.
  package func text(_ path: String) throws(Failure) -> String {
    let dataset = try open(dataset: path)
    let type = try reading(path) { () throws(HDF5Error) in
      try Handle(H5Dget_type(dataset.id), H5Tclose)
    }
    let (shape, _) = try shape(of: dataset, path)
    let size = H5Tget_size(type.id)
    guard H5Tget_class(type.id) == H5T_STRING, H5Tis_variable_str(type.id) == 0, shape.isEmpty,
      size <= fileSize
    else { throw damaged(path, "is not one text of fixed length") }
    try checkStorage(of: dataset, path, byteCount: size, shape: shape)
    var bytes = Array(repeating: UInt8(0), count: size)
    try reading(path) { () throws(HDF5Error) in
      _ = try unsafe check(H5Dread(dataset.id, type.id, everything, everything, defaults, &bytes))
    }
    guard let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else {
      throw damaged(path, "is not UTF-8 text")
    }
    return text
  }

  /// An attribute of a group or dataset, nil if it has none of this name.
  package func attribute(_ name: String, of path: String) throws(Failure) -> HDF5Attribute? {
    let object = try open(path)
    let value = try reading(path) { () throws(HDF5Error) -> HDF5Attribute?? in
      guard try unsafe check(H5Aexists(object.id, name)) > 0 else { return .none }
      let attribute = try unsafe Handle(H5Aopen(object.id, name, defaults), H5Aclose)
      return try .some(HDF5Attribute.read(attribute))
    }
    guard let value else { return nil }
    guard let value else { throw unsupported(name, of: path) }
    return value
  }

  /// The attributes of a group or dataset, in the order of their names.
  package func attributes(
    of path: String
  ) throws(Failure) -> [(name: String, value: HDF5Attribute)] {
    let object = try open(path)
    let count = try reading(path) { () throws(HDF5Error) in
      try check(H5Aget_num_attrs(object.id))
    }
    var attributes: [(name: String, value: HDF5Attribute)] = []
    for i in 0..<count {
      let (name, value) = try reading(path) { () throws(HDF5Error) in
        let attribute = try unsafe Handle(
          H5Aopen_by_idx(
            object.id, ".", H5_INDEX_NAME, H5_ITER_INC, hsize_t(i), defaults, defaults), H5Aclose)
        let name = try unsafe readText { buffer, size in
          unsafe H5Aget_name(attribute.id, size, buffer)
        }
        return (name, try HDF5Attribute.read(attribute))
      }
      guard let value else {
        throw unsupported(name, of: path)
      }
      attributes.append((name, value))
    }
    return attributes
  }
}

extension HDF5Reader {
  /// The names of a group's members, in the order of their bytes.
  func names(in group: String) throws(Failure) -> [String] {
    let object = try open(group)
    guard H5Iget_type(object.id) != H5I_DATASET else { throw damaged(group, "is not a group") }
    return try reading(group) { () throws(HDF5Error) in
      var information = H5G_info_t()
      try unsafe check(H5Gget_info(object.id, &information))
      var names: [String] = []
      for i in 0..<information.nlinks {
        names.append(
          try unsafe readText { buffer, size in
            unsafe H5Lget_name_by_idx(
              object.id, ".", H5_INDEX_NAME, H5_ITER_INC, i, buffer, size, defaults)
          })
      }
      return names
    }
  }

  /// Whether a name stands for an object and not for another place or file.
  func isHardLink(_ path: String) -> Bool {
    unsafe chdf5_link_type(file.id, path) == Int32(H5L_TYPE_HARD.rawValue)
  }

  /// Opens an object, step by step: links may not lead to other places or files.
  func open(_ path: String) throws(Failure) -> Handle {
    var prefix = ""
    for name in path.split(separator: "/") {
      prefix += "/\(name)"
      let kind = unsafe chdf5_link_type(file.id, prefix)
      if kind < 0 { throw damaged(prefix, "is missing") }
      if kind != Int32(H5L_TYPE_HARD.rawValue) { throw damaged(prefix, "is a link") }
    }
    return try reading(path) { () throws(HDF5Error) in
      try unsafe Handle(H5Oopen(file.id, path, defaults), H5Oclose)
    }
  }

  func open(dataset path: String) throws(Failure) -> Handle {
    let object = try open(path)
    guard H5Iget_type(object.id) == H5I_DATASET else { throw damaged(path, "is not a dataset") }
    return object
  }

  private func info(of dataset: borrowing Handle, _ path: String) throws(Failure) -> DatasetInfo {
    let type = try reading(path) { () throws(HDF5Error) in
      try Handle(H5Dget_type(dataset.id), H5Tclose)
    }
    guard let elementType = ElementType(matching: type) else {
      let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
      throw damaged(path, "has an element type that is none of \(known)")
    }
    let (shape, count) = try shape(of: dataset, path)
    let (size, overflow) = count.multipliedReportingOverflow(by: elementType.size)
    if overflow { throw damaged(path, "has the impossible shape \(shape)") }
    try checkStorage(of: dataset, path, byteCount: size, shape: shape)
    return DatasetInfo(shape: shape, elementType: elementType, count: count)
  }

  func shape(
    of dataset: borrowing Handle, _ path: String
  ) throws(Failure) -> ([Int], count: Int) {
    let sizes = try reading(path) { () throws(HDF5Error) -> [hsize_t] in
      let space = try Handle(H5Dget_space(dataset.id), H5Sclose)
      let rank = try check(H5Sget_simple_extent_ndims(space.id))
      var sizes = Array(repeating: hsize_t(0), count: Int(rank))
      try unsafe check(H5Sget_simple_extent_dims(space.id, &sizes, nil))
      // A null dataspace has rank 0 as a scalar has, but no element.
      let isScalar = try check(H5Sget_simple_extent_npoints(space.id)) > 0
      return sizes.isEmpty && !isScalar ? [0] : sizes
    }
    let shape = sizes.map { Int(clamping: $0) }
    guard let count = elementCount(shape) else {
      throw damaged(path, "has the impossible shape \(shape)")
    }
    return (shape, count)
  }

  func reading<Result: ~Copyable>(
    _ part: String, _ body: () throws(HDF5Error) -> Result
  ) throws(Failure) -> Result {
    do throws(HDF5Error) { return try body() } catch {
      guard error.systemError == ENOMEM else { throw damaged(part, error.text) }
      throw Failure(.outOfMemory, "no memory to read '\(path)' at '\(part)'")
    }
  }

  private func unsupported(_ name: String, of path: String) -> Failure {
    damaged("\(path).\(name)", "is an attribute of a kind that is not supported")
  }

  func damaged(_ part: String, _ problem: String) -> Failure {
    Failure(.badData, "'\(path)': '\(part)' \(problem)")
  }
}
