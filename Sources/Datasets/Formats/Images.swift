internal import Configuration
internal import Diagnostics
internal import Files

/// Folders of PNG images: one for each class, in the order of their names, or one of images and one
/// of their masks.
struct Images: DescribedFormat {
  static let record = Record(
    "images", main: "training",
    keys: [
      Key(
        "training", .text,
        help: "the folder with a folder of images for each class, or with images that have masks"),
      Key("test", .text, default: .absent, help: "such a folder to be tested with"),
      Key(
        "masks", .text, default: .absent,
        help: "the folder with a mask for each training image, of the same name: the class of each"
          + " pixel is its grey value or its place in the palette"),
      Key("test_masks", .text, default: .absent, help: "that with the masks of the test images"),
      Key(
        "classes", .list(of: .text, count: 1...256), default: .absent,
        help: "masks: the names of the classes, in the order of their numbers"),
      Key(
        "ignore", .integer(in: 0...255), default: .absent,
        help: "masks: the number of pixels that have no class and count nowhere, such as 255"),
    ],
    help:
      "Folders of PNG images, grey or coloured, all of one size: one for each class, or with masks."
  )

  private let training: Folder
  private let test: Folder?
  /// Nil if images have no masks.
  private let masks: MaskOptions?

  /// A folder with a folder of images for each class, or with images that have masks.
  private struct Folder {
    let root: String
    /// In the order of their names.
    let classes: [String]
    let images: [(file: String, target: String)]
  }

  init(_ settings: Settings, folder: String) throws(Failure) {
    masks = try MaskOptions(settings)
    if masks != nil {
      func pair(_ images: String, _ masks: String) throws(Failure) -> Folder? {
        guard let name = settings.optionalText(images) else { return nil }
        return try Self.images(
          in: locate(name, in: folder), masks: locate(settings.text(masks), in: folder))
      }
      guard let training = try pair("training", "masks") else {
        preconditionFailure("a training folder is always given")
      }
      self.training = training
      test = try pair("test", "test_masks")
      return
    }
    training = try Self.images(in: locate(settings.text("training"), in: folder))
    test = try settings.optionalText("test").map { name throws(Failure) in
      try Self.images(in: locate(name, in: folder))
    }
    try requireImages()
  }

  /// One folder.
  init(in root: String) throws(Failure) {
    training = try Self.images(in: root)
    (test, masks) = (nil, nil)
    try requireImages()
  }

  private func requireImages() throws(Failure) {
    guard training.classes.isEmpty else { return }
    throw Failure(
      .badData, "'\(training.root)': expected a folder of images for each class, found none")
  }

  var files: [String] {
    let all = training.images + (test?.images ?? [])
    return all.map(\.file) + (masks == nil ? [] : all.map(\.target))
  }

  func open(
    _ options: ReadingOptions
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    let first = try PNGImage(training.images[0].file)
    let classes = options.known?.classes ?? training.classes
    let shape =
      options.known?.shape ?? [first.height, first.width, first.isColoured ? 3 : 1]
    let model = options.known?.shape == nil ? "'\(first.path)' has them" : "in training"
    func reader(_ folder: Folder) throws(Failure) -> Reader {
      if let masks { return Reader(folder, shape, as: model, masks) }
      if let unknown = folder.classes.first(where: { !classes.contains($0) }) {
        throw Failure(
          .badData,
          "'\(folder.root)/\(unknown)': there is no class '\(unknown)' in "
            + (options.known == nil ? "'\(training.root)'" : "training")
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

  /// Images and masks of the same names.
  private static func images(in root: String, masks: String) throws(Failure) -> Folder {
    let names = try visibleNames(in: root)
    guard !names.isEmpty else { throw Failure(.badData, "'\(root)': holds no images") }
    let others = try visibleNames(in: masks)
    if let name = names.first(where: { !$0.lowercased().hasSuffix(".png") }) {
      throw Failure(.badData, "'\(root)/\(name)': only files that end in .png are read")
    }
    if let name = names.first(where: { !others.contains($0) }) {
      throw Failure(.badData, "'\(root)/\(name)': there is no mask '\(masks)/\(name)'")
    }
    return Folder(
      root: masks, classes: [], images: names.map { ("\(root)/\($0)", "\(masks)/\($0)") })
  }

  private static func images(in root: String) throws(Failure) -> Folder {
    let classes = try visibleNames(in: root).filter { isDirectory("\(root)/\($0)") }
    var images: [(file: String, target: String)] = []
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
    private let images: [(file: String, target: String)]
    private let labels: [String: Int32]
    private let masks: MaskOptions?
    /// The owner of the expected shape, for messages.
    private let model: String
    private var next = 0
    let shape: [Int]
    let targets: TargetKind
    let targetSource: String

    init(_ folder: Folder, _ shape: [Int], as model: String, _ classes: [String]) {
      images = folder.images
      labels = Dictionary(zip(classes, 0...)) { first, _ in first }
      masks = nil
      self.shape = shape
      self.model = model
      targets = .classes(names: classes)
      targetSource = folder.root
    }

    init(_ folder: Folder, _ shape: [Int], as model: String, _ masks: MaskOptions) {
      images = folder.images
      labels = [:]
      self.masks = masks
      self.shape = shape
      self.model = model
      targets = .classes(names: masks.classes, shape: Array(shape[..<2]))
      targetSource = folder.root
    }

    var count: Int { images.count }
    var number: Dataset.Number { .uint8 }

    func name(of sample: Int) -> String {
      masks == nil ? "'\(targetSource)': sample \(sample)" : "'\(images[sample].target)'"
    }

    func read(
      _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      let classes = unsafe targets.assumingMemoryBound(to: Int32.self)
      let size = shape.reduce(1, *)
      let pixels = shape[0] * shape[1]
      for sample in 0..<count {
        let (file, target) = images[next]
        let image = try PNGImage(file)
        try image.check(shape, as: model)
        let place = sample * size..<(sample + 1) * size
        try unsafe image.read(
          channels: shape[2], into: UnsafeMutableRawBufferPointer(rebasing: samples[place]))
        if let masks {
          let place = sample * pixels..<(sample + 1) * pixels
          try unsafe masks.read(
            target, of: image, into: UnsafeMutableBufferPointer(rebasing: classes[place]))
        } else {
          unsafe classes[sample] = labels[target] ?? -1
        }
        next += 1
      }
    }
  }
}
