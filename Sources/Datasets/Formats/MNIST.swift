internal import Configuration
internal import Diagnostics

/// The four files of MNIST, or of a set in the same format.
struct MNIST: DescribedFormat {
  static let record = Record(
    "mnist", help: "The four IDX files of MNIST, or of a set in the same format.")

  private let pairs: IDX

  init(_ settings: Settings, folder: String) throws(Failure) {
    func pair(_ set: String) throws(Failure) -> FilePair {
      FilePair(
        samples: try locate("\(set)-images-idx3-ubyte", in: folder),
        labels: try locate("\(set)-labels-idx1-ubyte", in: folder))
    }
    pairs = IDX(
      training: try pair("train"), test: try pair("t10k"), classes: Dataset.Targets.numbered(10))
  }

  var files: [String] { pairs.files }

  func open(
    _ options: ReadingOptions
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    try pairs.open(options)
  }
}
