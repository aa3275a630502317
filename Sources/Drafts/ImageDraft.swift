internal import Datasets
internal import Diagnostics
internal import Files

/// What a folder of images is taken for.
struct ImageDraft {
  private let path: String
  /// The folders with a folder for each class, within the path; empty for the path itself.
  private let training: String
  private let test: String?
  private let summary: ImageFolderSummary
  private let kind: ImageFolderSummary.Kind

  init(_ path: String) throws(Failure) {
    self.path = path
    let folders = try fileNames(in: path).filter { isDirectory("\(path)/\($0)") }
    func folder(_ names: [String]) -> String? { names.first { folders.contains($0) } }
    let training = folder(["train", "training"])
    self.training = training ?? ""
    test = training == nil ? nil : folder(["test", "testing"])
    let root = training.map { "\(path)/\($0)" } ?? path
    guard let summary = try ImageFolderSummary(of: root), let kind = summary.kinds.first?.kind,
      summary.classes.count > 1
    else {
      throw Failure(
        .badData, "'\(root)': expected a folder of PNG images for each of two classes or more")
    }
    if let problem = summary.problems.first {
      let others = summary.problemCount - 1
      throw Failure(
        .badData,
        "'\(root)/\(problem.file)': \(problem.text)"
          + (others > 0 ? ", and \(others.grouped) more; nn-dist inspect \(root) lists them" : ""))
    }
    self.summary = summary
    self.kind = kind
  }

  private var outcome: Outcome {
    .classes(summary.classes.count, fewest: summary.classes.map(\.images).min() ?? 0)
  }

  var lines: [CommentedLine] {
    let root = baseName(path)
    func place(_ folder: String) -> String { yaml(folder.isEmpty ? root : "\(root)/\(folder)") }
    var lines: [CommentedLine] = [
      "data:", "  dataset:", "    images:", "      training: \(place(training))",
    ]
    lines.append(test.map { "      test: \(place($0))" } ?? .testShare)
    lines += [.validationShare] + (outcome.isStratified ? [.stratified] : [])
    let samples = test == nil ? summary.images * 85 / 100 : summary.images
    return lines + ImageRecipe(samples: samples, sides: [kind.height, kind.width], outcome).lines
  }

  var findings: [String] {
    let (classes, colour) = (summary.classes, kind.isColoured ? "coloured" : "grey")
    return [
      "\(baseName(path)): \(summary.images.grouped) \(colour) images of \(kind.size) pixels in"
        + " \(classes.count) classes"
    ] + classes.prefix(20).map { "  \($0.name)  \($0.images.grouped) images" }
      + (classes.count > 20 ? ["  …"] : [])
  }
}
