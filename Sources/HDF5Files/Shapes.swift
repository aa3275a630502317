internal import CHDF5

/// Returns the number of elements of a shape, or nil if it overflows an `Int`.
package func elementCount(_ shape: [Int]) -> Int? {
  var count = 1
  for size in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    if overflow || size < 0 { return nil }
    count = product
  }
  return count
}

/// Returns the chunk shape of a dataset: at most 1 MiB, determined by shape and element size.
///
/// Trailing dimensions are kept whole while they fit. The next dimension is divided evenly, because
/// the file stores the last chunk at full size.
package func chunkShape(_ shape: [Int], elementSize: Int) -> [Int] {
  var room = (1 << 20) / elementSize
  var chunk = shape
  for d in shape.indices.reversed() {
    let pieces = (shape[d] + room - 1) / room
    chunk[d] = (shape[d] + pieces - 1) / pieces
    room = max(1, room / chunk[d])
  }
  return chunk
}

/// Creates the dataspace of a shape; the empty shape is a scalar.
///
/// The corresponding HDF5 functions are `H5Screate` and `H5Screate_simple`.
func makeSpace(_ shape: [Int]) throws(HDF5Error) -> Handle {
  if shape.isEmpty { return try Handle(H5Screate(H5S_SCALAR), H5Sclose) }
  return try unsafe Handle(
    H5Screate_simple(Int32(shape.count), shape.map(hsize_t.init), nil), H5Sclose)
}

/// Creates the datatype of a fixed-length UTF-8 string, padded with zero bytes.
///
/// Variable-length strings are stored in a heap without checksums.
/// The corresponding HDF5 function is `H5Tcopy`.
func makeTextType(byteCount: Int) throws(HDF5Error) -> Handle {
  let type = try Handle(H5Tcopy(H5T_C_S1), H5Tclose)
  try check(H5Tset_size(type.id, max(1, byteCount)))
  try check(H5Tset_cset(type.id, H5T_CSET_UTF8))
  try check(H5Tset_strpad(type.id, H5T_STR_NULLPAD))
  return type
}
