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

/// What a layer of attention keeps of every step, its keys or its values: a parameter `[n, context,
/// groups, size]` of the program of one step, and its output `[n, 1, groups, size]` for that step.
package struct KeptSteps: Hashable, Sendable {
  package let name: String
  package let context: Int
  /// The numbers of a step.
  package let size: Int

  /// The input with the number of steps before this one of each sequence: int32 `[n]`.
  package static let position = "position"
}

/// The programs of one step of sequences, for weights that do not change.
package struct StepPrograms: Sendable {
  /// Computes from the parameters what is the same in every step; its outputs are more parameters
  /// of `step`.
  package let first: Program
  /// Its inputs are `samples`, one step of each sequence, `begins` and the states, and `position`;
  /// its outputs are the states after the step, what is kept of it, and `scores`, the last layer's
  /// values, or those before it if it is a softmax.
  package let step: Program
  package let states: [CarriedState]
  package let kept: [KeptSteps]
  /// Reads the first half of the context at once; nil where states go from step to step.
  ///
  /// Its input is `samples`, several steps of each sequence, its outputs what is kept of them.
  package let beginning: Program?
  /// The number of steps that layers with positions or attention can take; nil for any number.
  package let context: Int?
  /// The outputs of `step` that are gates and states of cells: `lstm1.f`, `mamba1.delta`.
  package let cells: [String]
  /// Those that are the weights of layers of attention, by the layer: `[n, heads, 1, context]`, 0
  /// for steps to come.
  package let attention: [String]
}

extension Program {
  /// The gates and states of recurrent cells, and of each selective scan how far its channels move
  /// on and what they give, in the order of their computation.
  var cellValues: [Output] {
    let named = provenance.names.sorted { $0.key.index < $1.key.index }.map { value, name in
      let dot = name.lastIndex(of: ".") ?? name.startIndex
      return (value: value, name: name, layer: name[..<dot], last: name[dot...])
    }
    let scans = Set(named.filter { $0.last == ".delta" }.map(\.layer))
    return named.filter { value in
      scans.contains(value.layer)
        ? [".delta", ".y"].contains(value.last)
        : value.last.count == 2 && "ifgorznhc".contains(value.last.suffix(1))
    }.map { Output($0.name, $0.value) }
  }
}

/// Which states the recurrent layers of a program read and write.
enum Carrying: Equatable {
  /// None: every sample begins anew.
  case nothing
  /// Those of layers that carry their state to the next batch.
  case batches
  /// All those of layers behind this field, of which a program gets one of so many steps.
  case steps(of: String, count: Int)
  /// None, but what attention keeps of the first of so many steps is an output.
  case beginning(count: Int)

  var isOfSteps: Bool { if case .steps = self { true } else { false } }
}
