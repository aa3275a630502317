internal import Configuration
package import Diagnostics
internal import Files
internal import Glibc

/// A dataset that lies in files, with its cache.
package struct StoredDataset {
  let descriptor: DatasetDescriptor
  private let places: DataPlaces
  /// The folders where the files may be, the first that has them counts.
  private let folders: [String]
  private let coding: FileCoding

  init(
    _ descriptor: DatasetDescriptor, from folder: String?, as coding: FileCoding,
    in places: DataPlaces
  ) {
    self.descriptor = descriptor
    self.coding = coding
    self.places = places
    folders =
      folder.map { [$0] }
      ?? (descriptor.isNamed ? ["\(places.data)/\(descriptor.name)", places.data] : ["."])
  }

  /// The dataset of a descriptor.
  package init(named name: String, in places: DataPlaces = .standard) throws(Failure) {
    let descriptor = try DatasetDescriptor.find(name, in: places) { Failure(.usage, $0) }
    self.init(descriptor, from: nil, as: .learnt(standardises: true), in: places)
  }

  package var name: String { descriptor.name }
  /// Where downloaded files go.
  var downloadFolder: String { "\(places.data)/\(name)" }
  package var about: String { descriptor.about ?? "" }

  /// What became of the cache.
  package struct Preparation: Sendable {
    package let name: String
    package let cache: String
    /// Nil if the cache was there.
    package let built: Built?

    package struct Built: Sendable {
      package let samples: Int
      /// How many targets of them count nowhere.
      package let ignoredTargets: Int
      package let bytes: Int
      package let seconds: Double
    }
  }

  /// Makes the cache if there is none, or if the files have changed since.
  package func prepare() throws(Failure) -> Preparation {
    let (format, folder) = try locateFiles()
    let stamp = try stamp(of: format.files, in: folder)
    if let known = coding.known {
      // What the files teach today is mostly what the network knows.
      let cache = try cachePath(of: folder, as: .learnt(standardises: true))
      if CacheReader.stamp(of: cache) == stamp,
        let coding = CacheReader.coding(of: cache), known.agrees(with: coding)
      {
        return Preparation(name: name, cache: cache, built: nil)
      }
    }
    let cache = try cachePath(of: folder, as: coding)
    if CacheReader.stamp(of: cache) == stamp {
      return Preparation(name: name, cache: cache, built: nil)
    }
    let start = ContinuousClock.now
    let (samples, ignored) = try CacheBuilder(
      descriptor, format, coding, folder: folder, stamp: stamp
    )
    .build(cache)
    return Preparation(
      name: name, cache: cache,
      built: Preparation.Built(
        samples: samples, ignoredTargets: ignored, bytes: Int(fileStatus(cache)?.st_size ?? 0),
        seconds: (ContinuousClock.now - start) / .seconds(1)))
  }

  /// Where the files are and whether the cache is up to date, for a list.
  package var state: (folder: String?, isCached: Bool) {
    guard let (format, folder) = try? locateFiles() else { return (nil, false) }
    let stamp = try? stamp(of: format.files, in: folder)
    let cache = try? cachePath(of: folder, as: coding)
    return (absolute(folder), stamp != nil && cache.flatMap { CacheReader.stamp(of: $0) } == stamp)
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

  /// A cache belongs to what was read from which folder, and how.
  private func cachePath(of folder: String, as coding: FileCoding) throws(Failure) -> String {
    guard let caches = places.caches else {
      throw Failure(
        .cannotCreate, "there is no place for the cache of \(name): set NN_DIST_CACHE to a folder")
    }
    let key = SHA256.of(
      "\(CacheReader.format)\n\(descriptor.identity)\n\(absolute(folder))\(coding.identity)"
    ).prefix(16)
    return "\(caches)/\(name)-\(key).h5"
  }

  /// Changes when a file does, as far as its size and its time tell.
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
