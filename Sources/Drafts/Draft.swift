internal import Datasets
package import Diagnostics
internal import Files

/// A configuration that trains on a file as it is.
package struct Draft: Sendable {
  /// The configuration as YAML, with a comment on every choice.
  package let text: String
  /// The name of the run.
  package let name: String
  /// What the file holds, line by line.
  package let findings: [String]

  /// Looks at a table, an HDF5 file or a folder of images.
  ///
  /// `targets` are the columns, or the array, to predict; none: guessed. `folder` is where the
  /// configuration will be, beside which its paths are found.
  package init(of path: String, targets: [String] = [], in folder: String) throws(Failure) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let name = Self.name(of: path)
    let body: [String]
    switch try FileKind(of: path) {
    case .text:
      let table = try TableDraft(path, targets: targets)
      (body, findings) = (table.lines, table.findings)
    case .hdf5:
      let arrays = try ArrayDraft(path, targets: targets)
      (body, findings) = (arrays.lines, arrays.findings)
    case .folder:
      guard targets.isEmpty else {
        throw Failure(
          .usage, "--target: the classes of images are their folders: leave it out")
      }
      let images = try ImageDraft(path)
      (body, findings) = (images.lines, images.findings)
    case .png, .idx, .other:
      throw Failure(
        .badData,
        "'\(path)': expected a table with a header (CSV), an HDF5 file or a folder with a folder of"
          + " images for each class, found none of these")
    }
    self.name = name
    text =
      ([
        "# \(findings[0])",
        "#   nn-dist train \(name).yaml         trains it, and mpirun -np 4 does on four processes",
        "#   nn-dist evaluate runs/\(name)       how good it is on what it has not seen",
        "#   nn-dist crossval \(name).yaml      the same for each of five parts",
        "name: \(name)", "seed: 1                      # everything random follows from it",
      ] + Self.placed(body, path, from: folder)).joined(separator: "\n") + "\n"
  }

  /// A name for a run: that of the file, with letters that a folder may have.
  private static func name(of path: String) -> String {
    var stem = baseName(path)
    for ending in [".gz", ".csv", ".tsv", ".txt", ".h5", ".hdf5"] where stem.hasSuffix(ending) {
      stem.removeLast(ending.count)
    }
    let name = String(
      stem.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "-" }
        .drop { $0 == "." }.prefix(60))
    return name.isEmpty ? "model" : name
  }

  /// The lines with the folder of the data where the configuration is not in it.
  private static func placed(
    _ lines: [String], _ path: String, from folder: String
  ) -> [String] {
    let home = directoryName(path)
    guard absolute(home) != absolute(folder) else { return lines }
    var lines = lines
    let place = lines.firstIndex(of: "data:") ?? 0
    lines.insert("  from: \(yaml(relativePath(of: home, from: folder)))", at: place + 1)
    return lines
  }
}
