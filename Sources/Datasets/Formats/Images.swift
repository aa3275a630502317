internal import Configuration
internal import Diagnostics
internal import Files

/// Folders of PNG images, one folder for each class; classes are in the order of their names.
struct Images: DescribedFormat {
  static let record = Record(
    "images", main: "training",
    keys: [
      Key("training", .text, help: "the folder with a folder of images for each class"),
      Key("test", .text, default: .absent, help: "such a folder to be tested with"),
    ],
    help: "A folder of PNG images for each class, grey or coloured, all of one size.")

  private let training: Folder
  private let test: Folder?

  /// A folder with a folder of images for each class.
  private struct Folder {
    let root: String
    /// In the order of their names.
    let classes: [String]
    let images: [(file: String, className: String)]
  }

  init(_ settings: Settings, folder: String) throws(Failure) {
    training = try Self.images(in: locate(settings.text("training"), in: folder))
    test = try settings.optionalText("test").map { name throws(Failure) in
      try Self.images(in: locate(name, in: folder))
    }
    try requireImages()
  }

  /// One folder.
  init(in root: String) throws(Failure) {
    training = try Self.images(in: root)
    test = nil
    try requireImages()
  }

  private func requireImages() throws(Failure) {
    guard training.classes.isEmpty else { return }
    throw Failure(
      .badData, "'\(training.root)': expected a folder of images for each class, found none")
  }

  var files: [String] { (training.images + (test?.images ?? [])).map(\.file) }

  func open(
    _ coding: FileCoding
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    let first = try PNGImage(training.images[0].file)
    let classes = coding.known?.classes ?? training.classes
    let shape =
      coding.known?.shape ?? [first.height, first.width, first.isColoured ? 3 : 1]
    let model = coding.known?.shape == nil ? "'\(first.path)' has them" : "in training"
    func reader(_ folder: Folder) throws(Failure) -> Reader {
      if let unknown = folder.classes.first(where: { !classes.contains($0) }) {
        throw Failure(
          .badData,
          "'\(folder.root)/\(unknown)': there is no class '\(unknown)' in "
            + (coding.known == nil ? "'\(training.root)'" : "training")
            + Suggestion.hint(for: unknown, among: classes))
      }
      return Reader(folder, shape, as: model, classes)
    }
    let second = try test.map { folder throws(Failure) in try reader(folder) }
    return (try reader(training), second?.count == 0 ? nil : second)
  }

  private static func visibleNames(in folder: String) throws(Failure) -> [String] {
    try fileNames(in: folder).filter { !$0.hasPrefix(".") }
  }

  private static func images(in root: String) throws(Failure) -> Folder {
    let classes = try visibleNames(in: root).filter { isDirectory("\(root)/\($0)") }
    var images: [(file: String, className: String)] = []
    for name in classes {
      let folder = "\(root)/\(name)"
      let names = try visibleNames(in: folder)
      if let other = names.first(where: { !$0.lowercased().hasSuffix(".png") }) {
        throw Failure(.badData, "'\(folder)/\(other)': only files that end in .png are read")
      }
      guard !names.isEmpty else { throw Failure(.badData, "'\(folder)': holds no images") }
      images += names.map { ("\(folder)/\($0)", name) }
    }
    return Folder(root: root, classes: classes, images: images)
  }

  private final class Reader: SampleReader {
    private let images: [(file: String, className: String)]
    private let labels: [String: Int32]
    /// What has the shape of all images, for messages.
    private let model: String
    private var next = 0
    let shape: [Int]
    let targets: TargetKind
    let targetSource: String

    init(_ folder: Folder, _ shape: [Int], as model: String, _ classes: [String]) {
      images = folder.images
      labels = Dictionary(zip(classes, 0...)) { first, _ in first }
      self.shape = shape
      self.model = model
      targets = .classes(names: classes)
      targetSource = folder.root
    }

    var count: Int { images.count }
    var number: Dataset.Number { .uint8 }

    func read(
      _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      let classes = unsafe targets.assumingMemoryBound(to: Int32.self)
      let size = shape.reduce(1, *)
      for sample in 0..<count {
        let (file, name) = images[next]
        let image = try PNGImage(file)
        try image.check(shape, as: model)
        let place = sample * size..<(sample + 1) * size
        try unsafe image.read(
          channels: shape[2], into: UnsafeMutableRawBufferPointer(rebasing: samples[place]))
        unsafe classes[sample] = labels[name] ?? -1
        next += 1
      }
    }
  }
}
