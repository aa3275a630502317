internal import Configuration
internal import Diagnostics

/// The binary version of CIFAR-10: a record is the class, then 32 x 32 pixels of each channel.
struct CIFAR10: DescribedFormat {
  static let record = Record("cifar10", help: "The six files of the binary version of CIFAR-10.")

  private static let side = 32
  private static let classes = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  let files: [String]

  init(_ settings: Settings, folder: String) throws(Failure) {
    var files: [String] = []
    for name in (1...5).map({ "data_batch_\($0).bin" }) + ["test_batch.bin"] {
      files.append(try locate(name, in: folder))
    }
    self.files = files
  }

  func open(
    _ options: ReadingOptions
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    (try Reader(Array(files[..<5])), try Reader(Array(files[5...])))
  }

  private final class Reader: SampleReader {
    private var streams: [ByteStream] = []
    /// The samples of each file that are still to be read.
    private var left: [Int] = []
    private var record = [UInt8](repeating: 0, count: 1 + 3 * CIFAR10.side * CIFAR10.side)
    let count: Int

    init(_ files: [String]) throws(Failure) {
      for file in files {
        let stream = try ByteStream(file)
        guard !stream.isCompressed, stream.fileSize > 0, stream.fileSize % record.count == 0 else {
          throw stream.damaged(
            "expected records of \(record.count.grouped) bytes, found "
              + "\(stream.fileSize.grouped) bytes")
        }
        streams.append(stream)
        left.append(stream.fileSize / record.count)
      }
      count = left.reduce(0, +)
    }

    let shape = [CIFAR10.side, CIFAR10.side, 3]
    let number = Dataset.Number.uint8
    let targets = TargetKind.classes(names: CIFAR10.classes)
    var targetSource: String { streams[0].path }

    func read(
      _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      let labels = unsafe targets.assumingMemoryBound(to: Int32.self)
      let plane = CIFAR10.side * CIFAR10.side
      for sample in 0..<count {
        while left[0] == 0 {
          left.removeFirst()
          streams.removeFirst()
        }
        left[0] -= 1
        let found = try unsafe record.withUnsafeMutableBufferPointer { record throws(Failure) in
          try unsafe streams[0].read(UnsafeMutableRawBufferPointer(record))
        }
        guard found == record.count else { throw streams[0].damaged("became shorter meanwhile") }
        unsafe labels[sample] = Int32(record[0])
        let start = sample * 3 * plane
        for place in 0..<plane {
          for channel in 0..<3 {
            unsafe samples[start + 3 * place + channel] = record[1 + channel * plane + place]
          }
        }
      }
    }
  }
}
