internal import CHDF5
internal import Diagnostics

extension HDF5File {
  /// Throws if data are in other files, incomplete, compressed by an unknown filter, or too large.
  ///
  /// The library reads a chunk that was never written as zeros, without an error.
  @discardableResult
  func checkStorage(
    of dataset: borrowing Handle, _ path: String, byteCount: Int, shape: [Int]
  ) throws(Failure) -> StorageLayout {
    let storage = try reading(path) { () throws(HDF5Error) in try StorageLayout(of: dataset) }
    if storage.isElsewhere { throw damaged(path, "keeps its data in other files or datasets") }
    for filter in storage.filters where !StorageLayout.knownFilters.contains(filter) {
      throw damaged(path, "uses filter \(filter), known: gzip, shuffle, fletcher32")
    }
    if byteCount == 0 { return storage }

    let expansion = storage.filters.contains(H5Z_FILTER_DEFLATE) ? HDF5Reader.largestExpansion : 1
    guard storage.chunkByteCount <= StorageLayout.chunkLimit else {
      throw damaged(
        path,
        "has chunks of \(storage.chunkByteCount.asBytes), limit \(StorageLayout.chunkLimit.asBytes)"
      )
    }
    guard byteCount / expansion <= fileSize else {
      throw damaged(path, "declares \(byteCount.asBytes), more than \(fileSize.asBytes) can hold")
    }
    let complete =
      storage.chunk.isEmpty
      ? storage.byteCount >= byteCount
      : storage.chunkCount == expectedChunkCount(shape, storage.chunk)
    if !complete { throw damaged(path, "is incomplete: part of its data was never written") }
    return storage
  }

  private func expectedChunkCount(_ shape: [Int], _ chunk: [Int]) -> Int? {
    chunk.count == shape.count && !chunk.contains(0)
      ? elementCount(zip(shape, chunk).map { ($0 - 1) / $1 + 1 }) : nil
  }
}

/// How the data of a dataset are stored in the file.
struct StorageLayout {
  var isElsewhere = false
  var filters: [H5Z_filter_t] = []
  /// The chunk shape, empty if the dataset is contiguous.
  var chunk: [Int] = []
  var chunkByteCount = 0
  var chunkCount = 0
  var byteCount = 0

  static let knownFilters = [H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32]
  /// The library allocates memory for a whole chunk.
  static let chunkLimit = 1 << 28

  /// Reads the layout.
  ///
  /// The corresponding HDF5 functions are `H5Pget_layout`, `H5Pget_filter2`, `H5Pget_chunk` and
  /// `H5Dget_num_chunks`.
  init(of dataset: borrowing Handle) throws(HDF5Error) {
    let properties = try Handle(H5Dget_create_plist(dataset.id), H5Pclose)
    let layout = H5Pget_layout(properties.id)
    isElsewhere = layout == H5D_VIRTUAL || H5Pget_external_count(properties.id) != 0
    for i in 0..<(try check(H5Pget_nfilters(properties.id))) {
      var flags: UInt32 = 0
      var valueCount = 0
      var configuration: UInt32 = 0
      filters.append(
        try unsafe check(
          H5Pget_filter2(
            properties.id, UInt32(i), &flags, &valueCount, nil, 0, nil, &configuration)))
    }
    byteCount = Int(clamping: H5Dget_storage_size(dataset.id))
    guard layout == H5D_CHUNKED else { return }

    let space = try Handle(H5Dget_space(dataset.id), H5Sclose)
    var sizes = Array(
      repeating: hsize_t(0), count: Int(try check(H5Sget_simple_extent_ndims(space.id))))
    try unsafe check(H5Pget_chunk(properties.id, Int32(sizes.count), &sizes))
    chunk = sizes.map { Int(clamping: $0) }
    let type = try Handle(H5Dget_type(dataset.id), H5Tclose)
    chunkByteCount = elementCount(chunk + [H5Tget_size(type.id)]) ?? Int.max
    var count: hsize_t = 0
    try unsafe check(H5Dget_num_chunks(dataset.id, space.id, &count))
    chunkCount = Int(clamping: count)
  }
}
