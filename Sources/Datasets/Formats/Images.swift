internal import Configuration
internal import Diagnostics
internal import Files

/// Folders of PNG images, one folder for each class; classes are in the order of their names.
struct Images: SourceFormat {
  static let record = Record(
    "images", main: "training",
    keys: [
      Key("training", .text, help: "the folder with a folder of images for each class"),
      Key("test", .text, default: .absent, help: "such a folder to be tested with"),
    ],
    help: "A folder of PNG images for each class, grey or coloured, all of one size.")

  private let training: [(file: String, label: Int)]
  private let test: [(file: String, label: Int)]
  private let classes: [String]
  private let folders: [String]

  init(_ settings: Settings, folder: String) throws(Failure) {
    let root = try locate(settings.text("training"), in: folder)
    let classes = try Self.visibleNames(in: root).filter { isDirectory("\(root)/\($0)") }
    guard !classes.isEmpty else {
      throw Failure(.badData, "'\(root)': expected a folder of images for each class, found none")
    }
    self.classes = classes
    training = try Self.images(in: root, classes)
    guard let name = settings.optionalText("test") else {
      (test, folders) = ([], [root])
      return
    }
    let other = try locate(name, in: folder)
    let found = try Self.visibleNames(in: other).filter { isDirectory("\(other)/\($0)") }
    if let unknown = found.first(where: { !classes.contains($0) }) {
      throw Failure(
        .badData, "'\(other)/\(unknown)': there is no class '\(unknown)' in '\(root)'")
    }
    test = try Self.images(in: other, classes.filter(found.contains), of: classes)
    folders = [root, other]
  }

  var files: [String] { (training + test).map(\.file) }

  func open() throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    let first = try PNGImage(training[0].file)
    let reader = Reader(training, like: first, classes, folders[0])
    return (reader, test.isEmpty ? nil : Reader(test, like: first, classes, folders[1]))
  }

  private static func visibleNames(in folder: String) throws(Failure) -> [String] {
    try fileNames(in: folder).filter { !$0.hasPrefix(".") }
  }

  private static func images(
    in root: String, _ present: [String], of classes: [String]? = nil
  ) throws(Failure) -> [(file: String, label: Int)] {
    var images: [(file: String, label: Int)] = []
    for (place, name) in present.enumerated() {
      let folder = "\(root)/\(name)"
      let names = try visibleNames(in: folder)
      if let other = names.first(where: { !$0.lowercased().hasSuffix(".png") }) {
        throw Failure(.badData, "'\(folder)/\(other)': only files that end in .png are read")
      }
      guard !names.isEmpty else { throw Failure(.badData, "'\(folder)': holds no images") }
      let label = classes?.firstIndex(of: name) ?? place
      images += names.map { ("\(folder)/\($0)", label) }
    }
    return images
  }

  private final class Reader: SampleReader {
    private let images: [(file: String, label: Int)]
    private let first: PNGImage
    private var next = 0
    let targets: TargetKind
    let targetSource: String

    init(
      _ images: [(file: String, label: Int)], like first: PNGImage, _ classes: [String],
      _ folder: String
    ) {
      self.images = images
      self.first = first
      targets = .classes(names: classes)
      targetSource = folder
    }

    var count: Int { images.count }
    var channels: Int { first.isColoured ? 3 : 1 }
    var shape: [Int] { [first.height, first.width, channels] }
    var number: Dataset.Number { .uint8 }

    func read(
      _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      let labels = unsafe targets.assumingMemoryBound(to: Int32.self)
      let size = shape.reduce(1, *)
      for sample in 0..<count {
        let (file, label) = images[next]
        let image = try PNGImage(file)
        try image.check(shape, as: "'\(first.path)' has them")
        let place = sample * size..<(sample + 1) * size
        try unsafe image.read(
          channels: channels, into: UnsafeMutableRawBufferPointer(rebasing: samples[place]))
        unsafe labels[sample] = Int32(label)
        next += 1
      }
    }
  }
}
