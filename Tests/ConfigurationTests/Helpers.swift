import Configuration
import Diagnostics
import Testing

/// A setting of one kind under the key `x`, read from the text of its value.
func read(_ kind: Kind, _ text: String) throws(Failure) -> Setting {
  let schema = Record("test", keys: [Key("x", kind, help: "Tested.")], help: "Test.")
  return try Settings(text: "x: \(text)", source: "t.yaml", schema: schema).value("x")
}

/// The sample schema's failure on a text, with overrides.
func failure(
  _ text: String, set overrides: [String] = [], schema: Record = Samples.top
) -> Failure? {
  do {
    _ = try Settings(text: text, source: "conv.yaml", set: overrides, schema: schema)
    return nil
  } catch {
    return error
  }
}

/// Repeatable random choices.
struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ (state >> 29)) &* 0x9E37_79B9_7F4A_7C15
  }
}
