internal import Diagnostics
internal import Graphs
internal import Reports

/// The predictions for samples in a row, as text and as JSON.
package struct Predictions: Sendable {
  let meaning: PredictionMeaning
  /// The place of the first sample in its file.
  let first: Int
  let count: Int
  /// The names of the samples; nil where they have only their places.
  let names: [String?]?
  /// All predictions, one after the other.
  let numbers: [Float]

  init(_ meaning: PredictionMeaning, _ block: SampleBlock, _ numbers: [Float]) {
    self.meaning = meaning
    (first, count, names) = (block.first, block.count, block.names)
    self.numbers = meaning.inUnits(numbers)
  }

  func name(of sample: Int) -> String? { names?[sample] }

  /// The numbers for a sample, by its place among these.
  func numbers(of sample: Int) -> ArraySlice<Float> {
    numbers[sample * meaning.width..<(sample + 1) * meaning.width]
  }

  /// The class at each place of a sample.
  func classes(of sample: Int) -> [Int] {
    guard case .classes(let names, _) = meaning.kind else { return [] }
    let prediction = numbers(of: sample)
    return stride(from: prediction.startIndex, to: prediction.endIndex, by: names.count).map {
      meaning.decision.choice(prediction[$0..<$0 + names.count])
    }
  }

  /// The columns of a sample's line: its name if it has one, then the class and its probability,
  /// the class at each place, or the values.
  func fields(of sample: Int) -> [String] {
    var parts = name(of: sample).map { [$0] } ?? []
    let prediction = numbers(of: sample)
    switch meaning.kind {
    case .classes(let names, _):
      let classes = classes(of: sample)
      parts += classes.map { names[$0] }
      guard meaning.isOneClass else { break }
      parts.append(Double(prediction[prediction.startIndex + classes[0]]).formatted(4))
    case .values: parts += prediction.map(\.description)
    }
    return parts
  }

  /// A sample's object, with its place in the file.
  func json(of sample: Int) -> JSONValue {
    let prediction = numbers(of: sample)
    let name = name(of: sample).map { [("name", JSONValue.string($0))] } ?? []
    let all = prediction.map { JSONValue.number($0.decimal) }
    let members: [(String, JSONValue)]
    switch meaning.kind {
    case .classes(let names, let shape):
      let classes = classes(of: sample)
      guard meaning.isOneClass else {
        members = [("classes", nested(classes.map { .string(names[$0]) }[...], shape))]
        break
      }
      let (one, many) =
        meaning.givesProbabilities ? ("probability", "probabilities") : ("score", "scores")
      members = [
        ("class", .string(names[classes[0]])),
        (one, .number(prediction[prediction.startIndex + classes[0]].decimal)),
        (many, .array(all)),
      ]
    case .values(_, let shape): members = [("values", nested(all[...], shape))]
    }
    return .object([("sample", .integer(first + sample))] + name + members)
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
}

extension Float {
  /// The Double with the same shortest text.
  var decimal: Double { Double(description) ?? Double(self) }
}
