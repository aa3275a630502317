extension Builder {
  /// Adds a parameter of zeros to each real carry of a step, before anything else reads the carry.
  ///
  /// The parameters become sequences of the loop.
  mutating func addProbes(
    to body: inout Builder, _ carries: inout [Value], _ results: inout [Value],
    _ sequences: inout [Value], axis: Int, steps: Int, reversed: Bool
  ) {
    let probed = carries.indices.filter { body.type(of: carries[$0]).number.isFloat }
    let firstConstant = carries.count + sequences.count
    var other = Builder()
    var places = ValueTable<Value>()
    var items: [Int: Value] = [:]
    for (index, instruction) in body.instructions.enumerated() {
      if index == firstConstant {
        for carry in probed {
          items[carry] = other.input("probe\(carry)", body.type(of: carries[carry]))
        }
      }
      other.author = body.provenance.authors[index]
      let made = other.emit(instruction, operands: instruction.operands.map { places[$0] })
      places.append(
        made.enumerated().map { result, value in
          let carry = probed.first { carries[$0] == Value(index, result: result) }
          guard let probe = carry.flatMap({ items[$0] }) else { return value }
          return other.add(value, probe)
        })
    }
    for carry in probed {
      let type = body.type(of: carries[carry])
      let name = probeName(body.provenance.names[carries[carry]] ?? "\(author).state")
      let probe = parameter(name, type.shape.inserting(steps, at: axis))
      sequences.append(probe)
      provenance.probes.append(
        LoopProbe(name: name, value: probe, axis: axis, isReversed: reversed))
    }
    carries = carries.map { places[$0] }
    results = results.map { places[$0] }
    body = other
  }

  private func probeName(_ name: String) -> String {
    let isTaken = Set(probes.map(\.name))
    let numbered = [name] + (2...).lazy.prefix(probes.count).map { "\(name)\($0)" }
    return numbered.first { !isTaken.contains($0) } ?? name
  }

  /// A sequence with zeros behind its last step.
  mutating func padded(_ value: Value, axis: Int, to steps: Int) -> Value {
    let missing = steps - shape(of: value)[axis]
    return emit(
      .pad(shape(of: value).extents.indices.map { Padding(high: $0 == axis ? missing : 0) }), value)
  }
}
