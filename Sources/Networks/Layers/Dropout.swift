internal import Configuration
internal import Graphs

/// Sets elements to zero at random while training, and scales the rest by 1 / (1 - rate).
///
/// The mean of each element stays what it is without dropout, so evaluation leaves the layer out.
struct Dropout: Layer {
  static let schema = Record(
    "dropout", main: "rate",
    keys: [Key("rate", .number(in: .from(0, below: 1)), help: "The share of elements dropped.")],
    help: "Drops elements at random while training.")

  private let rate: Double

  init(_ settings: Settings) { rate = settings.number("rate") }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    guard pass.isTraining, rate > 0 else { return x }
    let shape = pass.shape(of: x)
    let draws = try pass.random(shape)
    let isKept = pass.builder.emit(
      .compare(.lessOrEqual), pass.builder.constant(rate, shape), draws)
    let scaled = pass.builder.multiply(x, by: 1 / (1 - rate))
    return pass.builder.emit(.select, isKept, scaled, pass.builder.constant(0, shape))
  }
}
