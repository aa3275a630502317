internal import CHDF5
internal import Diagnostics
internal import Glibc

/// Reads an HDF5 file in this process.
///
/// The file is not trusted: names, links, shapes, types and filters are checked before memory is
/// allocated for them. Only one thread at a time may use it.
final class HDF5File {
  let path: String
  private let file: Handle
  let fileSize: Int

  /// Opens a regular file of this size; messages refer to it as `path`.
  ///
  /// The corresponding HDF5 function is `H5Fopen`.
  init(opening location: String, named path: String, size: Int) throws(Failure) {
    prepareLibrary()
    do throws(HDF5Error) { file = try Self.open(location) } catch {
      if error.systemError == EAGAIN {
        throw Failure(.noInput, "'\(path)' is being written by another process; try again later")
      }
      if error.systemError == ENOMEM { throw Failure(.outOfMemory, "no memory to read '\(path)'") }
      throw Failure(
        error.systemError == 0 ? .badData : .noInput,
        "cannot open '\(path)' as an HDF5 file: \(error.text)")
    }
    self.path = path
    fileSize = size
  }

  /// Opens a file; if it is locked, retries for a second.
  ///
  /// The writer may be about to close it, and a forked process keeps the locks of its parent until
  /// it calls `exec`.
  private static func open(_ path: String) throws(HDF5Error) -> Handle {
    for _ in 0..<100 {
      do throws(HDF5Error) {
        return try unsafe Handle(file: H5Fopen(path.cPath, H5F_ACC_RDONLY, defaults))
      } catch {
        guard error.systemError == EAGAIN else { throw error }
        usleep(10_000)
      }
    }
    return try unsafe Handle(file: H5Fopen(path.cPath, H5F_ACC_RDONLY, defaults))
  }

