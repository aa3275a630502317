package import Diagnostics
internal import Files

/// The kind of a file, by its first bytes.
package enum FileKind: Sendable {
  case folder
  case hdf5
  case png
  /// In the format of MNIST, perhaps compressed.
  case idx
  /// Without zero bytes: a table, a configuration.
  case text
  case other

  package init(of path: String) throws(Failure) {
    // What is read of a pipe is gone.
    if path == ByteStream.standardInput {
      self = .text
      return
    }
    if isDirectory(path) {
      self = .folder
      return
    }
    let stream = try ByteStream(path)
    var head = [UInt8](repeating: 0, count: 512)
    let count = try unsafe head.withUnsafeMutableBufferPointer { bytes throws(Failure) in
      try unsafe stream.read(UnsafeMutableRawBufferPointer(bytes))
    }
    head.removeLast(head.count - count)
    self =
      if head.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]) {
        .hdf5
      } else if head.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
        .png
      } else if head.starts(with: [0, 0]) {
        .idx
      } else {
        head.contains(0) ? .other : .text
      }
  }
}
