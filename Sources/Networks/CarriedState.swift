package import Graphs

/// A state of a recurrent layer that goes from one run of a program to the next.
///
/// The program's input and output for it have its name. It is `[n, size]`, a row for each sample.
package struct CarriedState: Hashable, Sendable {
  /// Layer, state and cell, as those of parameters: `lstm1/h_l0`.
  package let name: String
  package let size: Int

  /// The input that says which samples begin, so that their states are first states: uint8 `[n]`.
  package static let begins = "begins"
}

/// The programs of one step of sequences, for weights that do not change.
package struct StepPrograms: Sendable {
  /// Computes from the parameters what is the same in every step; its outputs are more parameters
  /// of `step`.
  package let first: Program
  /// Its inputs are `samples`, one step of each sequence, `begins` and the states; its outputs are
  /// the states after the step and `scores`, the last layer's values, or those before it if it is a
  /// softmax.
  package let step: Program
  package let states: [CarriedState]
  /// The outputs of `step` that are gates and states of cells: `lstm1.f`.
  package let cells: [String]
}

extension Program {
  /// The gates and states of recurrent cells, in the order of their computation.
  var cellValues: [Output] {
    provenance.names.sorted { $0.key.index < $1.key.index }
      .filter {
        "ifgorznhc".contains($0.value.suffix(2).dropFirst()) && $0.value.suffix(2).first == "."
      }
      .map { Output($0.value, $0.key) }
  }
}

/// Which states the recurrent layers of a program read and write.
enum Carrying: Equatable {
  /// None: every sample begins anew.
  case nothing
  /// Those of layers that carry their state to the next batch.
  case batches
  /// All those of layers behind this field, of which a program gets one step.
  case steps(of: String)

  var isOfSteps: Bool { if case .steps = self { true } else { false } }
}
