internal import Configuration
internal import Diagnostics

/// The kinds of files; a new one is a `DescribedFormat` in `Formats` and a case here.
enum DatasetSource: String, CaseIterable {
  case mnist, cifar10, images, csv, hdf5, idx, text

  static var kind: Kind {
    .variant("kind of dataset", allCases.map { $0.format.record })
  }

  private var format: any DescribedFormat.Type {
    switch self {
    case .mnist: MNIST.self
    case .cifar10: CIFAR10.self
    case .images: Images.self
    case .csv: CSV.self
    case .hdf5: HDF5Arrays.self
    case .idx: IDX.self
    case .text: TextFiles.self
    }
  }

  /// Opens the files in a folder that settings describe.
  static func open(_ settings: Settings, in folder: String) throws(Failure) -> any SourceFormat {
    guard let source = DatasetSource(rawValue: settings.name) else {
      preconditionFailure("'\(settings.name)' is no kind of dataset")
    }
    return try source.format.init(settings, folder: folder)
  }
}