  /// Returns the names and kinds of a group's members, sorted by the bytes of their names.
  func members(of group: String) throws(Failure) -> [HDF5Member] {
    var members: [HDF5Member] = []
    for link in try links(in: group) {
      if link.name.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
        throw damaged(group, "has a member with control characters in its name")
      }
      let member = group == "/" ? link.name : "\(group)/\(link.name)"
      let object = try open(member)
      let kind = H5Iget_type(object.id)
      guard kind == H5I_GROUP || kind == H5I_DATASET else {
        throw damaged(member, "is neither a group nor a dataset")
      }
      members.append(HDF5Member(name: link.name, isGroup: kind == H5I_GROUP))
    }
    return members
  }

  /// Returns whether there is a group or dataset at a path.
  ///
  /// The corresponding HDF5 function is `H5Lexists`.
  func contains(_ path: String) -> Bool {
    var prefix = ""
    for name in path.split(separator: "/") {
      prefix += "/\(name)"
      if unsafe H5Lexists(file.id, prefix.cPath, defaults) <= 0 { return false }
    }
    return true
  }

  /// Returns the shape and element type of a dataset; throws unless its data are complete.
  func info(of path: String) throws(Failure) -> DatasetInfo {
    try info(of: open(dataset: path), path).0
  }

  /// Opens a dataset of exactly this element type and shape.
  func elements(
    of path: String, _ type: ElementType, shape: [Int]
  ) throws(Failure) -> ElementReader {
    let dataset = try open(dataset: path)
    let (info, storage) = try info(of: dataset, path)
    guard info.elementType == type, info.shape == shape else {
      throw damaged(path, "is \(info), expected \(type) \(shape)")
    }
    return ElementReader(dataset, shape: shape, storage, as: type)
  }

  /// Opens a dataset of integers, floating-point numbers or booleans, to be read row by row.
  func rows(of path: String) throws(Failure) -> (ElementReader, HDF5RowReader.Numbers) {
    let dataset = try open(dataset: path)
    let type = try type(of: dataset, path)
    let size = H5Tget_size(type.id)
    let numbers: HDF5RowReader.Numbers
    switch H5Tget_class(type.id) {
    case H5T_INTEGER where size == 1 && H5Tget_sign(type.id) == H5T_SGN_NONE: numbers = .bytes
    case H5T_INTEGER: numbers = .integers
    case H5T_FLOAT: numbers = .reals
    case H5T_ENUM where Self.isBoolean(type): numbers = .bytes
    default: throw damaged(path, "holds neither integers nor real numbers nor booleans")
    }
    let (shape, count) = try shape(of: dataset, path)
    guard !shape.isEmpty else { throw damaged(path, "is a single number") }
    guard let byteCount = elementCount([count, size]) else {
      throw damaged(path, "has the impossible shape \(shape)")
    }
    let storage = try checkStorage(of: dataset, path, byteCount: byteCount, shape: shape)
    return (ElementReader(dataset, shape: shape, storage, as: nil), numbers)
  }

  /// Returns the position in the file of the data of a contiguous dataset.
  ///
  /// The corresponding HDF5 function is `H5Dget_offset`.
  func offset(of path: String) throws(Failure) -> Int {
    let dataset = try open(dataset: path)
    let offset = H5Dget_offset(dataset.id)
    guard offset != .max else { throw damaged(path, "is not in one piece") }
    return Int(clamping: offset)
  }

  /// Reads a scalar dataset that is a fixed-length string.
  func text(_ path: String) throws(Failure) -> String {
    let dataset = try open(dataset: path)
    let type = try type(of: dataset, path)
    let (shape, _) = try shape(of: dataset, path)
    let size = H5Tget_size(type.id)
    guard H5Tget_class(type.id) == H5T_STRING, H5Tis_variable_str(type.id) == 0, shape.isEmpty,
      size <= fileSize
    else { throw damaged(path, "is not one text of fixed length") }
    try checkStorage(of: dataset, path, byteCount: size, shape: shape)
    var bytes = Array(repeating: UInt8(0), count: size)
    try reading(path) { () throws(HDF5Error) in
      _ = try unsafe check(
        H5Dread(dataset.id, type.id, wholeDataset, wholeDataset, defaults, &bytes))
    }
    guard let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else {
      throw damaged(path, "is not UTF-8 text")
    }
    return text
  }

  /// Returns an attribute of a group or dataset, or nil if there is none.
  func attribute(_ name: String, of path: String) throws(Failure) -> HDF5Attribute? {
    let object = try open(path)
    let value = try reading(path) { () throws(HDF5Error) -> HDF5Attribute?? in
      guard try unsafe check(H5Aexists(object.id, name)) > 0 else { return .none }
      let attribute = try unsafe Handle(H5Aopen(object.id, name.cPath, defaults), H5Aclose)
      return try .some(HDF5Attribute.read(attribute))
    }
    guard let value else { return nil }
    guard let value else { throw unsupported(name, of: path) }
    return value
  }

  /// Returns the attributes of a group or dataset, sorted by name.
  func attributes(of path: String) throws(Failure) -> [NamedAttribute] {
    let object = try open(path)
    let names = try reading(path) { () throws(HDF5Error) in try attributeNames(of: object) }
    var attributes: [NamedAttribute] = []
    for name in names {
      let value = try reading(path) { () throws(HDF5Error) in
        let attribute = try unsafe Handle(H5Aopen(object.id, name.cPath, defaults), H5Aclose)
        return try HDF5Attribute.read(attribute)
      }
      guard let value else { throw unsupported(name, of: path) }
      attributes.append(NamedAttribute(name: name, value: value))
    }
    return attributes
  }
}

extension HDF5File {
  /// A link of a group.
  ///
  /// A hard link is an object of this file; soft and external links are not.
  struct Link {
    let name: String
    let isHard: Bool
  }

  /// The maximum number of members of a group.
  static let memberLimit = 100_000

  /// Returns the links of a group, sorted by the bytes of their names.
  ///
  /// It iterates once: reading each link by its index would take quadratic time.
  /// The corresponding HDF5 function is `H5Literate`.
  func links(in group: String) throws(Failure) -> [Link] {
    let object = try open(group)
    guard H5Iget_type(object.id) != H5I_DATASET else { throw damaged(group, "is not a group") }
    var information = H5G_info_t()
    try reading(group) { () throws(HDF5Error) in
      _ = try unsafe check(H5Gget_info(object.id, &information))
    }
    guard information.nlinks <= Self.memberLimit else {
      throw damaged(
        group,
        "has \(Int(clamping: information.nlinks).grouped) members, "
          + "limit \(Self.memberLimit.grouped)"
      )
    }
    var links: [Link] = []
    let status = unsafe withUnsafeMutablePointer(to: &links) { links in
      unsafe chdf5_visit_links(
        object.id,
        { name, isHard, links in
          unsafe links.assumingMemoryBound(to: [Link].self).pointee.append(
            Link(name: String(path: name), isHard: isHard != 0))
        }, links)
    }
    try reading(group) { () throws(HDF5Error) in _ = try check(status) }
    return links
  }

