internal import CHDF5

extension HDF5File {
  /// Whether a type is an enumeration of bytes that are 0 and 1, as h5py writes booleans; the
  /// library converts it to integers.
  ///
  /// The corresponding HDF5 function is `H5Tget_member_value`.
  static func isBoolean(_ type: borrowing Handle) -> Bool {
    guard H5Tget_class(type.id) == H5T_ENUM, H5Tget_size(type.id) == 1,
      H5Tget_nmembers(type.id) == 2
    else { return false }
    let values = (0..<2).map { member -> UInt8? in
      var value: UInt8 = 0
      return unsafe H5Tget_member_value(type.id, UInt32(member), &value) >= 0 ? value : nil
    }
    return values == [0, 1] || values == [1, 0]
  }
}
