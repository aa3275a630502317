internal import Configuration
package import Diagnostics
internal import Files
internal import Glibc

/// A dataset in files, with its cache.
package struct StoredDataset {
  let descriptor: DatasetDescriptor
  private let paths: DataPaths
  /// The folders where the files may be, searched in this order.
  private let folders: [String]
  private let options: ReadingOptions

  init(
    _ descriptor: DatasetDescriptor, from folders: [String]?, _ options: ReadingOptions,
    in paths: DataPaths
  ) {
    self.descriptor = descriptor
    self.options = options
    self.paths = paths
    self.folders = folders ?? ["\(paths.data)/\(descriptor.name)", paths.data]
  }

  /// The dataset of a descriptor.
  package init(named name: String, in paths: DataPaths = .standard) throws(Failure) {
    let descriptor = try DatasetDescriptor.find(name, in: paths) { Failure(.usage, $0) }
    self.init(descriptor, from: nil, ReadingOptions(), in: paths)
  }

  package var name: String { descriptor.name }
  /// The folder of downloaded files.
  var downloadFolder: String { "\(paths.data)/\(name)" }
  package var about: String { descriptor.about ?? "" }

  /// A cache that is up to date.
  package struct Preparation: Sendable {
    package let name: String
    package let cache: String
    /// Nil if the cache was up to date before.
    package let built: Built?

    package struct Built: Sendable {
      package let samples: Int
      /// The number of targets that are ignored.
      package let ignoredTargets: Int
      /// The number of symbols of a text that are no tokens.
      package let unknownSymbols: Int
      package let bytes: Int
      package let seconds: Double
    }
  }

  /// Builds the cache if there is none, or if the files have changed since.
  package func prepare() throws(Failure) -> Preparation {
    let (format, folder) = try locateFiles()
    let stamp = try stamp(of: format.files, in: folder)
    if let known = options.known {
      // Mostly the cache of training holds just what the network knows.
      let cache = try cachePath(of: folder, options.measured)
      if CacheReader.stamp(of: cache) == stamp,
        let coding = CacheReader.coding(of: cache), known.agrees(with: coding)
      {
        return Preparation(name: name, cache: cache, built: nil)
      }
    }
    let cache = try cachePath(of: folder, options)
    if CacheReader.stamp(of: cache) == stamp {
      return Preparation(name: name, cache: cache, built: nil)
    }
    let start = ContinuousClock.now
    let (samples, ignored, unknown) = try CacheBuilder(
      descriptor, format, options, folder: folder, stamp: stamp
    ).build(cache)
    return Preparation(
      name: name, cache: cache,
      built: Preparation.Built(
        samples: samples, ignoredTargets: ignored, unknownSymbols: unknown,
        bytes: Int(fileStatus(cache)?.st_size ?? 0),
        seconds: (ContinuousClock.now - start) / .seconds(1)))
  }

  /// Where the files are, and whether the cache is up to date.
  package var state: (folder: String?, isCached: Bool) {
    guard let (format, folder) = try? locateFiles() else { return (nil, false) }
    let stamp = try? stamp(of: format.files, in: folder)
    let cache = try? cachePath(of: folder, options)
    return (absolute(folder), stamp != nil && cache.flatMap { CacheReader.stamp(of: $0) } == stamp)
  }

  /// The folder where the files are.
  package var foundFolder: String { get throws(Failure) { try locateFiles().folder } }

  /// The table that the dataset is read from, if it is one.
  var table: CSV? {
    get throws(Failure) { try locateFiles().0 as? CSV }
  }

  private func locateFiles() throws(Failure) -> (any SourceFormat, folder: String) {
    var first: Failure?
    for folder in folders {
      do throws(Failure) {
        return (try descriptor.source.open(in: folder), folder)
      } catch {
        guard error.code == .noInput else { throw error }
        first = first ?? error
      }
    }
    let advice =
      descriptor.mirrors.isEmpty
      ? "" : "; 'nn-dist data fetch \(name)' downloads it, data.from names another folder"
    throw Failure(.noInput, "\(name): \(first?.message ?? "no folder")\(advice)")
  }

  /// The path has a hash of what is read, from which folder and how.
  private func cachePath(of folder: String, _ options: ReadingOptions) throws(Failure) -> String {
    guard let caches = paths.caches else {
      throw Failure(
        .cannotCreate, "there is no place for the cache of \(name): set NN_DIST_CACHE to a folder")
    }
    let key = SHA256.of(
      "\(CacheReader.format)\n\(descriptor.identity)\n\(absolute(folder))\(options.identity)"
    ).prefix(16)
    return "\(caches)/\(name)-\(key).h5"
  }

  /// A hash of the files' sizes and times, which changes when a file does.
  private func stamp(of files: [String], in folder: String) throws(Failure) -> String {
    var lines = ""
    for file in files {
      guard let status = fileStatus(file) else {
        throw systemFailure("read", file, otherwise: .noInput)
      }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw Failure(.noInput, "cannot read '\(file)': it is not a regular file")
      }
      let time = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
      lines += "\(relativeName(of: file, in: folder)) \(status.st_size) \(time)\n"
    }
    return SHA256.of(lines)
  }
}
