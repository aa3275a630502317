import Foundation
import TestSupport
import Testing

import Neuron

@Suite struct MNISTTests {
  /// Four files of a few images, whose pixels tell where they are from.
  static func write(_ counts: (training: Int, test: Int), to folder: TemporaryFolder) throws {
    for (name, count) in [("train", counts.training), ("t10k", counts.test)] {
      var images = Data([0, 0, 8, 3] + word(count) + word(28) + word(28))
      for image in 0..<count {
        images += (0..<784).map { (pixel: Int) -> UInt8 in UInt8((pixel * 7 + image * 31) % 256) }
      }
      let labels = Data([0, 0, 8, 1] + word(count) + (0..<count).map { UInt8($0 % 10) })
      let path = URL(fileURLWithPath: folder.path)
      try images.write(to: path.appendingPathComponent("\(name)-images-idx3-ubyte"))
      try labels.write(to: path.appendingPathComponent("\(name)-labels-idx1-ubyte"))
    }
  }

  private static func word(_ number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  @Test func imagesAreWhereTheyShouldBe() async throws {
    let folder = try TemporaryFolder()
    try Self.write((30, 20), to: folder)
    let mnist = MNIST(directory: URL(fileURLWithPath: folder.path))
    let data = await mnist.build()
    #expect(mnist.complete && data.training.count == 30 && data.val.count == 20)
    #expect(data.training[3].label == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    #expect(data.training[3].data.count == 1 && data.training[3].data[0].count == 28)
    #expect(data.val[2].data[0][1][5] == Float(37) / 255)
    #expect(mnist.get(type: .valSet)[2][1][5] == data.val[2].data[0][1][5])
    #expect(mnist.get(type: .trainingLabels)[4] == [data.training[4].label])
  }

  /// Without `await`, the samples are there when it returns.
  @Test func samplesAreBuiltAtOnce() throws {
    let folder = try TemporaryFolder()
    try Self.write((20, 10), to: folder)
    let mnist = MNIST(directory: URL(fileURLWithPath: folder.path))
    mnist.build()
    #expect(mnist.complete && mnist.data.training.count == 20 && mnist.data.val.count == 10)
  }

  @Test func absentFilesGiveNoSamples() async throws {
    let folder = try TemporaryFolder()
    let mnist = MNIST(directory: URL(fileURLWithPath: folder.path))
    #expect(await mnist.build().training.isEmpty)
    #expect(!mnist.complete)
  }
}
