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
    let body: [CommentedLine]
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
    let own = ["name: \(name)", .seed] + Self.placed(body, path, from: folder)
    text =
      (["# \(findings[0]).", "#"] + Self.nextSteps(name) + own.aligned)
      .joined(separator: "\n") + "\n"
  }

  /// What to do with the configuration.
  private static func nextSteps(_ name: String) -> [String] {
    let steps: [CommentedLine] = [
      CommentedLine("#   nn-dist train \(name).yaml", "or mpirun -np 4 nn-dist train \(name).yaml"),
      CommentedLine("#   nn-dist evaluate runs/\(name)", "how good it is on what it has not seen"),
      CommentedLine("#   nn-dist crossval \(name).yaml", "the same for each of five parts"),
    ]
    return steps.aligned
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
    _ lines: [CommentedLine], _ path: String, from folder: String
  ) -> [CommentedLine] {
    let home = directoryName(path)
    guard absolute(home) != absolute(folder) else { return lines }
    var lines = lines
    let place = lines.firstIndex(of: "data:") ?? 0
    lines.insert(
      CommentedLine(
        "  from: \(yaml(relativePath(of: home, from: folder)))", "the folder of the file"),
      at: place + 1)
    return lines
  }
}
