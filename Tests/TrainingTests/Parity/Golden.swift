import Foundation
import Graphs
import HDF5Files
import TestSupport

/// What PyTorch makes of a network in float64: one of the files of `Tests/References`.
struct Golden: Sendable {
  let input: Tensor
  /// The classes, or the real numbers to predict.
  let answers: Tensor
  /// Other fields of the data.
  let fields: [String: Tensor]
  /// By names such as `dense1/weight`.
  let initial: [String: Tensor]
  /// Of the first step.
  let gradient: [String: Tensor]
  /// After all steps.
  let final: [String: Tensor]
  /// PyTorch's own error in float32, in parts of each final tensor's norm.
  let finalError: [String: Double]
  /// Before each step, and after the last one.
  let losses: [Double]
  /// PyTorch's own largest error of a loss in float32, in parts of it.
  let lossError: Double

  init(_ name: String) throws {
    self = try usingHDF5 { try Golden(reading: HDF5Reader(opening: Golden.file(name))) }
  }

  private static func file(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../References/\(name).h5").standardized.path()
  }

  /// Another tensor of a file.
  static func tensor(_ path: String, of name: String) throws -> Tensor {
    try usingHDF5 { try HDF5Reader(opening: file(name)).tensor(path) }
  }

  /// Whole numbers of a file.
  static func integers(_ path: String, of name: String) throws -> Tensor {
    try usingHDF5 {
      try HDF5Reader(opening: file(name)).tensor(path, of: Int32.self) { Double($0) }
    }
  }

  private init(reading file: borrowing HDF5Reader) throws {
    input = try file.tensor("input")
    answers =
      if try file.contains("labels") {
        try file.tensor("labels", of: Int32.self) { Double($0) }
      } else if try file.contains("targets") {
        try file.tensor("targets")
      } else {
        Tensor([0], [])
      }
    let fields = try file.contains("fields") ? file.tensors("fields") : [:]
    // A single number is a vector of one.
    self.fields = fields.mapValues {
      $0.shape.rank == 1 ? Tensor([$0.shape[0], 1], $0.elements) : $0
    }
    losses = try file.tensor("loss").elements
    initial = try file.tensors("initial")
    gradient = try file.tensors("gradient")
    final = try file.tensors("final")
    lossError = try file.number("float32_error", of: "loss")
    var errors: [String: Double] = [:]
    for name in final.keys {
      errors[name] = try file.number("float32_final_error", of: "final/\(name)")
    }
    finalError = errors
  }
}

extension HDF5Reader {
  fileprivate func number(_ attribute: String, of path: String) throws -> Double {
    guard case .number(let number) = try self.attribute(attribute, of: path)
    else { throw CocoaError(.fileReadCorruptFile) }
    return number
  }

  fileprivate func tensor(_ path: String) throws -> Tensor {
    try tensor(path, of: Double.self) { $0 }
  }

  fileprivate func tensor<Element: HDF5Element & Numeric>(
    _ path: String, of: Element.Type, _ convert: (Element) -> Double
  ) throws -> Tensor {
    let shape = try info(of: path).shape
    var elements = [Element](repeating: 0, count: shape.reduce(1, *))
    try unsafe elements.withUnsafeMutableBufferPointer {
      try unsafe read(path, shape: shape, into: $0)
    }
    return Tensor(Shape(shape), elements.map(convert))
  }

  /// The tensors of all layers in a group, and of layers in layers, by what follows the group.
  fileprivate func tensors(_ group: String) throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for member in try members(of: group) {
      let path = "\(group)/\(member.name)"
      guard member.isGroup else {
        tensors[member.name] = try tensor(path)
        continue
      }
      for (name, tensor) in try self.tensors(path) { tensors["\(member.name)/\(name)"] = tensor }
    }
    return tensors
  }
}
