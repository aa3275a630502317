internal import Charts
internal import Datasets
internal import Diagnostics
internal import Graphs
internal import Networks

extension DenseNetwork {
  private static let color = NodeColor(red: 0.17, green: 0.42, blue: 0.77)

  /// A column of nodes for each dense layer, after that of the inputs.
  func layers(_ sample: NetworkPicture.Sample?) throws(Failure) -> [NodeDiagram.Layer] {
    let outputs = try sample.map { sample throws(Failure) in try self.outputs(for: sample) }
    return groups.enumerated().map { number, group in
      let isLast = number == groups.count - 1
      let count = group.dense?.output.count ?? network.sample.count
      let isAnswered = isLast && outputs?.answers.count == count && !group.endsWithProbabilities
      let values =
        isAnswered
        ? outputs?.answers ?? []
        : group.layers.last.map { outputs?.layers[$0.name] ?? [] } ?? outputs?.sample ?? []
      let activations =
        isAnswered || group.endsWithProbabilities ? values.clamped() : values.scaled()
      let weights = group.dense.map { rows(of: $0).scaledAboutZero() } ?? []
      let names = self.names(of: group, isLast: isLast, count, sample?.dataset)
      return NodeDiagram.Layer(
        nodes: (0..<count).map { node in
          NodeDiagram.Node(
            name: names[node], activation: values.isEmpty ? 0 : activations[node],
            weights: weights.isEmpty ? [] : weights[node], color: Self.color,
            weightsColor: Self.color, value: values.isEmpty ? nil : values[node])
        }, title: group.title + (isAnswered ? ", probabilities" : ""))
    }
  }

  /// The names of columns, classes or targets, as far as the data have them; otherwise numbers.
  private func names(
    of group: Group, isLast: Bool, _ count: Int, _ data: Dataset?
  ) -> [String] {
    var names: [String] = []
    if group.dense == nil {
      names = data?.columnNames["samples"] ?? []
    } else if isLast, let coding = data?.coding {
      if case .classes(let classes, _) = coding.targets { names = classes }
      if case .values = coding.targets { names = coding.targetNames }
    }
    guard names.count != count else { return names }
    return (0..<count).map { "\(group.dense?.name ?? "input") \($0)" }
  }
}

extension DenseNetwork.Group {
  /// Whether its numbers are from 0 to 1 and are shown as they are.
  fileprivate var endsWithProbabilities: Bool {
    ["sigmoid", "softmax"].contains(layers.last?.kind)
  }

  /// `hidden, relu`; `inputs`.
  fileprivate var title: String {
    let others = layers.dropFirst(dense == nil ? 0 : 1).map(\.kind)
      .filter { !["flatten", "dropout"].contains($0) }
    return ([dense?.name ?? "inputs"] + others).joined(separator: ", ")
  }
}