  /// Returns the names of an object's attributes, sorted by their bytes.
  ///
  /// The corresponding HDF5 function is `H5Aiterate2`.
  private func attributeNames(of object: borrowing Handle) throws(HDF5Error) -> [String] {
    var names: [String] = []
    var place: hsize_t = 0
    let status = unsafe withUnsafeMutablePointer(to: &names) { names in
      unsafe H5Aiterate2(
        object.id, H5_INDEX_NAME, H5_ITER_INC, &place,
        { _, name, _, names in
          guard let name = unsafe name, let names = unsafe names else { return -1 }
          unsafe names.assumingMemoryBound(to: [String].self).pointee.append(
            String(path: name))
          return 0
        }, names)
    }
    try check(status)
    return names
  }

  /// Opens an object; throws if any part of the path is a soft or external link.
  ///
  /// The corresponding HDF5 function is `H5Oopen`.
  func open(_ path: String) throws(Failure) -> Handle {
    var prefix = ""
    for name in path.split(separator: "/") {
      prefix += "/\(name)"
      let kind = unsafe chdf5_link_type(file.id, prefix.cPath)
      if kind < 0 { throw damaged(prefix, "is missing") }
      if kind != Int32(H5L_TYPE_HARD.rawValue) { throw damaged(prefix, "is a link") }
    }
    return try reading(path) { () throws(HDF5Error) in
      try unsafe Handle(H5Oopen(file.id, path.cPath, defaults), H5Oclose)
    }
  }

  func open(dataset path: String) throws(Failure) -> Handle {
    let object = try open(path)
    guard H5Iget_type(object.id) == H5I_DATASET else { throw damaged(path, "is not a dataset") }
    return object
  }

  private func info(
    of dataset: borrowing Handle, _ path: String
  ) throws(Failure) -> (DatasetInfo, StorageLayout) {
    guard let elementType = ElementType(matching: try type(of: dataset, path)) else {
      let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
      throw damaged(path, "has an element type that is none of \(known)")
    }
    let (shape, count) = try shape(of: dataset, path)
    let (size, overflow) = count.multipliedReportingOverflow(by: elementType.size)
    if overflow { throw damaged(path, "has the impossible shape \(shape)") }
    let storage = try checkStorage(of: dataset, path, byteCount: size, shape: shape)
    return (DatasetInfo(shape: shape, elementType: elementType, count: count), storage)
  }

  /// Returns the datatype of a dataset.
  ///
  /// The corresponding HDF5 function is `H5Dget_type`.
  func type(of dataset: borrowing Handle, _ path: String) throws(Failure) -> Handle {
    try reading(path) { () throws(HDF5Error) in try Handle(H5Dget_type(dataset.id), H5Tclose) }
  }

  /// Returns the shape of a dataset and the number of its elements.
  ///
  /// The corresponding HDF5 function is `H5Sget_simple_extent_dims`.
  func shape(
    of dataset: borrowing Handle, _ path: String
  ) throws(Failure) -> ([Int], count: Int) {
    let sizes = try reading(path) { () throws(HDF5Error) -> [hsize_t] in
      let space = try Handle(H5Dget_space(dataset.id), H5Sclose)
      let rank = try check(H5Sget_simple_extent_ndims(space.id))
      var sizes = Array(repeating: hsize_t(0), count: Int(rank))
      try unsafe check(H5Sget_simple_extent_dims(space.id, &sizes, nil))
      // A null dataspace has rank 0, like a scalar, but no elements.
      let isScalar = try check(H5Sget_simple_extent_npoints(space.id)) > 0
      return sizes.isEmpty && !isScalar ? [0] : sizes
    }
    let shape = sizes.map { Int(clamping: $0) }
    guard let count = elementCount(shape) else {
      throw damaged(path, "has the impossible shape \(shape)")
    }
    return (shape, count)
  }

  /// Runs HDF5 calls, and converts an error to a failure at a path of the file.
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
