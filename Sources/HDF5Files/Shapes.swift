internal import CHDF5

/// The number of elements of a shape, nil if it exceeds an `Int`.
package func elementCount(_ shape: [Int]) -> Int? {
  var count = 1
  for size in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    if overflow || size < 0 { return nil }
    count = product
  }
  return count
}

/// The shape of a dataset's chunks: at most 1 MiB, a function of shape and element size alone.
///
/// The last dimensions are taken whole as far as they fit. The dimension that is cut is cut evenly,
/// because the file holds the last chunk at full size.
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

/// The dataspace of a shape; the empty shape is a scalar.
func makeSpace(_ shape: [Int]) throws(HDF5Error) -> Handle {
  if shape.isEmpty { return try Handle(H5Screate(H5S_SCALAR), H5Sclose) }
  return try unsafe Handle(
    H5Screate_simple(Int32(shape.count), shape.map(hsize_t.init), nil), H5Sclose)
}

/// The type of a UTF-8 text of fixed length, padded with zero bytes.
///
/// Texts of variable length would live in a heap without checksums.
func makeTextType(byteCount: Int) throws(HDF5Error) -> Handle {
  let type = try Handle(H5Tcopy(H5T_C_S1), H5Tclose)
  try check(H5Tset_size(type.id, max(1, byteCount)))
  try check(H5Tset_cset(type.id, H5T_CSET_UTF8))
  try check(H5Tset_strpad(type.id, H5T_STR_NULLPAD))
  return type
}
