/// The layer that wrote an instruction, and the step of its loop if that is written step by step.
struct Author {
  let layer: String
  let step: Int?

  /// `text` is that of the provenance: `rnn1 step 2`.
  init(_ text: String) {
    let parts = text.split(separator: " step ", maxSplits: 1)
    let step = parts.count == 2 ? Int(parts[1]) : nil
    layer = step == nil ? text : String(parts[0])
    self.step = step
  }

  var text: String { step.map { "\(layer), step \($0)" } ?? layer }
}
