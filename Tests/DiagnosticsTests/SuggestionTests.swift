import Diagnostics
import Testing

@Suite struct SuggestionTests {
  private static let layers = [
    "dense", "conv", "batchnorm", "leaky_relu", "relu", "selu", "swish", "maxpool",
  ]

  @Test(arguments: [
    ("rleu", "relu"), ("ReLU", "relu"), ("LeakyReLU", "leaky_relu"), ("batch_norm", "batchnorm"),
    ("silu", "swish"), ("Linear", "dense"), ("fc", "dense"), ("MaxPool2d", "maxpool"),
    ("BatchNorm2d", "batchnorm"),
  ])
  func namesTheLayer(_ word: String, _ layer: String) {
    #expect(Suggestion.nearest(to: word, among: Self.layers) == layer)
    #expect(
      Suggestion.hint(for: word, among: Self.layers).hasPrefix(" (did you mean '\(layer)'?"))
  }

  @Test func saysWhatIsDifferent() {
    let hint = Suggestion.hint(for: "betas", among: ["beta1", "beta2"])
    #expect(hint == " (did you mean 'beta1'? its two numbers are beta1 and beta2)")
  }

  @Test func aKeyOfAnotherSectionIsNamedOnlyWhereKeysAreMeant() {
    let known = ["epochs", "steps"]
    #expect(
      Suggestion.hint(for: "batch_size", among: known, orElsewhere: true)
        == " (did you mean 'data.batch'?)")
    #expect(Suggestion.hint(for: "batch_size", among: known) == " (known: epochs, steps)")
    #expect(Suggestion.key(for: "--batch-size") == "data.batch")
    #expect(Suggestion.key(for: "shards") == nil)
  }

  @Test func aWordThatIsNotNeededIsExplained() {
    let hint = Suggestion.hint(for: "device", among: ["seed"], orElsewhere: true)
    #expect(hint == ": leave it out: everything is computed on the CPU")
  }

  @Test func aWordLikeNoOtherListsTheFew() {
    #expect(Suggestion.hint(for: "xyz", among: ["a", "b"]) == " (known: a, b)")
    #expect(Suggestion.hint(for: "xyzzy", among: (0..<30).map { "name\($0)" }).isEmpty)
    #expect(Suggestion.hint(for: "", among: []).isEmpty)
  }
}
