package import Datasets
internal import Diagnostics
internal import Graphs
internal import Networks
package import Reports

/// The predictions for some samples, as text and as JSON.
package struct Predictions {
  /// The names of the classes or values, and the shape of a sample's targets.
  private enum Kind {
    case classes([String], Shape)
    case values([String], Shape)
  }

  private let kind: Kind
  private let givesProbabilities: Bool
  /// All predictions, one after the other.
  private let numbers: [Float]
  private let width: Int
  private let name: (Int) -> String?

  package init(_ predictor: Predictor, _ samples: any InputSamples, _ numbers: [Float]) {
    let (output, coding) = (predictor.output, predictor.coding)
    switch (output.targets.classes, coding.targets) {
    case (let count?, _) where output.output.target != nil:
      kind = .classes((0..<count).map(String.init), output.targets.shape)
    case (_?, .classes(let names, _)): kind = .classes(names, output.targets.shape)
    default:
      let names = output.output.target == nil ? coding.targetNames : []
      kind = .values(names, output.targets.shape)
    }
    givesProbabilities = output.givesProbabilities
    width = predictor.width
    // Reconstructed samples are normalised; here they get the dataset's units.
    self.numbers =
      output.output.target == "samples"
      ? GeneratedSamples(numbers, seenBy: coding).values
      : output.output.target == nil ? coding.columns?.inUnits(numbers) ?? numbers : numbers
    name = { samples.name(of: $0) }
  }

  package var count: Int { numbers.count / width }

  /// The columns of a sample's line: its name if it has one, then the class and its probability,
  /// the class at each place, or the values.
  package func fields(of sample: Int) -> [String] {
    let prediction = prediction(sample)
    let parts: [String]
    switch kind {
    case .classes(let names, let shape) where shape.count == 1:
      let best = Self.best(prediction)
      parts = [names[best], Double(prediction[prediction.startIndex + best]).formatted(4)]
    case .classes(let names, _): parts = classes(names, prediction)
    case .values: parts = prediction.map(\.description)
    }
    return (name(sample).map { [$0] } ?? []) + parts
  }

  /// The class at each place.
  private func classes(_ names: [String], _ prediction: ArraySlice<Float>) -> [String] {
    stride(from: prediction.startIndex, to: prediction.endIndex, by: names.count).map { first in
      names[Self.best(prediction[first..<first + names.count])]
    }
  }

  /// The names of classes or targets, then an object for each sample.
  package var json: [(String, JSONValue)] {
    let meaning: (String, JSONValue) =
      switch kind {
      case .classes(let names, _): ("classes", .array(names.map { .string($0) }))
      case .values(let names, _): ("targets", .array(names.map { .string($0) }))
      }
    return [meaning, ("predictions", .array((0..<count).map { json(of: $0) }))]
  }

  private func json(of sample: Int) -> JSONValue {
    let prediction = prediction(sample)
    let name = name(sample).map { [("name", JSONValue.string($0))] } ?? []
    let all = prediction.map { JSONValue.number($0.decimal) }
    let members: [(String, JSONValue)]
    switch kind {
    case .classes(let names, let shape) where shape.count == 1:
      let best = Self.best(prediction)
      let (one, many) =
        givesProbabilities ? ("probability", "probabilities") : ("score", "scores")
      members = [
        ("class", .string(names[best])),
        (one, .number(prediction[prediction.startIndex + best].decimal)),
        (many, .array(all)),
      ]
    case .classes(let names, let shape):
      members = [("classes", nested(classes(names, prediction).map { .string($0) }[...], shape))]
    case .values(_, let shape): members = [("values", nested(all[...], shape))]
    }
    return .object([("sample", .integer(sample))] + name + members)
  }

  /// Nested lists, one level for each axis.
  private func nested(_ elements: ArraySlice<JSONValue>, _ shape: Shape) -> JSONValue {
    guard shape.rank > 1 else { return .array(Array(elements)) }
    let rest = Shape(Array(shape.extents.dropFirst()))
    return .array(
      (0..<shape[0]).map { part in
        let first = elements.startIndex + part * rest.count
        return nested(elements[first..<first + rest.count], rest)
      })
  }

  private func prediction(_ sample: Int) -> ArraySlice<Float> {
    numbers[sample * width..<(sample + 1) * width]
  }

  /// The index of the greatest number, the first of equals.
  private static func best(_ prediction: ArraySlice<Float>) -> Int {
    unsafe prediction.withUnsafeBufferPointer { numbers in
      guard let start = numbers.baseAddress else { return 0 }
      return unsafe argmax(start, numbers.count)
    }
  }
}

extension Float {
  /// The Double with the same shortest text.
  var decimal: Double { Double(description) ?? Double(self) }
}
