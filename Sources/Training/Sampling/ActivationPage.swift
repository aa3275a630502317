internal import Datasets
package import Diagnostics
internal import Files
internal import Reports

/// A page of HTML that colours a text by the activations of a unit, or by the weights that a head
/// of attention gives, which its reader chooses.
///
/// It needs no other file. `ActivationPage+Template.swift` has what is the same in every page.
package struct ActivationPage {
  private let recording: ActivationRecording
  private let tokeniser: Tokeniser
  private let title: String
  private let given: Int

  /// `title` says which network it is; the tokens of the prompt come first.
  package init(
    _ recording: ActivationRecording, of sampler: TextSampler, after prompt: TextSampler.Prompt,
    title: String
  ) {
    self.recording = recording
    tokeniser = sampler.tokeniser
    self.title = title
    given = prompt.tokens.count
  }

  package var tokenCount: Int { recording.tokens.count }

  package func write(to path: String) throws(Failure) {
    // In JSON these characters stand in strings only.
    let data = json.description.escaping("<>&") { "\\u00" + String($0, radix: 16) }
    let title = title.printable.escaping("<>&\"") { "&#\($0);" }
    try writeAtomically(Self.head.replacing("TITLE", with: title) + data + Self.tail, to: path)
  }

  private var json: JSONValue {
    let best = recording.best.map { tokens in
      JSONValue.array(
        tokens.flatMap { token, probability in
          [.string(spelling(token)), .number((1e4 * probability).rounded() / 1e4)]
        })
    }
    return .object([
      ("given", .integer(given)),
      ("tokens", .array(recording.tokens.map { .string(spelling($0)) })),
      ("best", .array(best)),
      (
        "cells",
        .array(
          recording.cells.map { json($0.name, ("size", $0.size), $0.values) })
      ),
      ("seen", .array(recording.seen.map { .integer($0) })),
      (
        "attention",
        .array(
          recording.attention.map { json($0.name, ("heads", $0.heads), $0.weights) })
      ),
    ])
  }

  /// The numbers of a cell or a layer, rounded to 4096 steps, as two characters each.
  private func json(_ name: String, _ count: (String, Int), _ values: [Float]) -> JSONValue {
    let limit = max(values.reduce(0) { max($0, abs($1)) }, 1e-6)
    var text: [UInt8] = []
    text.reserveCapacity(2 * values.count)
    for value in values {
      let step = value.isFinite ? Int((value / limit * 2047).rounded()) + 2048 : 0
      text += [Self.digits[step / 64], Self.digits[step % 64]]
    }
    return .object([
      ("name", .string(name)), (count.0, .integer(count.1)),
      ("unit", .number(Double(limit) / 2047)),
      ("values", .string(String(decoding: text, as: UTF8.self))),
    ])
  }

  /// 64 characters in a row that stand for themselves in HTML and JSON; `0` is the first.
  private static let digits = Array(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_".utf8)

  /// The text of a token; bytes that are not UTF-8 in hexadecimal.
  private func spelling(_ token: Int32) -> String {
    let bytes = tokeniser.tokens[Int(token)]
    return String(validating: bytes, as: UTF8.self)
      ?? bytes.map { "\\x" + String($0, radix: 16) }.joined()
  }
}

extension String {
  /// The text with these characters replaced by what stands for their numbers.
  fileprivate func escaping(_ characters: String, _ escape: (UInt32) -> String) -> String {
    let set = Set(characters.unicodeScalars)
    return unicodeScalars.map { set.contains($0) ? escape($0.value) : String($0) }.joined()
  }
}
