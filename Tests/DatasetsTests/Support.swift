import Configuration
import CPNG
import CZlib
import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

/// A folder with the files of a dataset, and one for its cache.
struct DataFolder {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Where everything is below the folder.
  var places: DataPaths {
    DataPaths(
      environment: { name in
        [
          "NN_DIST_DATASETS": path("Datasets"), "NN_DIST_DATA": path("data"),
          "NN_DIST_CACHE": path("cache"),
        ][name]
      }, program: nil)
  }

  func path(_ name: String) -> String { folder.path(of: name) }

  func put(_ bytes: [UInt8], at name: String) throws {
    try makeFolder(of: name)
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
  }

  func put(_ text: String, at name: String) throws { try put(Array(text.utf8), at: name) }

  private func makeFolder(of name: String) throws {
    try FileManager.default.createDirectory(
      at: URL(fileURLWithPath: path(name)).deletingLastPathComponent(),
      withIntermediateDirectories: true)
  }

  /// The path of the only cache.
  var cache: String {
    get throws {
      let names = folder.names(in: "cache").filter { !$0.hasPrefix(".") }
      try #require(names.count == 1, "\(names)")
      return path("cache/\(names[0])")
    }
  }

  /// The sets of a `data` section, in flow style without the braces.
  func load(_ data: String, from: String = "data") throws -> Splits {
    let settings = try Settings(
      text: "data: {\(data), from: \(path(from)), batch: 1}", source: "t.yaml",
      schema: DataConfigurationTests.schema)
    return try DataConfiguration(settings.section("data")).load(seed: 1, in: places)
  }

  func failure(
    _ data: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) -> Failure? {
    #expect(throws: Failure.self, sourceLocation: sourceLocation) { _ = try load(data) }
  }

  func expect(
    _ data: String, fails code: ExitCode, _ texts: String...,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    guard let failure = failure(data, sourceLocation: sourceLocation) else { return }
    #expect(failure.code == code, "\(failure)", sourceLocation: sourceLocation)
    for text in texts {
      #expect(failure.message.contains(text), "\(failure)", sourceLocation: sourceLocation)
    }
    #expect(!failure.message.contains("\n"), "\(failure)", sourceLocation: sourceLocation)
    #expect(
      folder.names(in: "cache").isEmpty, "no cache is left", sourceLocation: sourceLocation)
  }

  // MARK: Files

  /// An IDX file of bytes.
  static func idx(_ shape: [Int], _ bytes: [UInt8], type: UInt8 = 0x08) -> [UInt8] {
    [0, 0, type, UInt8(shape.count)]
      + shape.flatMap { size in (0..<4).reversed().map { UInt8(size >> (8 * $0) & 255) } } + bytes
  }

  static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let file = unsafe gzopen(folder.path(of: "x"), "wb")
    unsafe bytes.withUnsafeBytes { _ = unsafe gzwrite(file, $0.baseAddress, UInt32($0.count)) }
    unsafe gzclose(file)
    return [UInt8](try folder.data(of: "x"))
  }

  /// A PNG of 8 bits a channel; channels: 1 grey, 3 coloured.
  func png(_ name: String, width: Int, height: Int, channels: Int, _ bytes: [UInt8]) throws {
    try makeFolder(of: name)
    var image = unsafe png_image()
    unsafe image.version = UInt32(PNG_IMAGE_VERSION)
    unsafe image.width = UInt32(width)
    unsafe image.height = UInt32(height)
    unsafe image.format = channels == 1 ? UInt32(PNG_FORMAT_GRAY) : UInt32(PNG_FORMAT_RGB)
    #expect(unsafe png_image_write_to_file(&image, path(name), 0, bytes, 0, nil) != 0)
  }
}

extension Dataset {
  /// The bytes of some samples, one after the other.
  func bytes(of indices: [Int32]) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: indices.count * sampleBytes)
    try unsafe bytes.withUnsafeMutableBytes { unsafe try copy(samples: indices[...], into: $0) }
    return bytes
  }

  /// All numbers.
  var numbers: [Float] {
    get throws {
      let bytes = try bytes(of: Array(0..<Int32(count)))
      return unsafe bytes.withUnsafeBytes { bytes in
        switch elements.number {
        case .uint8: unsafe bytes.map(Float.init)
        case .int32: unsafe bytes.bindMemory(to: Int32.self).map(Float.init)
        case .float32: unsafe Array(bytes.bindMemory(to: Float.self))
        }
      }
    }
  }

  var labels: [Int32] { if case .classes(let labels, _, _) = targets { labels } else { [] } }
  var classes: [String] { if case .classes(_, let names, _) = targets { names } else { [] } }
  var values: [Float] { if case .values(let values, _) = targets { values } else { [] } }
}

extension Dataset {
  /// The integers of a field, sample by sample.
  func rows(_ name: String = "samples") throws -> [[Int]] {
    let field = try #require(self.field(name))
    #expect(field.number == .int32)
    var numbers = [Int32](repeating: 0, count: count * field.size)
    try unsafe numbers.withUnsafeMutableBytes {
      try unsafe copy(field, of: Array(0..<Int32(count))[...], into: $0)
    }
    return (0..<count).map { sample in
      numbers[sample * field.size..<(sample + 1) * field.size].map(Int.init)
    }
  }
}
