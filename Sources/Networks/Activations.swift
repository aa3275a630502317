package import Configuration
package import Diagnostics
package import Graphs

/// An activation function: a row of a table, with the one number or word that the row may take.
///
/// Each function is written in the graph's operations, so its derivatives of any order follow. None
/// overflows or cancels, and at kinks the slopes are PyTorch's.
package struct Activation: Layer {
  private let row: Row
  private let setting: Setting

  /// A function of a value, given the row's setting.
  private typealias Function =
    @Sendable (_ x: Value, _ setting: Setting, inout Builder) -> Value

  private struct Row: Sendable {
    let record: Record
    let standard: Setting
    let function: Function
  }

  private static let table: [Row] = [
    row("relu", "max(x, 0), element by element.") { x, _, b in b.positivePart(of: x) },
    row(
      "leaky_relu", "x above 0, slope · x below.", "slope", .number(0.01), any, "The slope below 0."
    ) {
      x, slope, b in b.rectified(x, below: b.constant(slope.number, b.shape(of: x)))
    },
    row(
      "elu", "x above 0, alpha · (exp(x) - 1) below.", "alpha", .number(1),
      .number(in: .from(0, to: 1e30)),
      "What the values far below 0 come near to, without its sign."
    ) { x, alpha, b in b.elu(x, alpha: alpha.number) },
    row("selu", "1.0507 · elu(x) with an alpha of 1.6733, which keeps mean 0 and variance 1.") {
      x, _, b in b.multiply(b.elu(x, alpha: 1.6732632423543772), by: 1.0507009873554805)
    },
    row(
      "gelu", "x times the share of a standard normal distribution below x.", "approximate",
      .choice("none"), .choice(["none", "tanh"]),
      "Whether the distribution is taken from erf (none) or from a formula with tanh."
    ) { x, approximation, b in b.gelu(x, usesTanh: approximation.text == "tanh") },
    row("swish", "x · sigmoid(x), element by element; also called SiLU.") { x, _, b in b.swish(x) },
    row("mish", "x · tanh(softplus(x)), element by element.") { x, _, b in
      b.multiply(x, b.emit(.unary(.tanh), b.softplus(x)))
    },
    row(
      "softplus", "log(1 + exp(beta · x)) / beta, element by element.", "beta", .number(1),
      .number(in: .from(1e-6, to: 1e6)), "How sharply it bends: the greater, the nearer to relu."
    ) { x, beta, b in b.multiply(b.softplus(b.multiply(x, by: beta.number)), by: 1 / beta.number) },
    row("sigmoid", "1 / (1 + exp(-x)), element by element.") { x, _, b in
      b.emit(.unary(.sigmoid), x)
    },
    row("tanh", "The hyperbolic tangent, element by element.") { x, _, b in b.emit(.unary(.tanh), x)
    },
    row("softmax", "Probabilities over features or channels.") { x, _, b in
      b.emit(.composite(.softmax), x)
    },
  ]

  package static let relu = Activation("relu")
  package static func leakyRelu(slope: Double = 0.01) -> Activation {
    Activation("leaky_relu", .number(slope))
  }
  package static func elu(alpha: Double = 1) -> Activation { Activation("elu", .number(alpha)) }
  package static let selu = Activation("selu")
  package static let gelu = Activation("gelu")
  package static let geluTanh = Activation("gelu", .choice("tanh"))
  package static let swish = Activation("swish")
  package static let mish = Activation("mish")
  package static func softplus(beta: Double = 1) -> Activation {
    Activation("softplus", .number(beta))
  }
  package static let sigmoid = Activation("sigmoid")
  package static let tanh = Activation("tanh")
  package static let softmax = Activation("softmax")

  private static let any = Kind.number(in: .from(-1e30, to: 1e30))

  private static func row(
    _ name: String, _ help: String, _ key: String? = nil,
    _ standard: Setting = .boolean(false), _ kind: Kind = .boolean,
    _ keyHelp: String = "", _ function: @escaping Function
  ) -> Row {
    let keys = key.map { [Key($0, kind, default: .value(standard), help: keyHelp)] } ?? []
    return Row(
      record: Record(name, main: key, keys: keys, help: help), standard: standard,
      function: function)
  }

  private init(_ name: String, _ setting: Setting? = nil) {
    guard let row = Self.table.first(where: { $0.record.name == name }) else {
      preconditionFailure("no activation is called '\(name)'")
    }
    self.row = row
    self.setting = setting ?? row.standard
  }

  /// The names of all functions.
  package static let names = Set(table.map(\.record.name))

  /// What a file can name.
  static let kinds = table.map { row in
    LayerKind(row.record, main: row.record.main) { settings in
      Activation(row.record.name, row.record.main.map { settings.value($0) })
    }
  }

  package var record: Record { row.record }

  /// The number that its row takes, if it takes one.
  package var number: Double? { if case .number(let number) = setting { number } else { nil } }

  package func settings() throws(Failure) -> Settings {
    try Settings(record, record.main.map { [$0: setting] } ?? [:])
  }

  /// Whether it is the same function, whatever its setting.
  package static func ~= (pattern: Activation, layer: any Layer) -> Bool {
    (layer as? Activation)?.record.name == pattern.record.name
  }

  package func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    row.function(x, setting, &pass.builder)
  }
}
