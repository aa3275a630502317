import Foundation
import TestSupport
import Testing

import Neuron

/// The example files beside the description of `.smodel`, where that is here.
@Suite(.data("shared/reference/examples", areHere: ExampleFiles.folder != nil))
struct ExampleFileTests {
  private static func brain(
    _ name: String, isPermuted: Bool? = nil, usesMovingStatistics: Bool = false
  ) throws -> Brain {
    let url = try #require(ExampleFiles.folder).appending(path: "\(name).smodel")
    let model = PretrainedModel(
      url: url, isPermuted: isPermuted, usesMovingStatistics: usesMovingStatistics)
    let brain = try #require(Brain(model: model, epochs: 1))
    brain.compile()
    #expect(brain.compiled)
    return brain
  }

  private func expect(_ brain: Brain, _ input: [Float], _ expected: [Double]) {
    let answer = brain.feed(input: input)
    #expect(
      answer.count == expected.count
        && zip(answer, expected).allSatisfy {
          isClose(Double($0), $1, relative: 1e-6, absolute: 1e-5)
        }, "\(answer), expected \(expected)")
  }

  @Test func answers() throws {
    expect(try Self.brain("old-A-plain"), [1, 2], [0.0090133, 0.9909867])
    let square = "old-B-nonsquare-adam"
    expect(try Self.brain(square), [0.1, -0.05], [-0.0036344])
    expect(try Self.brain(square, isPermuted: true), [0.1, -0.05], [-0.0036344])
    expect(try Self.brain(square, isPermuted: false), [0.1, -0.05], [0.2970433])
    let norm = "old-C-normalized"
    expect(try Self.brain(norm, isPermuted: false), [1, 2, 3, 4], [0.5, 0.5])
    expect(
      try Self.brain(norm, isPermuted: false, usesMovingStatistics: true), [1, 2, 3, 4],
      [0.1192082, 0.8807918])
    let map = (0..<16).map { 0.01 * Float($0) }
    for name in ["v2-D-storage", "v2-D-value"] {
      expect(try Self.brain(name), map, [10.124, 22.74])
    }
  }

  /// The generator of the source document's GAN, which Neuron 1.6 wrote, and a file of 1.4.3.
  @Test(arguments: [("1.6-gan", "generator", "1.6"), ("1.4.3", "normout", "1.4.3")])
  func filesOfReleases(_ folder: String, _ name: String, _ release: String) throws {
    let place = try #require(ExampleFiles.folder).appending(path: "upstream/\(folder)")
    func rows(_ name: String) throws -> [[Float]] {
      try String(contentsOf: place.appending(path: name), encoding: .utf8).split(separator: "\n")
        .map { try $0.split(separator: ",").map { try #require(Float($0)) } }
    }
    let url = place.appending(path: "\(name).smodel")
    #expect(Brain(model: PretrainedModel(url: url), epochs: 1) == nil)
    let brain = try #require(Brain(model: PretrainedModel(url: url, release: release), epochs: 1))
    brain.compile()
    for (input, expected) in zip(try rows("inputs.csv"), try rows("\(name).expected.csv")) {
      let answer = brain.feed(input: input)
      #expect(
        answer.count == expected.count
          && zip(answer, expected).allSatisfy { abs($0 - $1) <= 2e-5 }, "\(answer), \(expected)")
    }
  }

  /// What the files say beside weights, and what comes out of the hidden layer.
  @Test func numbersBesideWeights() throws {
    let plain = try Self.brain("old-A-plain")
    let hidden = plain.activations(input: [1, 2])[1]
    #expect(hidden[0] == 0 && isClose(Double(hidden[1]), 4.7, relative: 1e-6))
    let adam = try Self.brain("old-B-nonsquare-adam").exportModel()
    #expect(adam.optimizer == .adam(b1: 0.9, b2: 0.999, eps: 1e-8))
  }
}

private enum ExampleFiles {
  static let folder: URL? = {
    let root = URL(filePath: #filePath).appending(path: "../../..").standardized
    return ["shared", "../shared"].map {
      root.appending(path: "\($0)/reference/examples").standardized
    }
    .first { FileManager.default.fileExists(atPath: $0.path) }
  }()
}
