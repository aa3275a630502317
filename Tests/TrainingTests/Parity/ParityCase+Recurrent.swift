import Graphs
import Networks

/// Recurrent layers of 4 units on 7 steps of 3 features, then a dense one.
extension ParityCase {
  static let recurrent =
    ["rnn", "lstm", "gru"].flatMap { kind in
      [
        cell(kind, isPadded: false), cell("\(kind)_last", "output: last"),
        cell("\(kind)_both", "direction: both"),
        cell("\(kind)_both_last", "direction: both, output: last"),
        cell("\(kind)_layers", "layers: 2, output: last", isPadded: false),
        cell("\(kind)_layers_both", "layers: 2, direction: both"),
        cell("\(kind)_backward", "direction: backward, output: last"),
        cell("\(kind)_learned", "direction: both, initial_state: learned"),
      ]
    } + [
      cell("rnn_relu", "activation: relu", isPadded: false),
      cell("rnn_relu_layers_both", "activation: relu, layers: 2, direction: both"),
      cell("gru_before", "reset: before"), cell("lstm_peepholes", "peepholes: true"),
      cell(
        "lstm_peepholes_layers",
        "peepholes: true, layers: 2, direction: both, initial_state: learned, output: last"),
      cell("mgu"), cell("mgu1", "variant: 1"), cell("mgu2", "variant: 2"),
      cell("mgu3", "variant: 3"), tokens,
    ]
    + ["nig", "nfg", "nog", "niaf", "noaf", "cifg", "fgr"].map {
      cell("lstm_\($0)", "peepholes: true, variant: \($0)")
    } + ["rnn", "lstm", "gru"].map(attentive)

  /// A cell that attends to a memory of 5 steps.
  private static func attentive(_ kind: String) -> ParityCase {
    ParityCase(
      name: "recurrent/\(kind)_attention", sample: [7, 3], targets: .classes(5, shape: [7]),
      fields: [
        TargetType.NamedField("memory", NumberType.float32, [5, 2]),
        TargetType.NamedField("lengths", NumberType.int32, []),
      ],
      model: """
        [{\(kind): {units: 4, input: [samples, memory], attention: 3, memory_lengths: lengths}},
         {dense: 5}]
        """)
  }

  private static let tokens = {
    let steps = cell("lstm_tokens")
    return ParityCase(
      name: steps.name, sample: [7], targets: steps.targets, fields: steps.fields,
      model: "[{embedding: {entries: 6, size: 3}}, \(steps.model.dropFirst())")
  }()

  /// Samples end at lengths of their own where the golden file holds such.
  private static func cell(
    _ file: String, _ settings: String = "", isPadded: Bool = true
  ) -> ParityCase {
    let kind = String(file.prefix { $0.isLetter })
    let isLast = settings.contains("last")
    let all = ["units: 4", settings, isPadded ? "lengths: lengths" : ""].filter { !$0.isEmpty }
    return ParityCase(
      name: "recurrent/\(file)", sample: [7, 3],
      targets: isLast ? .classes(5) : .classes(5, shape: [7], ignoresSome: isPadded),
      fields: isPadded ? [TargetType.NamedField("lengths", NumberType.int32, [])] : [],
      model: "[{\(kind): {\(all.joined(separator: ", "))}}, {dense: 5}]")
  }
}
