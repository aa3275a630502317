internal import Diagnostics
internal import Graphs

/// What layers read.
extension ForwardPass {
  /// The values that a layer reads, with the names of where they come from.
  mutating func inputs(
    of layer: NamedNode, after x: Value
  ) throws(Misfit) -> [(name: String, value: Value)] {
    guard let names = layer.node.input else {
      guard let (list, index, path) = lists.last, index > 0 else { return [("samples", x)] }
      let name = joined(path, list.layers[index - 1].name)
      read.insert(name)
      return [(name, x)]
    }
    return try names.map { name throws(Misfit) in try input(name, at: "input") }
  }

  /// The output of an earlier layer, or a field of the data, that a setting names.
  mutating func input(
    _ name: String, at key: String
  ) throws(Misfit) -> (name: String, value: Value) {
    if name == "samples" { return (name, samples) }
    if let field = fields.first(where: { $0.name == name }) {
      if let value = fieldValues[name] { return (name, value) }
      let shape = Shape([builder.shape(of: samples)[0]] + field.shape.extents)
      let (value, numbers) = builder.field(name, shape, field.input)
      fieldValues[name] = value
      indices[name] = numbers
      return (name, value)
    }
    let found = try written(name, at: key)
    return (found.path, found.output)
  }

  /// The earlier layer of a name, which is looked for in the list of the layer itself and then in
  /// the lists around it.
  mutating func written(_ name: String, at key: String) throws(Misfit) -> Written {
    let isField = name == "samples" || fields.contains { $0.name == name }
    guard key != Node.owner || !isField else {
      throw Misfit("'\(name)' is a field of the data and has no weights: name a layer", at: key)
    }
    for (list, index, path) in lists.reversed() {
      if let found = written[joined(path, name)] {
        if key != Node.owner { read.insert(found.path) }
        return found
      }
      if let later = list.layers[index...].firstIndex(where: { $0.name == name }) {
        throw Misfit(list.complaint(that: index, reads: later), at: key)
      }
    }
    var known = lists.flatMap { $0.list.layers.prefix($0.index).map(\.name) }
    if key != Node.owner { known += ["samples"] + fields.map(\.name) }
    let hint = Suggestion.hint(for: name, among: known)
    throw Misfit(
      "no layer\(key == Node.owner ? "" : " or field") before it is called '\(name)'\(hint)",
      at: key)
  }

  /// Refuses a layer whose output nobody reads.
  func checkReaders(of list: LayerList) throws(Failure) {
    for layer in list.layers.dropLast() {
      let path = joined(place.path, layer.name)
      guard read.contains(path) || outputs.contains(path) else {
        throw layer.failure(
          Misfit(
            "no layer reads its output: name it as the input of a layer or in outputs, or leave it"
              + " out"), path: path)
      }
    }
  }
}

extension LayerList {
  /// What is wrong where a layer reads one that is not written yet.
  fileprivate func complaint(that reader: Int, reads later: Int) -> String {
    let name = layers[later].name
    if later == reader { return "reads itself, a cycle: name an earlier layer" }
    guard depends(later, on: reader) else {
      let place = layers[later].node.placeOfName.map { " at \($0)" } ?? ""
      return "'\(name)' comes later\(place): a layer reads those before it"
    }
    return "'\(name)' itself depends on '\(layers[reader].name)', a cycle: name an earlier layer"
  }

  /// Whether a layer reads another one, directly or through others.
  private func depends(_ reader: Int, on other: Int) -> Bool {
    let inputs =
      layers[reader].node.input.map { names in
        layers.indices.filter { $0 < reader && names.contains(layers[$0].name) }
      } ?? [reader - 1]
    return inputs.contains { $0 == other || $0 > other && depends($0, on: other) }
  }
}
