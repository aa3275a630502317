extension Builder {
  /// One step of a loop: from the carries, the item of each sequence and the constants, to the
  /// carries of the next step and the results of this one.
  package typealias Step = (
    _ body: inout Builder, _ carries: [Value], _ items: [Value], _ constants: [Value]
  ) -> (carries: [Value], results: [Value])

  /// Writes a loop over the steps of sequences, which have an axis of time.
  ///
  /// A step reads nothing from outside but its arguments, and draws no random numbers. Products of
  /// items with constants leave the loop. Results behind those of `step` are saved for derivatives;
  /// what nobody reads is not computed.
  ///
  /// `steps` is needed if there is no sequence. With a `memory`, only the carries of every so many
  /// steps are kept, and what is between them is computed again for the derivative.
  ///
  /// Returns the last carries, and the results stacked along the axis of time.
  package mutating func scan(
    over sequences: [Value], axis: Int = 1, from carries: [Value], with constants: [Value] = [],
    steps: Int? = nil, reversed: Bool = false, remember memory: Int? = nil, _ step: Step
  ) -> (carries: [Value], results: [Value]) {
    guard let steps = steps ?? sequences.first.map({ shape(of: $0)[shape(of: $0).timeAxis(axis)] })
    else {
      preconditionFailure("a loop without sequences needs its number of steps")
    }
    if let limit = loopForm.stepLimit, limit < steps {
      let made = scan(
        over: sequences.map { slice($0, axis: axis, 0..<limit) }, axis: axis, from: carries,
        with: constants, steps: limit, reversed: reversed, remember: memory, step)
      return (made.carries, made.results.map { padded($0, axis: axis, to: steps) })
    }
    if loopForm.isUnrolled {
      return unrolledScan(
        over: sequences, axis: axis, from: carries, with: constants, steps: steps,
        reversed: reversed, step)
    }
    if let memory, memory < steps, !loopForm.hasProbes {
      return scan(
        inPartsOf: memory, over: sequences, axis: axis, from: carries, with: constants,
        steps: steps, reversed: reversed, step)
    }
    var body = Builder()
    body.author = author
    let types =
      carries.map { type(of: $0) } + sequences.map { type(of: $0).removing(axis) }
      + constants.map { type(of: $0) }
    let leaves = types.enumerated().map { place, type in
      body.input(
        Scan.inputName(place, carries: carries.count, sequences: sequences.count), type)
    }
    var (next, results) = step(
      &body, Array(leaves[..<carries.count]),
      Array(leaves[carries.count..<carries.count + sequences.count]),
      Array(leaves[(carries.count + sequences.count)...]))
    if next.isEmpty && results.isEmpty { return ([], []) }
    var sequences = sequences
    if loopForm.hasProbes {
      addProbes(
        to: &body, &next, &results, &sequences, axis: axis, steps: steps, reversed: reversed)
    }
    var loop = LoopBody(
      body, carries: carries.count, sequences: sequences, constants: constants, axis: axis,
      steps: steps)
    let outputs = loop.hoist(next + results, in: &self)
    // A value that is two results is stacked once.
    var stacks: [Value] = []
    let places = outputs[carries.count...].map { output in
      if let place = stacks.firstIndex(of: output) { return place }
      stacks.append(output)
      return stacks.count - 1
    }
    let operands = carries + loop.sequences + loop.constants
    let scan = Scan(
      loop.program(outputs[..<carries.count] + stacks, operands.map { self.type(of: $0) }),
      carries: carries.count,
      sequences: loop.sequences.count, axis: axis,
      steps: steps, isReversed: reversed
    ).saving
    let made = self.results(of: .scan(scan), operands)
    return (Array(made[..<carries.count]), places.map { made[carries.count + $0] })
  }

  /// A loop over parts whose step is a loop over the steps of a part: only its carries are saved.
  private mutating func scan(
    inPartsOf count: Int, over sequences: [Value], axis: Int, from carries: [Value],
    with constants: [Value], steps: Int, reversed: Bool, _ step: Step
  ) -> (carries: [Value], results: [Value]) {
    let whole = steps / count * count
    // Steps beyond the whole parts run last.
    let (main, rest) =
      reversed ? (steps - whole..<steps, 0..<steps - whole) : (0..<whole, whole..<steps)
    precondition(sequences.allSatisfy { shape(of: $0).rank > axis }, "a sequence has no such axis")
    let parts = sequences.map { sequence in
      let part = slice(sequence, axis: axis, main)
      let shape = shape(of: part).removing(axis).inserting(count, at: axis)
      return reshape(part, shape.inserting(whole / count, at: axis))
    }
    var (last, results) = scan(
      over: parts, axis: axis, from: carries, with: constants, steps: whole / count,
      reversed: reversed
    ) { body, carries, items, constants in
      body.scan(
        over: items, axis: axis, from: carries, with: constants, steps: count, reversed: reversed,
        step)
    }
    results = results.map { result in
      reshape(result, shape(of: result).removing(axis).replacing([axis], with: whole))
    }
    if rest.isEmpty { return (last, results) }
    let ends = scan(
      over: sequences.map { slice($0, axis: axis, rest) }, axis: axis, from: last,
      with: constants, steps: rest.count, reversed: reversed, step)
    return (
      ends.carries,
      zip(results, ends.results).map {
        emit(.concatenate(axis: axis), reversed ? [$1, $0] : [$0, $1])
      }
    )
  }

  /// A part of one axis.
  package mutating func slice(_ value: Value, axis: Int, _ range: Range<Int>) -> Value {
    let ranges = shape(of: value).extents.enumerated().map {
      $0 == axis
        ? AxisRange(start: range.lowerBound, count: range.count) : AxisRange(start: 0, count: $1)
    }
    return emit(.slice(ranges), value)
  }
}

extension TensorType {
  func removing(_ axis: Int) -> TensorType { TensorType(number, shape.removing(axis)) }
}
