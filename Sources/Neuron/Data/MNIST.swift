internal import Configuration
internal import Datasets
internal import Diagnostics
public import Foundation
internal import Synchronization

/// Handwritten digits: 60,000 for training, 10,000 for validation, of 28 x 28 pixels from 0 to 1.
///
///     let mnist = MNIST()
///     let dataset = await mnist.build()
///     brain.train(data: dataset)
public final class MNIST: Dataset, Sendable {
  /// The four files.
  public enum MNISTType: String, CaseIterable, Sendable {
    /// Training images.
    case trainingSet = "train-images"
    /// Their digits.
    case trainingLabels = "train-labels"
    /// Validation images.
    case valSet = "t10k-images"
    /// Their digits.
    case valLabels = "t10k-labels"
  }

  private let directory: URL?
  private let state = Mutex<State>(State())

  /// A process makes one cache at a time.
  private static let turn = Mutex<Void>(())

  private struct State: Sendable {
    var data: DatasetData = ([], [])
    var complete = false
  }

  /// The files of a folder, `train-images-idx3-ubyte` and so on, packed by gzip or not.
  ///
  /// By default it is the folder `mnist` of `NN_DIST_DATA`, or of `data` in the current folder.
  public init(directory: URL? = nil) { self.directory = directory }

  /// The samples, once they are built.
  public var data: DatasetData {
    get { state.withLock { $0.data } }
    set { state.withLock { $0.data = newValue } }
  }

  /// Whether the samples are built.
  public var complete: Bool {
    get { state.withLock { $0.complete } }
    set { state.withLock { $0.complete = newValue } }
  }

  /// Reads the files and returns their samples.
  ///
  /// If they cannot be read, the error is printed and there are no samples.
  public func build() async -> DatasetData {
    load()
    return data
  }

  /// Reads the files and returns their samples, without `await`.
  @discardableResult
  public func build() -> DatasetData {
    load()
    return data
  }

  private func load() {
    do throws(Failure) {
      let splits = try Self.turn.withLock { _ throws(Failure) -> Splits in try self.splits() }
      let (training, test) = (try splits.training.samples(), try splits.test.samples())
      state.withLock { $0 = State(data: (training, test), complete: true) }
    } catch {
      Group.tell(error.message)
    }
  }

  /// The contents of one file: the rows of each image, or for each label one one-hot row.
  public func get(type: MNISTType) -> [[[Float]]] {
    if !complete { load() }
    let data = data
    return switch type {
    case .trainingSet: data.training.flatMap(\.data)
    case .trainingLabels: data.training.map { [$0.label] }
    case .valSet: data.val.flatMap(\.data)
    case .valLabels: data.val.map { [$0.label] }
    }
  }

  private func splits() throws(Failure) -> Splits {
    let data = environmentVariable("NN_DIST_DATA").flatMap { $0.isEmpty ? nil : $0 } ?? "data"
    let folders = directory.map { [$0.path] } ?? ["\(data)/mnist", data]
    var first: Failure?
    for folder in folders {
      do throws(Failure) {
        let settings = try Settings(
          text: "{dataset: {mnist: {}}, batch: 1}", source: "MNIST",
          set: ["from='\(folder.replacing("'", with: "''"))'"], schema: DataConfiguration.record)
        return try DataConfiguration(settings).load(seed: 1)
      } catch {
        guard error.code == .noInput else { throw error }
        first = first ?? error
      }
    }
    throw first ?? Failure(.noInput, "MNIST: no folder")
  }
}

extension Datasets.Dataset {
  /// All samples as maps of one channel, with the classes one-hot.
  fileprivate func samples() throws(Failure) -> [ConvTrainingData] {
    guard case .classes(_, let names, _) = targets, shape.count == 3, elements.number == .uint8
    else {
      throw Failure(.badData, "MNIST: expected images with classes")
    }
    let (rows, columns, all) = (shape[0], shape[1], Array(0..<Int32(count)))
    var pixels = [UInt8](repeating: 0, count: count * sampleBytes)
    var labels = [Int32](repeating: 0, count: count)
    var failure: Failure?
    unsafe pixels.withUnsafeMutableBytes { bytes in
      do throws(Failure) { try unsafe copy(samples: all[...], into: bytes) } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    unsafe labels.withUnsafeMutableBytes { unsafe copy(targets: all[...], into: $0) }
    let levels = (0...255).map { Float($0) / 255 }
    return labels.indices.map { sample in
      let map = (0..<rows).map { row in
        let start = (sample * rows + row) * columns
        return pixels[start..<start + columns].map { levels[Int($0)] }
      }
      return ConvTrainingData(
        data: [map],
        label: names.indices.map { $0 == Int(labels[sample]) ? 1 : 0 })
    }
  }
}
