internal import Diagnostics
internal import Files
internal import Glibc

/// The folders of descriptors, data and caches.
package struct DataPaths: Sendable {
  /// Searched in this order.
  let descriptors: [String]
  /// Has a folder for each dataset.
  let data: String
  /// Nil if the environment names none, and no home.
  let caches: String?

  /// From environment variables; `program` is the folder of the executable.
  package init(environment: (String) -> String?, program: String?) {
    func folder(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    let shared = program.map { ["\($0)/../share/nn-dist/Datasets", "\($0)/../Datasets"] } ?? []
    descriptors = (folder("NN_DIST_DATASETS").map { [$0] } ?? []) + ["Datasets"] + shared
    data = folder("NN_DIST_DATA") ?? "data"
    caches =
      folder("NN_DIST_CACHE") ?? folder("XDG_CACHE_HOME").map { "\($0)/nn-dist" }
      ?? folder("HOME").map { "\($0)/.cache/nn-dist" }
  }

  /// From the environment of this process.
  package static var standard: DataPaths {
    DataPaths(
      environment: environmentVariable,
      program: resolved("/proc/self/exe").map(directoryName))
  }

  /// The file of a descriptor; nil if there is none of this name.
  func descriptor(_ name: String) -> String? {
    descriptors.map { "\($0)/\(name).yaml" }.first { fileStatus($0) != nil }
  }

  /// The names of all descriptors, sorted.
  package var datasets: [String] {
    let names = descriptors.flatMap { folder in
      ((try? fileNames(in: folder)) ?? []).filter { $0.hasSuffix(".yaml") }.map { $0.dropLast(5) }
    }
    return Set(names.map(String.init)).sorted()
  }
}

/// An absolute path without links; nil if nothing is there.
///
/// The corresponding C function is `realpath`.
func resolved(_ path: String) -> String? {
  let real = unsafe realpath(path.cPath, nil)
  defer { unsafe free(real) }
  return unsafe real.map { unsafe String(path: $0) }
}

/// An absolute path, for keys and messages.
package func absolute(_ path: String) -> String {
  if let real = resolved(path) { return real }
  return path.hasPrefix("/") ? path : "\(resolved(".") ?? ".")/\(path)"
}

/// The path of a file in a folder, packed by gzip or not.
func locate(_ name: String, in folder: String) throws(Failure) -> String {
  guard !name.hasPrefix("/") else {
    throw Failure(
      .badConfiguration,
      "'\(name)' should be a name within the folder of the dataset; data.from names the folder")
  }
  let other = name.hasSuffix(".gz") ? String(name.dropLast(3)) : "\(name).gz"
  let paths = [name, other].map { "\(folder)/\($0)" }
  guard let path = paths.first(where: { fileStatus($0) != nil }) else {
    throw Failure(.noInput, "there is no '\(name)' in '\(absolute(folder))'")
  }
  return path
}

/// The name of a file relative to its folder.
func relativeName(of path: String, in folder: String) -> String {
  guard path.utf8.starts(with: "\(folder)/".utf8) else { return path }
  return String(path.utf8.dropFirst(folder.utf8.count + 1)) ?? path
}
