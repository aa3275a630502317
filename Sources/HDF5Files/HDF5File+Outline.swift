internal import CHDF5
internal import Diagnostics

extension HDF5File {
  private static let depthLimit = 32

  /// Returns all objects of the file, sorted by name, a group before its members.
  ///
  /// Objects of any kind are allowed, and no data are read.
  func outline() throws(Failure) -> [HDF5Entry] {
    var entries: [HDF5Entry] = []
    try collect("", depth: 0, into: &entries)
    return entries
  }

  private func collect(
    _ group: String, depth: Int, into entries: inout [HDF5Entry]
  ) throws(Failure) {
    for link in try links(in: group.isEmpty ? "/" : group) {
      guard depth < Self.depthLimit, entries.count < Self.memberLimit else {
        throw damaged(group, "is nested too deep or holds too much")
      }
      let path = group.isEmpty ? link.name : "\(group)/\(link.name)"
      let content = link.isHard ? try content(at: path) : .link
      entries.append(HDF5Entry(path: path, content: content))
      if content == .group { try collect(path, depth: depth + 1, into: &entries) }
    }
  }

  private func content(at path: String) throws(Failure) -> HDF5Entry.Content {
    let object = try open(path)
    switch H5Iget_type(object.id) {
    case H5I_GROUP: return .group
    case H5I_DATASET:
      return .dataset(
        type: Self.name(of: try type(of: object, path)), shape: try shape(of: object, path).0)
    default: return .other
    }
  }

  /// Returns the name of a type in NumPy, or its HDF5 class.
  ///
  /// The corresponding HDF5 function is `H5Tget_class`.
  private static func name(of type: borrowing Handle) -> String {
    let bits = 8 * H5Tget_size(type.id)
    switch H5Tget_class(type.id) {
    case H5T_INTEGER: return "\(H5Tget_sign(type.id) == H5T_SGN_NONE ? "u" : "")int\(bits)"
    case H5T_FLOAT: return "float\(bits)"
    case H5T_STRING: return "text"
    case H5T_COMPOUND: return "compound"
    case H5T_ENUM: return isBoolean(type) ? "bool" : "enumeration"
    case H5T_VLEN: return "lists"
    default: return "other"
    }
  }
}
