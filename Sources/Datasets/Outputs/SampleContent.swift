package import Diagnostics

/// A sample as people look at it.
package enum SampleContent: Sendable {
  /// The bytes of a PNG file.
  case picture([UInt8])
  /// The names and values of its numbers, in the units of the data.
  case row([(name: String, value: String)])
  case text(String)
}

extension Dataset {
  /// The most numbers of a row.
  private static let rowLimit = 64

  /// A sample as a picture, a text or a row.
  package func content(of sample: Int) throws(Failure) -> SampleContent {
    let values = try numbers(of: fields[0], sample)
    if shape.count == 3, shape[0] * shape[1] > 1 { return .picture(try picture(of: values)) }
    if let tokens, elements.number != .float32 {
      let length = try number(ofField: TokenPairs.lengths, sample) ?? values.count
      return .text(tokens.text(of: values.prefix(length).map { Int($0) }))
    }
    return .row(Array(try row(of: values, sample).prefix(Self.rowLimit)))
  }

  /// The tokens of a sample as texts; nil if it has none.
  package func tokens(of sample: Int) throws(Failure) -> [String]? {
    guard let tokens, elements.number != .float32 else { return nil }
    return try numbers(of: fields[0], sample).map { tokens.text(of: [Int($0)]) }
  }

  /// The text of tokens that are classes of targets; nil if they are none.
  package func text(ofClasses classes: [Int]) -> String? {
    if let targetTokens { return targetTokens.text(of: classes) }
    return outline.isText ? tokens?.text(of: classes) : nil
  }

  private func numbers(of field: Field, _ sample: Int) throws(Failure) -> [Float] {
    var bytes = [UInt8](repeating: 0, count: field.byteCount)
    let one = [Int32(sample)]
    try unsafe bytes.withUnsafeMutableBufferPointer { bytes throws(Failure) in
      try unsafe copy(field, of: one[...], into: UnsafeMutableRawBufferPointer(bytes))
    }
    return unsafe bytes.withUnsafeBytes { bytes in
      (0..<field.size).map { place in
        switch field.number {
        case .uint8: unsafe Float(bytes[place])
        case .int32: unsafe Float(bytes.load(fromByteOffset: 4 * place, as: Int32.self))
        case .float32: unsafe bytes.load(fromByteOffset: 4 * place, as: Float.self)
        }
      }
    }
  }

  /// The number that a field of one number has; nil if there is no such field.
  private func number(ofField name: String, _ sample: Int) throws(Failure) -> Int? {
    let field = namedFields.first { $0.field.name == name && $0.field.size == 1 }?.field
    return try field.map { field throws(Failure) in Int(try numbers(of: field, sample)[0]) }
  }

  /// Grey or coloured; of other numbers of channels the first one.
  private func picture(of values: [Float]) throws(Failure) -> [UInt8] {
    let channels = shape[2]
    let shown = channels == 3 ? 3 : 1
    let some =
      shown == channels
      ? values : stride(from: 0, to: values.count, by: channels).map { values[$0] }
    let pixels = GeneratedSamples(
      some, shape: [shape[0], shape[1], shown], number: elements.number
    ).bytes
    return try PNGImage.encoded(pixels, height: shape[0], width: shape[1], channels: shown)
  }

  private func row(
    of values: [Float], _ sample: Int
  ) throws(Failure) -> [(name: String, value: String)] {
    guard let columns else {
      let width = shape.last ?? 1
      return values.enumerated().map { place, value in
        let (name, step) = ("x\(place % width + 1)", "step \(place / width + 1)")
        return (
          shape.count == 1 ? name : width == 1 ? step : "\(name), \(step)", value.description
        )
      }
    }
    let fields = namedFields.map(\.field.name)
    var words: [String: Int] = [:]
    for field in fields { words[field] = try number(ofField: field, sample) }
    guard columns.window != nil else { return columns.row(of: values[...], embedded: words) }
    return stride(from: 0, to: values.count, by: columns.width).flatMap { first in
      columns.row(of: values[first..<first + columns.width], embedded: words).map {
        ("\($0.name), step \(first / columns.width + 1)", $0.value)
      }
    }
  }
}

extension Tokeniser {
  /// The text of tokens, without what is none: the end of a text, a mask, what does not count.
  fileprivate func text(of tokens: [Int]) -> String {
    String(
      decoding: decode(tokens.filter { 0..<size ~= $0 }.map { Int32($0) }), as: UTF8.self)
  }
}
