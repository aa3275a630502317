package import Datasets
internal import Graphs
package import Networks

extension [TargetType.NamedField] {
  /// The fields of data whose samples have a shape and come as `input` says.
  init(_ fields: [Field], besideSamplesOf shape: [Int], _ input: SampleInput) {
    self = fields.map { field in
      let isNormalised =
        input.number == .uint8 && field.isNormalised(besidePixelsOf: shape)
      return TargetType.NamedField(
        field.name, isNormalised ? input : SampleInput(NumberType(field.number)),
        Shape(field.shape), entries: field.entries)
    }
  }

  /// The fields of the data that a network was trained on.
  init(_ coding: SampleCoding) {
    self.init(coding.fields, besideSamplesOf: coding.shape, SampleInput(coding))
  }
}

extension TargetType {
  /// The targets that a network was trained on; nil if there were none.
  package init?(_ coding: SampleCoding) {
    switch coding.targets {
    case .classes(let names, let shape):
      self = .classes(
        names.count, shape: Shape(shape), tokens: coding.inputTokens,
        text: Text(
          isText: coding.isText, isMasked: coding.masked != nil,
          isTranslation: coding.targetTokens != nil))
    case .values(let shape):
      self = .values(shape, tokens: coding.inputTokens).scaled(by: .init(coding.targetScales))
    case .none: return nil
    }
  }

  /// The targets of a dataset; nil if it has none.
  init?(_ data: Splits.Outline) {
    let ignoresSome = data.training.ignoresTargets || data.validation?.ignoresTargets == true
    switch data.training.targets {
    case .classes(let count, let shape):
      self = .classes(
        count, shape: Shape(shape), ignoresSome: ignoresSome, tokens: data.training.tokens,
        text: Text(
          isText: data.training.isText, isMasked: data.training.isMasked,
          isTranslation: data.training.isTranslation))
    case .values(let shape):
      self = .values(shape, ignoresSome: ignoresSome, tokens: data.training.tokens)
        .scaled(by: .init(data.training.targetScales))
    case .none: return nil
    }
  }

  /// Real targets; one number for each sample is a vector of one.
  private static func values(
    _ shape: [Int], ignoresSome: Bool = false, tokens: Int?
  ) -> TargetType {
    .values(shape.isEmpty ? [1] : Shape(shape), ignoresSome: ignoresSome, tokens: tokens)
  }
}

extension [TargetType.Scale] {
  fileprivate init(_ scales: [TargetScale]) {
    self = scales.map { TargetType.Scale(mean: $0.mean, deviation: $0.deviation) }
  }
}

extension TargetType.Text {
  fileprivate init?(isText: Bool, isMasked: Bool, isTranslation: Bool) {
    guard isText || isTranslation else { return nil }
    self = isMasked ? .masked : isText ? .next : .translation
  }
}
