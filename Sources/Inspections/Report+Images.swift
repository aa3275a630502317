internal import Datasets
internal import Reports

extension Report {
  /// Describes a folder of images.
  mutating func describe(_ summary: ImageFolderSummary, of path: String) {
    add("file", .string(path))
    add("kind", .string("folder of images"))
    add("images", .integer(summary.images))
    if summary.problemCount > 0 { add("files that do not fit", .integer(summary.problemCount)) }
    if !summary.classes.isEmpty {
      add(
        "classes", columns: ["class", "images"],
        rows: summary.classes.map { [.string($0.name), .integer($0.images)] })
    }
    add(
      "kinds", columns: ["pixels", "colour", "images"],
      rows: summary.kinds.map { kind, images in
        [
          .string(kind.size), .string(kind.isColoured ? "coloured" : "grey"), .integer(images),
        ]
      })
    guard summary.problemCount > 0 else { return }
    add(
      "do not fit", columns: ["file", "problem"],
      rows: summary.problems.map { [.string($0.file), .string($0.text)] })
  }
}
