internal import Diagnostics

/// A sample in each line of a CSV file without header: its numbers, then its targets.
struct NumberLines: SourceFormat {
  private let path: String
  private let coding: SampleCoding

  init(_ path: String, _ coding: SampleCoding) {
    self.path = path
    self.coding = coding
  }

  var files: [String] { [path] }

  func open(
    _: ReadingOptions
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    (try Reader(path, coding), nil)
  }

  private final class Reader: SampleReader {
    private let lines: NumbersInput
    private let coding: SampleCoding
    private let classes: CSVWords
    let count: Int
    let targetSource: String

    init(_ path: String, _ coding: SampleCoding) throws(Failure) {
      lines = try NumbersInput(path, coding, targets: coding.targetWidth)
      self.coding = coding
      classes = CSVWords(coding.classes)
      targetSource = path
      let records = try CSVRecords(path, separator: CSVSeparator.comma.byte)
      var count = 0
      while try records.next() { count += 1 }
      self.count = count
    }

    var shape: [Int] { coding.shape }
    var number: Dataset.Number { coding.number }

    var targets: TargetKind {
      switch coding.targets {
      case .classes(let names, let shape): .classes(names: names, shape: shape)
      case .values(let shape): .values(shape: shape)
      case .none: .none
      }
    }

    func read(
      _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      let size = coding.shape.reduce(1, *)
      for sample in 0..<count {
        guard let row = try unsafe lines.next(sample, into: samples) else {
          throw Failure(.badData, "'\(targetSource)': became shorter meanwhile")
        }
        for place in 0..<coding.targetWidth {
          let offset = 4 * (sample * coding.targetWidth + place)
          switch coding.targets {
          case .classes:
            let label = try row.label(size + place, among: classes)
            unsafe targets.storeBytes(of: Int32(label), toByteOffset: offset, as: Int32.self)
          case .values:
            let number = Float(try row.number(size + place))
            unsafe targets.storeBytes(of: number, toByteOffset: offset, as: Float.self)
          case .none: break
          }
        }
      }
    }
  }
}
