internal import Diagnostics
internal import Files
internal import Glibc
internal import HDF5Files

/// Throws if the SHA-256 of a checkpoint does not match; the failure lists valid checkpoints.
func verifyDigest(of path: String) throws(Failure) {
  guard let problem = try digestProblem(of: path) else { return }
  let directory = CheckpointDirectory(directoryName(path))
  var valid: [String] = []
  for step in (try? directory.steps().reversed()) ?? [] {
    let other = directory.file(ofStep: step)
    if baseName(other) != baseName(path), isValid(other) { valid.append(other) }
  }
  let others =
    valid.isEmpty
    ? "no other checkpoint beside it is valid"
    : "valid: \(valid.joined(separator: ", ")) (resume with --resume=\(valid[0]))"
  throw Failure(.badData, "checkpoint '\(path)' \(problem); \(others)")
}

private func isValid(_ path: String) -> Bool {
  do { return try digestProblem(of: path) == nil } catch { return false }
}

/// Returns why a checkpoint cannot be verified, or nil if its SHA-256 matches.
private func digestProblem(of path: String) throws(Failure) -> String? {
  let digestFile = CheckpointDirectory.digestFile(of: path)
  guard let status = fileStatus(path) else {
    let rest = fileStatus(digestFile) == nil ? "" : ", only its .sha256 is there"
    throw Failure(.noInput, "checkpoint '\(path)' does not exist\(rest)")
  }
  guard fileStatus(digestFile) != nil else {
    return "cannot be verified: '\(digestFile)' is missing"
  }
  let name = baseName(path)
  let lines = try readText(digestFile).split(separator: "\n")
  let digests = lines.filter { $0.dropFirst(64) == "  \(name)" }.map { $0.prefix(64) }
  if digests.isEmpty {
    return "cannot be verified: '\(digestFile)' has no line '<64 digits>  \(name)'"
  }
  let found = try SHA256.of(file: path)
  if digests.contains(where: { $0 == found }) { return nil }
  if let size = HDF5Reader.declaredSize(of: path), size != Int(status.st_size) {
    return "is incomplete: \(status.st_size) of \(size) bytes"
  }
  return "is damaged: its SHA-256 is not that of '\(digestFile)'"
}
