internal import CHDF5

/// The number types of datasets; a file may use either byte order.
package enum ElementType: String, Sendable, CaseIterable {
  case float32, float64, uint8, uint16, int32, int64

  package var size: Int {
    switch self {
    case .uint8: 1
    case .uint16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  /// The HDF5 type in files that this program writes: little-endian on every machine.
  var stored: hid_t {
    switch self {
    case .float32: H5T_IEEE_F32LE
    case .float64: H5T_IEEE_F64LE
    case .uint8: H5T_STD_U8LE
    case .uint16: H5T_STD_U16LE
    case .int32: H5T_STD_I32LE
    case .int64: H5T_STD_I64LE
    }
  }

  private var storedBigEndian: hid_t {
    switch self {
    case .float32: H5T_IEEE_F32BE
    case .float64: H5T_IEEE_F64BE
    case .uint8: H5T_STD_U8BE
    case .uint16: H5T_STD_U16BE
    case .int32: H5T_STD_I32BE
    case .int64: H5T_STD_I64BE
    }
  }

  /// The HDF5 type in memory.
  var native: hid_t {
    switch self {
    case .float32: H5T_NATIVE_FLOAT
    case .float64: H5T_NATIVE_DOUBLE
    case .uint8: H5T_NATIVE_UINT8
    case .uint16: H5T_NATIVE_UINT16
    case .int32: H5T_NATIVE_INT32
    case .int64: H5T_NATIVE_INT64
    }
  }

  /// The element type equal to an HDF5 type, nil if there is none.
  ///
  /// The corresponding HDF5 function is `H5Tequal`.
  init?(matching type: borrowing Handle) {
    for candidate in Self.allCases {
      for stored in [candidate.stored, candidate.storedBigEndian]
      where H5Tequal(type.id, stored) > 0 {
        self = candidate
        return
      }
    }
    return nil
  }
}

/// A Swift number type that datasets can store.
package protocol HDF5Element: BitwiseCopyable, Sendable {
  static var elementType: ElementType { get }
}

extension Float: HDF5Element { package static var elementType: ElementType { .float32 } }
extension Double: HDF5Element { package static var elementType: ElementType { .float64 } }
extension UInt8: HDF5Element { package static var elementType: ElementType { .uint8 } }
extension Int32: HDF5Element { package static var elementType: ElementType { .int32 } }
extension Int64: HDF5Element { package static var elementType: ElementType { .int64 } }
