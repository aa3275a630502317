/// The layer that wrote an instruction, with the step of its loop if that is written step by step,
/// or the head of its attention.
struct Author {
  let layer: String
  let step: Int?
  let head: Int?

  /// `text` is that of the provenance: `rnn1 step 2`, `attention1 head 2`.
  init(_ text: String) {
    func number(behind word: String) -> (layer: String, number: Int)? {
      let parts = text.split(separator: " \(word) ", maxSplits: 1)
      return parts.count == 2 ? Int(parts[1]).map { (String(parts[0]), $0) } : nil
    }
    let (step, head) = (number(behind: "step"), number(behind: "head"))
    layer = step?.layer ?? head?.layer ?? text
    self.step = step?.number
    self.head = head?.number
  }

  var text: String {
    step.map { "\(layer), step \($0)" } ?? head.map { "\(layer), head \($0)" } ?? layer
  }
}
