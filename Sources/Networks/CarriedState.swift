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

/// Which states the recurrent layers of a program read and write.
enum Carrying {
  /// None: every sample begins anew.
  case nothing
  /// Those of layers that carry their state to the next batch.
  case batches
  /// All of them: a sample is one step.
  case steps
}
