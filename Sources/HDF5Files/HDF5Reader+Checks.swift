internal import CHDF5
internal import Diagnostics
internal import Files
internal import Glibc

extension HDF5Reader {
  /// The size of the file at a path, which must be a regular file that may be read.
  static func sizeOfRegularFile(_ path: String) throws(Failure) -> Int {
    let file = try Descriptor(path, O_RDONLY, "open", otherwise: .noInput)
    var status = stat()
    guard unsafe fstat(file.number, &status) == 0 else {
      throw systemFailure("open", path, otherwise: .noInput)
    }
    return Int(status.st_size)
  }

  /// The size that a file had when it was closed, nil if its head is not that of an HDF5 file.
  ///
  /// The library itself only says that a shorter file is truncated.
  package static func declaredSize(of path: String) -> Int? {
    guard let file = try? Descriptor(path, O_RDONLY, "open") else { return nil }
    // Superblock version 2 or 3: signature, version, widths, flags, base, extension, end of file.
    var head = Array(repeating: UInt8(0), count: 36)
    guard unsafe Glibc.read(file.number, &head, head.count) == head.count,
      head.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]), 2...3 ~= head[8],
      head[9] == 8
    else { return nil }
    return Int(exactly: head[28...].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  /// Refuses data that are elsewhere, incomplete, coded in an unknown way or beyond the file.
  ///
  /// The library reads a chunk that was never written as zeros, without a word.
  func checkStorage(
    of dataset: borrowing Handle, _ path: String, byteCount: Int, shape: [Int]
  ) throws(Failure) {
    let storage = try reading(path) { () throws(HDF5Error) in try Storage(of: dataset) }
    if storage.isElsewhere { throw damaged(path, "keeps its data in other files or datasets") }
    for filter in storage.filters where !Storage.knownFilters.contains(filter) {
      throw damaged(path, "uses filter \(filter), known: gzip, shuffle, fletcher32")
    }
    if byteCount == 0 { return }

    let expansion = storage.filters.contains(H5Z_FILTER_DEFLATE) ? Storage.largestExpansion : 1
    guard storage.chunkByteCount <= Storage.chunkLimit else {
      throw damaged(
        path,
        "has chunks of \(storage.chunkByteCount.asBytes), limit \(Storage.chunkLimit.asBytes)")
    }
    guard byteCount / expansion <= fileSize else {
      throw damaged(path, "declares \(byteCount.asBytes), more than \(fileSize.asBytes) can hold")
    }
    let complete =
      storage.chunk.isEmpty
      ? storage.byteCount >= byteCount
      : storage.chunkCount == expectedChunkCount(shape, storage.chunk)
    if !complete { throw damaged(path, "is incomplete: part of its data was never written") }
  }

  private func expectedChunkCount(_ shape: [Int], _ chunk: [Int]) -> Int? {
    chunk.count == shape.count && !chunk.contains(0)
      ? elementCount(zip(shape, chunk).map { ($0 - 1) / $1 + 1 }) : nil
  }
}

/// How a dataset's data lie in the file.
private struct Storage {
  var isElsewhere = false
  var filters: [H5Z_filter_t] = []
  /// The shape of a chunk, empty if the data are in one piece.
  var chunk: [Int] = []
  var chunkByteCount = 0
  var chunkCount = 0
  var byteCount = 0

  static let knownFilters = [H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32]
  /// No deflate stream holds more than this many bytes in one.
  static let largestExpansion = 1032
  /// A chunk is read as a whole into memory that the library takes.
  static let chunkLimit = 1 << 28

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
