package import Configuration
package import Diagnostics
internal import Graphs

/// What the first weights of a layer are drawn from.
///
/// `xavier` keeps the variance of values and gradients through layers that are linear around zero
/// (Glorot and Bengio 2010); `he` keeps that of values through relu (He and others 2015).
package enum Initialiser: Equatable, Sendable {
  case xavierUniform, xavierNormal, heUniform, heNormal, zeros
  case normal(deviation: Double)
  case uniform(bound: Double)
  case orthogonal(gain: Double)

  private static let records = [
    Record("xavier_uniform", help: "Uniform up to sqrt(6 / (inputs + outputs))."),
    Record("xavier_normal", help: "Normal with variance 2 / (inputs + outputs)."),
    Record("he_uniform", help: "Uniform up to sqrt(6 / inputs)."),
    Record("he_normal", help: "Normal with variance 2 / inputs."),
    Record(
      "normal", main: "deviation",
      keys: [
        Key("deviation", .number(in: .above(0, to: 1e6)), help: "The standard deviation.")
      ], help: "Normal around zero."),
    Record(
      "uniform", main: "bound",
      keys: [Key("bound", .number(in: .above(0, to: 1e6)), help: "The greatest magnitude.")],
      help: "Uniform from -bound to bound."),
    Record("zeros", help: "All zero."),
    Record(
      "orthogonal", main: "gain",
      keys: [
        Key(
          "gain", .number(in: .above(0, to: 1e6)), default: 1,
          help: "The length of the rows or columns.")
      ],
      help: "Rows (or columns, where they are fewer) of one length at right angles, in a random "
        + "direction; a filter is a row."),
  ]

  /// What weights are drawn from when each output is made of `fanIn` inputs and each input goes
  /// into `fanOut` outputs, for as many such matrices one below the other as there are parts.
  func distribution(fanIn: Int, fanOut: Int, parts: Int = 1) -> Distribution {
    let (fanIn, fanOut) = (Double(fanIn), Double(fanOut))
    return switch self {
    case .xavierUniform: .uniform(bound: (6 / (fanIn + fanOut)).squareRoot())
    case .xavierNormal: .normal(deviation: (2 / (fanIn + fanOut)).squareRoot())
    case .heUniform: .uniform(bound: (6 / fanIn).squareRoot())
    case .heNormal: .normal(deviation: (2 / fanIn).squareRoot())
    case .normal(let deviation): .normal(deviation: deviation)
    case .uniform(let bound): .uniform(bound: bound)
    case .zeros: .zeros
    case .orthogonal(let gain): .orthogonal(gain: gain, parts: parts)
    }
  }
}

extension Initialiser: SettingValue {
  package static var kind: Kind { .variant("initialiser", records) }

  package init(setting: Setting) {
    let settings = setting.section
    self =
      switch settings.name {
      case "xavier_uniform": .xavierUniform
      case "xavier_normal": .xavierNormal
      case "he_uniform": .heUniform
      case "he_normal": .heNormal
      case "normal": .normal(deviation: settings.number("deviation"))
      case "uniform": .uniform(bound: settings.number("bound"))
      case "zeros": .zeros
      case "orthogonal": .orthogonal(gain: settings.number("gain"))
      case let name: preconditionFailure("the schema has an initialiser '\(name)' without a case")
      }
  }

  package func setting() throws(Failure) -> Setting {
    let (name, values): (String, [String: Setting]) =
      switch self {
      case .xavierUniform: ("xavier_uniform", [:])
      case .xavierNormal: ("xavier_normal", [:])
      case .heUniform: ("he_uniform", [:])
      case .heNormal: ("he_normal", [:])
      case .normal(let deviation): ("normal", ["deviation": .number(deviation)])
      case .uniform(let bound): ("uniform", ["bound": .number(bound)])
      case .zeros: ("zeros", [:])
      case .orthogonal(let gain): ("orthogonal", ["gain": .number(gain)])
      }
    return .variant(try Settings(Self.records.named(name), values))
  }
}

extension [Record] {
  /// The record of a name that the table has.
  func named(_ name: String) -> Record {
    guard let record = first(where: { $0.name == name }) else {
      preconditionFailure("no record is called '\(name)'")
    }
    return record
  }
}

/// What the elements of a parameter are at the start of a run.
package enum Distribution: Hashable, Sendable {
  case constant(Double)
  /// These, in row order.
  case given([Float])
  /// From -bound to bound.
  case uniform(bound: Double)
  /// Around zero.
  case normal(deviation: Double)
  /// Rows, or columns if they are fewer, of this length and at right angles, in each of some
  /// matrices one below the other.
  case orthogonal(gain: Double, parts: Int = 1)

  /// log 1, log 2 and so on in each row.
  case logarithmsOfPlaces
  /// Those of which the softplus has logarithms that are uniform between those of two numbers.
  case inverseSoftplus(from: Double, to: Double)

  package static let zeros = constant(0)

  /// First values that a configuration gives.
  static func given(_ numbers: Numbers, _ name: String, _ shape: Shape) throws(Misfit)
    -> Distribution
  {
    guard let extents = numbers.extents else {
      throw Misfit(
        "expected \(name) of shape \(shape), found lists of different lengths", at: name)
    }
    guard extents == shape.extents else {
      throw Misfit("expected \(name) of shape \(shape), found \(Shape(extents))", at: name)
    }
    return .given(numbers.values)
  }
}
