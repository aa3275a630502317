internal import Diagnostics
internal import Files
internal import Glibc
internal import JSON
internal import Processes

extension JSONText {
  /// The greatest size of a file.
  static let sizeLimit = 1 << 28

  /// Reads a model file.
  convenience init(reading path: String) throws(Failure) {
    guard let status = fileStatus(path) else {
      throw Failure(.noInput, "model '\(path)' does not exist")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(.noInput, "cannot read '\(path)': it is not a regular file")
    }
    guard status.st_size <= Self.sizeLimit else {
      throw Failure(
        .badData,
        "'\(path)': expected a model of at most \(Self.sizeLimit.asBytes), found "
          + Int(status.st_size).asBytes)
    }
    // The text, and at most the same for its numbers.
    try MemoryLimits.require(2 * Int(status.st_size), for: "the model '\(path)'")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(status.st_size))
    try unsafe readFile(path) { piece in
      if bytes.count <= Self.sizeLimit { unsafe bytes.append(contentsOf: piece) }
    }
    self.init(bytes, path: path)
  }
}
