package import Configuration
package import Diagnostics

/// An optimiser: settings that a file or Swift code gives, and the update formula that they stand
/// for.
///
/// It holds no state. The moments are flat buffers of the caller, in the layout of the weights, and
/// start as zeros.
package protocol Optimizer: Configurable {
  /// Step size, before the schedule.
  var learningRate: Double { get set }

  /// The formula with this optimiser's constants. Store it: making it may allocate memory.
  var update: any UpdateFormula { get }
}

extension Optimizer {
  /// The names of the moments, as in PyTorch's optimiser state.
  package var moments: [String] { update.moments }
}

/// All optimisers that a file can name.
///
/// To add one, write its file and list it here.
private let optimizers: [any Optimizer.Type] = [
  SGD.self, Adam.self, AdamW.self, RMSProp.self, AdaGrad.self,
]

extension Kind {
  package static let optimizer = Kind.variant("optimizer", optimizers.map { $0.record })
}

extension Settings {
  /// The optimiser of a section that `Kind.optimizer` has checked.
  package func optimizer() throws(Failure) -> any Optimizer {
    guard let type = optimizers.first(where: { $0.record.name == name }) else {
      preconditionFailure("\(name) is no optimizer")
    }
    return try type.init(self)
  }
}

/// The properties that several optimisers have.
extension Property where Root: Optimizer {
  static var learningRate: Property {
    Property(
      "learning_rate", \.learningRate, .number(in: .above(0, to: 1000)),
      help: "Step size, before the schedule.")
  }

  static func epsilon(_ path: any WritableKeyPath<Root, Double> & Sendable) -> Property {
    Property(
      "epsilon", path, .number(in: .from(1e-30, to: 1)),
      help: "Added to the root, so that a vanishing gradient does not divide by zero.")
  }

  static func weightDecay(
    _ path: any WritableKeyPath<Root, Double> & Sendable,
    help: String = "Times the weights, added to the gradient; biases and norms are spared."
  ) -> Property {
    Property("weight_decay", path, .number(in: .from(0, to: 1000)), help: help)
  }
}
