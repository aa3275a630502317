internal import Datasets
internal import Diagnostics
internal import Files

/// What a folder of images is taken for.
struct ImageDraft {
  private let path: String
  /// The folders with a folder for each class, within the path; empty for the path itself.
  private let training: String
  private let test: String?
  private let classes: [(name: String, images: Int)]
  private let head: PNGHead

  init(_ path: String) throws(Failure) {
    self.path = path
    let folders = try Self.folders(in: path)
    func folder(_ names: [String]) -> String? { names.first { folders.contains($0) } }
    let training = folder(["train", "training"])
    self.training = training ?? ""
    test = training == nil ? nil : folder(["test", "testing"])
    let root = training.map { "\(path)/\($0)" } ?? path
    var classes: [(name: String, images: Int)] = []
    var first: String?
    for name in try Self.folders(in: root) {
      let images = try fileNames(in: "\(root)/\(name)").filter {
        !$0.hasPrefix(".") && $0.lowercased().hasSuffix(".png")
      }
      classes.append((name, images.count))
      first = first ?? images.first.map { "\(root)/\(name)/\($0)" }
    }
    guard classes.count > 1, let first else {
      throw Failure(
        .badData,
        "'\(root)': expected a folder of PNG images for each class, found"
          + " \(classes.count == 1 ? "one folder" : classes.isEmpty ? "no folder" : "no image")")
    }
    if let empty = classes.first(where: { $0.images == 0 }) {
      throw Failure(.badData, "'\(root)/\(empty.name)': holds no file that ends in .png")
    }
    self.classes = classes
    head = try PNGHead(of: first)
  }

  /// The folders of a folder, in the order of their names.
  private static func folders(in path: String) throws(Failure) -> [String] {
    try fileNames(in: path).filter { !$0.hasPrefix(".") && isDirectory("\(path)/\($0)") }.sorted()
  }

  private var count: Int { classes.reduce(0) { $0 + $1.images } }

  private var outcome: Outcome {
    .classes(classes.count, fewest: classes.map(\.images).min() ?? 0)
  }

  var lines: [CommentedLine] {
    let root = baseName(path)
    func place(_ folder: String) -> String { yaml(folder.isEmpty ? root : "\(root)/\(folder)") }
    var lines: [CommentedLine] = [
      "data:", "  dataset:", "    images:", "      training: \(place(training))",
    ]
    lines.append(test.map { "      test: \(place($0))" } ?? .testShare)
    return lines + [.validationShare, .stratified]
      + ImageRecipe(samples: count * 7 / 10, sides: [head.height, head.width], outcome).lines
  }

  var findings: [String] {
    let kind = head.isColoured ? "coloured" : "grey"
    return [
      "\(baseName(path)): \(count.grouped) \(kind) images of \(head.height)x\(head.width) in"
        + " \(classes.count) classes"
    ] + classes.prefix(20).map { "  \($0.name)  \($0.images.grouped) images" }
      + (classes.count > 20 ? ["  …"] : [])
  }
}
