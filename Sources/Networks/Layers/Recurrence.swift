package import Configuration
package import Diagnostics
internal import Graphs

/// The settings that all recurrent layers share.
package struct Recurrence: Sendable {
  package var units: Int
  package var layers: Int
  package var direction: Direction
  /// The share of elements dropped between layers.
  package var dropout: Double
  package var output: Output
  package var initialState: InitialState
  /// Whether the state after the last step is the first one of the next batch.
  package var carry = false
  /// The field that holds the number of steps of each sample; nil where all steps count.
  package var lengths: String?
  /// The size of the layer that scores the steps of a memory, the second input; nil where there is
  /// none.
  package var attention: Int?
  /// The field that holds the number of steps of the memory that count.
  package var memoryLengths: String?
  package var bias: Bool
  /// Of `weight_ih` and `weight_hh`; nil stands for PyTorch's uniform up to 1/sqrt(units).
  package var initialiser: Initialiser?
  package var recurrentInitialiser: Initialiser?
  package var weights = FirstWeights()
  package var freeze: Frozen?
  package var constraint: WeightConstraint?
  /// Keeps the states of every such step and computes those between again; nil keeps all.
  package var remember: Int?

  package init(
    units: Int, layers: Int = 1, direction: Direction = .forward, dropout: Double = 0,
    output: Output = .sequence, initialState: InitialState = .zero, lengths: String? = nil,
    bias: Bool = true, initialiser: Initialiser? = nil, recurrentInitialiser: Initialiser? = nil
  ) {
    self.units = units
    self.layers = layers
    self.direction = direction
    self.dropout = dropout
    self.output = output
    self.initialState = initialState
    self.lengths = lengths
    self.bias = bias
    self.initialiser = initialiser
    self.recurrentInitialiser = recurrentInitialiser
  }

  package enum Direction: String, CaseIterable, SettingValue {
    case forward, backward, both
  }

  package enum Output: String, CaseIterable, SettingValue {
    case sequence, last
  }

  package enum InitialState: String, CaseIterable, SettingValue {
    case zero, learned
  }

  /// First values of parameters, by PyTorch's names without the layer.
  package struct FirstWeights: Configurable, Equatable {
    var tensors: [String: Numbers] = [:]

    package static let schema = Schema(
      "weights", FirstWeights(),
      [
        property("weight_ih", 2, "Weights of the input, the rows of one gate after the other."),
        property("weight_hh", 2, "Weights of the state."),
        property("bias_ih", 1, "The bias beside the input."),
        property("bias_hh", 1, "The bias beside the state."),
        property("weight_peephole", 2, "A row for each gate that sees the cell."),
        property("weight_gate", 2, "From the gates of the step before to the gates."),
        property("weight_query", 2, "From the state to the scores of a memory."),
        property("weight_memory", 2, "From a step of the memory to its score."),
        property("bias_memory", 1, "The bias beside it."),
        property("weight_score", 2, "From both to the score, one row."),
        property("h0", 1, "The learned first state."),
        property("c0", 1, "The learned first state of the cell."),
      ], help: "First values of the parameters of one layer in one direction.")

    private static func property(_ name: String, _ rank: Int, _ help: String) -> Property<Self> {
      Property(name, \.tensors[name], Numbers.kind(ranks: rank...rank), help: help)
    }
  }

  /// Refuses settings that contradict each other.
  func check(_ settings: Settings) throws(Failure) {
    guard dropout == 0 || layers > 1 else {
      throw settings.failure(
        at: "dropout", "drops between layers and there is one: put a dropout layer behind it")
    }
    guard !carry || direction == .forward else {
      throw settings.failure(
        at: "carry", "a state goes on behind the last step: that takes direction: forward")
    }
    guard attention == nil || layers == 1 && direction == .forward else {
      throw settings.failure(
        at: "attention", "is that of one layer: leave layers out and take direction: forward")
    }
    guard attention != nil || memoryLengths == nil else {
      throw settings.failure(
        at: "memory_lengths", "are those of a second input: set attention, too, or leave it out")
    }
    guard weights.tensors.isEmpty || layers == 1 && direction != .both else {
      throw settings.failure(
        at: "weights", "are those of one layer in one direction: leave them out of others")
    }
  }
}

extension RecurrentCell {
  package var freeze: Frozen? { recurrence.freeze }

  package func check(_ settings: Settings) throws(Failure) { try recurrence.check(settings) }

  /// The keys; those of the cell follow `units`.
  static func properties(_ own: [Property<Self>]) -> [Property<Self>] {
    [
      Property(
        "units", \.recurrence.units, .integer(in: 1...(1 << 20)), isRequired: true,
        help: "How many numbers the state has, and each step of the output in each direction.")
    ] + own + [
      Property(
        "layers", \.recurrence.layers, .integer(in: 1...1000),
        help: "How many of them, each on the output of the one before."),
      Property(
        "direction", \.recurrence.direction,
        help: "Whether steps are taken from first to last, from last to first, or by two cells "
          + "whose outputs are joined."),
      Property(
        "dropout", \.recurrence.dropout, .number(in: .from(0, below: 1)),
        help: "The share of elements dropped between layers while training."),
      Property(
        "output", \.recurrence.output,
        help: "The states of all steps, or the last one of each direction."),
      Property(
        "initial_state", \.recurrence.initialState,
        help: "The state before the first step: zero, or learned numbers."),
      Property(
        "carry", \.recurrence.carry,
        help: "Whether the state after the last step is the first one of the next batch; the data "
          + "then need order: streams."),
      Property(
        "lengths", \.recurrence.lengths,
        help: "The field of the data that says how many steps of a sample count: later ones change "
          + "no state and their output is 0. All of them if left out."),
      Property(
        "attention", \.recurrence.attention, .integer(in: 1...(1 << 20)),
        help: "For two inputs, a sequence and a memory: the size of the hidden layer that scores "
          + "the memory's steps by the state. Each step also reads their mean, weighted by the "
          + "softmax of the scores."),
      Property(
        "memory_lengths", \.recurrence.memoryLengths,
        help: "The field of the data that says how many steps of the memory count; all of them if "
          + "left out."),
      Property(
        "bias", \.recurrence.bias,
        help: "Whether each gate adds two learned numbers, as in PyTorch."
      ),
      Property(
        "init", \.recurrence.initialiser,
        help: "How the first weights of the input are drawn: uniform up to 1 / sqrt(units) if left "
          + "out."),
      Property(
        "recurrent_init", \.recurrence.recurrentInitialiser,
        help: "How those of the state are drawn, for each gate: the same if left out."),
      Property(
        "weights", \.recurrence.weights, help: "First values of parameters, in PyTorch's shapes."),
      .freeze(\.recurrence.freeze), .constraint(\.recurrence.constraint),
      Property(
        "remember", \.recurrence.remember, .integer(in: 1...(1 << 30)),
        help: "Keeps the state of every so many steps for the gradient and computes those between "
          + "again: less memory, more time. All are kept if left out."),
    ]
  }
}
