internal import CZlib
internal import Diagnostics

/// Decompresses one gzip member piece by piece.
@safe struct Inflation: ~Copyable {
  private let stream: UnsafeMutablePointer<z_stream>
  /// Whether the member has ended, with the right checksum.
  private(set) var hasEnded = false

  init() throws(Failure) {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // Windows of up to 32 KiB, and 16 for the gzip format.
    let status = unsafe inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      unsafe stream.deallocate()
      throw Failure(.outOfMemory, "no memory to unpack a gzip file")
    }
    unsafe self.stream = stream
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Returns the number of bytes consumed and produced, nil if the input is damaged.
  ///
  /// The corresponding zlib function is `inflate`.
  mutating func inflate(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> (used: Int, made: Int)? {
    unsafe stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    unsafe stream.pointee.avail_in = UInt32(input.count)
    unsafe stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_out = UInt32(output.count)
    let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
    hasEnded = status == Z_STREAM_END
    guard hasEnded || status == Z_OK || status == Z_BUF_ERROR else { return nil }
    return unsafe (
      input.count - Int(stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out)
    )
  }
}
