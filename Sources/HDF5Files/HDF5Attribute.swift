internal import CHDF5

/// The value of an attribute.
package enum HDF5Attribute: Sendable {
  case integer(Int64)
  case number(Double)
  case numbers([Double])
  case text(String)
}

extension HDF5Attribute: Equatable {
  /// Compares numbers by their bits, so that NaN equals NaN.
  package static func == (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a.bitPattern == b.bitPattern
    case (.numbers(let a), .numbers(let b)): a.map(\.bitPattern) == b.map(\.bitPattern)
    case (.text(let a), .text(let b)): a == b
    default: false
    }
  }
}

extension HDF5Attribute {
  func write(_ name: String, to object: borrowing Handle) throws(HDF5Error) {
    switch self {
    case .integer(let value):
      try create(name, on: object, ElementType.int64.stored, [], ElementType.int64.native, [value])
    case .number(let value):
      try create(
        name, on: object, ElementType.float64.stored, [], ElementType.float64.native, [value])
    case .numbers(let values):
      try create(
        name, on: object, ElementType.float64.stored, [values.count], ElementType.float64.native,
        values)
    case .text(let value):
      let bytes = Array(value.utf8)
      let type = try makeTextType(byteCount: bytes.count)
      try create(name, on: object, type.id, [], type.id, bytes.isEmpty ? [0] : bytes)
    }
  }

  private func create<Value: BitwiseCopyable>(
    _ name: String, on object: borrowing Handle, _ stored: hid_t, _ shape: [Int], _ native: hid_t,
    _ values: [Value]
  ) throws(HDF5Error) {
    let space = try makeSpace(shape)
    let attribute = try unsafe Handle(
      H5Acreate2(object.id, name, stored, space.id, defaults, defaults), H5Aclose)
    if !values.isEmpty { try unsafe check(H5Awrite(attribute.id, native, values)) }
    try attribute.close()
  }

  /// The longest text that is read, so that a damaged file cannot cause a large allocation.
  private static let byteLimit = 1 << 20

  /// Reads an attribute; returns nil if its type is not supported.
  ///
  /// The corresponding HDF5 function is `H5Aread`.
  static func read(_ attribute: borrowing Handle) throws(HDF5Error) -> HDF5Attribute? {
    let type = try Handle(H5Aget_type(attribute.id), H5Tclose)
    let space = try Handle(H5Aget_space(attribute.id), H5Sclose)
    let rank = try check(H5Sget_simple_extent_ndims(space.id))
    let count = try Int(check(H5Sget_simple_extent_npoints(space.id)))
    let size = H5Tget_size(type.id)
    guard size > 0, count <= byteLimit / 8, size <= byteLimit else { return nil }
    if rank == 1, ElementType(matching: type) == .float64 {
      return try .numbers(values(of: attribute, ElementType.float64.native, count, zero: 0))
    }
    guard rank == 0, count == 1 else { return nil }

    switch H5Tget_class(type.id) {
    case H5T_INTEGER where H5Tget_sign(type.id) == H5T_SGN_2 ? size <= 8 : size < 8:
      let value = try values(of: attribute, ElementType.int64.native, 1, zero: Int64(0))
      return .integer(value[0])
    case H5T_FLOAT where size <= 8:
      let value = try values(of: attribute, ElementType.float64.native, 1, zero: 0.0)
      return .number(value[0])
    case H5T_STRING where H5Tis_variable_str(type.id) == 0:
      let text = try makeTextType(byteCount: size)
      try check(H5Tset_cset(text.id, H5Tget_cset(type.id)))
      let bytes = try values(of: attribute, text.id, size, zero: UInt8(0))
      return String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self).map(HDF5Attribute.text)
    default: return nil
    }
  }

  private static func values<Value: BitwiseCopyable>(
    of attribute: borrowing Handle, _ native: hid_t, _ count: Int, zero: Value
  ) throws(HDF5Error) -> [Value] {
    var values = Array(repeating: zero, count: count)
    if count > 0 { try unsafe check(H5Aread(attribute.id, native, &values)) }
    return values
  }
}

extension HDF5Attribute: CustomStringConvertible {
  package var description: String {
    switch self {
    case .integer(let value): "\(value)"
    // Interpolation would print the sign of NaN.
    case .number(let value): value.description
    case .numbers(let values): "[\(values.map(\.description).joined(separator: ", "))]"
    case .text(let value): "'\(value)'"
    }
  }
}
