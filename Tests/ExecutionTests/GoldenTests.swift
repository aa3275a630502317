import Execution
import Foundation
import Graphs
import HDF5Files
import Testing

/// Operations and their gradients against PyTorch in float64.
@Suite struct GoldenTests {
  @Test(arguments: GoldenCase.all("convolution"), Engine.allCases)
  func convolution(golden: GoldenCase, engine: Engine) throws {
    let (x, weight) = try (golden.tensor("input"), golden.tensor("weight"))
    func axis(_ kernel: Int) throws -> SlidingAxis {
      SlidingAxis(
        kernel: kernel, stride: try golden.integer("stride"),
        dilation: try golden.integer("dilation"), low: try golden.integer("padding"),
        high: try golden.integer("padding"))
    }
    let convolution = Convolution(
      vertical: try axis(weight.shape[2]), horizontal: try axis(weight.shape[3]),
      groups: try golden.integer("groups"))
    try golden.expect(["input": x, "weight": weight], on: engine) {
      $0.emit(.convolution(convolution), $1)
    }
  }

  @Test(arguments: GoldenCase.all("max_pool"), Engine.allCases)
  func maxPool(golden: GoldenCase, engine: Engine) throws {
    let axis = SlidingAxis(
      kernel: try golden.integer("window"), stride: try golden.integer("stride"),
      low: try golden.integer("padding"), high: try golden.integer("padding"))
    try golden.expect(["input": golden.tensor("input")], on: engine) {
      $0.maxPool($1[0], Window(vertical: axis, horizontal: axis))
    }
  }

  @Test(arguments: GoldenCase.all("softmax"), Engine.allCases)
  func softmax(golden: GoldenCase, engine: Engine) throws {
    try golden.expect(["input": golden.tensor("input")], on: engine) {
      $0.emit(.composite(.softmax), $1)
    }
  }

  @Test(
    arguments: GoldenCase.all("cross_entropy").filter { !$0.name.hasSuffix("smoothed") },
    Engine.allCases)
  func crossEntropy(golden: GoldenCase, engine: Engine) throws {
    try golden.expect(["input": golden.tensor("input")], output: "loss", on: engine) {
      let labels = $0.input("labels", TensorType(.int32, [16]))
      let losses = $0.emit(.composite(.softmaxCrossEntropy), $1[0], labels)
      return $0.reshape($0.multiply($0.total(losses), by: 1 / 16), [1])
    }
  }
}

/// One group of `operations.h5`.
struct GoldenCase: Sendable, CustomStringConvertible {
  let name: String
  private let tensors: [String: Tensor]
  private let attributes: [String: HDF5Attribute]

  /// The cases of an operation.
  ///
  /// The file is read once, by one thread.
  static func all(_ operation: String) -> [GoldenCase] { file[operation] ?? [] }

  private static let file: [String: [GoldenCase]] = {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../References/operations.h5").path()
    do {
      let reader = try HDF5Reader(opening: path)
      var cases: [String: [GoldenCase]] = [:]
      for operation in try reader.members() {
        for group in try reader.members(of: "/\(operation.name)") {
          cases[operation.name, default: []].append(
            try GoldenCase("/\(operation.name)/\(group.name)", in: reader))
        }
      }
      return cases
    } catch {
      Issue.record("\(path): \(error)")
      return [:]
    }
  }()

  private init(_ path: String, in reader: borrowing HDF5Reader) throws {
    name = path
    var tensors: [String: Tensor] = [:]
    for member in try reader.members(of: path) {
      let shape = try reader.info(of: "\(path)/\(member.name)").shape
      var numbers = [Double](repeating: 0, count: Shape(shape).count)
      if member.name == "labels" {
        var labels = [Int32](repeating: 0, count: numbers.count)
        try unsafe labels.withUnsafeMutableBufferPointer {
          try unsafe reader.read("\(path)/labels", shape: shape, into: $0)
        }
        numbers = labels.map(Double.init)
      } else {
        try unsafe numbers.withUnsafeMutableBufferPointer {
          try unsafe reader.read("\(path)/\(member.name)", shape: shape, into: $0)
        }
      }
      tensors[member.name] = Tensor(Shape(shape), numbers)
    }
    self.tensors = tensors
    attributes = Dictionary(
      uniqueKeysWithValues: try reader.attributes(of: path).map { ($0.name, $0.value) })
  }

  var description: String { name }

  func tensor(_ name: String) throws -> Tensor { try #require(tensors[name]) }

  func integer(_ attribute: String) throws -> Int {
    guard case .integer(let value)? = attributes[attribute] else {
      throw GoldenError.noInteger(attribute)
    }
    return Int(value)
  }

  /// Expects the golden output, and a gradient for each operand, of what `write` makes of them.
  func expect(
    _ operands: [String: Tensor], output: String = "output", on engine: Engine,
    write: (inout Builder, [Value]) -> Value
  ) throws {
    let names = operands.keys.sorted()
    var builder = Builder()
    let values = names.map { builder.parameter($0, operands[$0]?.shape ?? []) }
    let y = write(&builder, values)
    let seed = tensors["output_gradient"] ?? Tensor([1], [1])
    let given = builder.input("seed", TensorType(.float32, seed.shape))
    let gradients = builder.gradients(of: y, seed: given, by: values)
    let program = builder.program(
      outputs: [Output(output, y)] + zip(names, gradients).map { Output("gradient/\($0)", $1) })

    var inputs = ["seed": seed]
    inputs["labels"] = tensors["labels"]
    let actual = try outputs(of: program, on: engine, inputs: inputs, parameters: operands)
    for (name, golden) in [(output, output)] + names.map({ ("gradient/\($0)", "\($0)_gradient") }) {
      let (found, expected) = try (#require(actual[name]), tensor(golden))
      // Sums of up to 160 terms, rounded as float32.
      let allowance = 5e-6 * expected.largestMagnitude
      #expect(found.disagreement(with: expected, allowance: allowance) == nil, "\(golden)")
    }
  }
}

private enum GoldenError: Error {
  case noInteger(String)
}
