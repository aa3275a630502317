package import Diagnostics
internal import Files
internal import Glibc

extension StoredDataset {
  /// Downloads files that are missing or have another digest; reports each step.
  ///
  /// A file gets its name only when it is whole and its digest is right.
  package func fetch(_ report: (String) -> Void) throws(Failure) {
    let mirrors = descriptor.mirrors.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    guard !mirrors.isEmpty, !descriptor.files.isEmpty else {
      throw Failure(.usage, "\(name): its descriptor names no mirrors and files to be downloaded")
    }
    let folder = downloadFolder
    try makeDirectories(folder)
    try TemporaryFile.removeStale(in: folder)
    var missing: [DatasetDescriptor.File] = []
    for file in descriptor.files {
      let path = "\(folder)/\(file.name)"
      if fileStatus(path) != nil, try SHA256.of(file: path) == file.sha256 {
        report("'\(path)' is there")
      } else {
        missing.append(file)
      }
    }
    if missing.isEmpty { return }
    if let archive = descriptor.archive {
      try unpack(archive, missing, into: folder, from: mirrors, report)
    } else {
      for file in missing {
        let path = "\(folder)/\(file.name)"
        try download(file, for: path, from: mirrors, report).rename(to: path)
      }
    }
    try synchronizeDirectory(folder)
  }

  /// Downloads a file to a temporary name, from the first mirror that has it.
  private func download(
    _ file: DatasetDescriptor.File, for path: String, from mirrors: [String],
    _ report: (String) -> Void
  ) throws(Failure) -> TemporaryFile {
    let temporary = TemporaryFile(for: path)
    // curl would follow an existing link.
    try temporary.write("")
    var problems: [String] = []
    for mirror in mirrors {
      let address = "\(mirror)/\(file.name)"
      report("fetching \(address)")
      if let problem = try Subprocess.run([
        "curl", "--fail", "--location", "--silent", "--show-error", "--retry", "2",
        "--connect-timeout", "20", "--speed-limit", "1000", "--speed-time", "30", "--output",
        temporary.path, "--", address,
      ]) {
        problems.append("\(address): \(problem.message)")
        continue
      }
      let digest = try SHA256.of(file: temporary.path)
      if digest == file.sha256 {
        try temporary.synchronize()
        return temporary
      }
      problems.append("\(address): SHA-256 \(digest), expected \(file.sha256)")
    }
    let isWrong = problems.contains { $0.contains("SHA-256") }
    throw Failure(
      isWrong ? .badData : .noInput,
      "cannot fetch '\(file.name)' of \(name): \(problems.joined(separator: "; "))")
  }

  private func unpack(
    _ archive: DatasetDescriptor.File, _ files: [DatasetDescriptor.File], into folder: String,
    from mirrors: [String], _ report: (String) -> Void
  ) throws(Failure) {
    let packed = try download(archive, for: "\(folder)/\(archive.name)", from: mirrors, report)
    let place = "\(packed.path).unpacked"
    defer { _ = try? Subprocess.run(["rm", "-r", "--", place]) }
    try makeDirectories(place)
    let words = ["tar", "-x", "-z", "-f", packed.path, "-C", place, "--strip-components", "1"]
    if let problem = try Subprocess.run(words) {
      throw Failure(.badData, "cannot unpack '\(archive.name)' of \(name): \(problem.message)")
    }
    for file in files {
      let path = "\(place)/\(file.name)"
      guard try SHA256.of(file: path) == file.sha256 else {
        throw Failure(.badData, "'\(file.name)' in '\(archive.name)' is not what it should be")
      }
      guard unsafe rename(path.cPath, "\(folder)/\(file.name)".cPath) == 0 else {
        throw systemFailure("create", "\(folder)/\(file.name)", otherwise: .cannotCreate)
      }
    }
  }
}
