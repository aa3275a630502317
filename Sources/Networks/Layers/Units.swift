package import Configuration

/// The number of outputs of a layer.
package enum Units: SettingValue, Equatable {
  case count(Int)
  /// One for each token that the data predict.
  case tokens

  package static var kind: Kind {
    .oneOf([.integer(in: 1...(1 << 30)), .choice(["tokens"])])
  }

  package init(setting: Setting) {
    if case .integer(let count) = setting { self = .count(count) } else { self = .tokens }
  }

  package func setting() -> Setting {
    switch self {
    case .count(let count): .integer(count)
    case .tokens: .choice("tokens")
    }
  }
}

extension ForwardPass {
  func count(of units: Units) throws(Misfit) -> Int {
    if case .count(let count) = units { return count }
    guard let targetTokens else {
      throw Misfit(
        "tokens are those of a text, and the data have none to predict: give a number", at: "units")
    }
    return targetTokens
  }
}
