internal import Graphs
internal import Kernels

/// Matrix products, and the convolutions for which tiles are faster than oneDNN.
extension OneDNNContractions: SampleContractions, GradientContractions {
  /// A product of matrices, not of many at once.
  func productEpilogue(of value: Value, in program: Program) -> EpilogueSupport {
    guard case .matrixProduct = program[value].operation,
      MatrixProductShape(of: value, in: program).batch == 1
    else { return .none }
    return .addendAndReLU
  }

  func emitMatrixProduct(
    _ epilogue: Epilogue, _ shape: MatrixProductShape, into result: Value,
    in lowering: inout Lowering
  ) {
    let operands = lowering.program[epilogue.core].operands
    let (left, right) = (operands[0], operands[1])
    let product = TiledProduct(shape, packsRight: lowering.isParameter(right))
    let strides = (
      shape.rows * shape.columns, shape.rows * shape.inner, shape.inner * shape.columns
    )
    if shape.batch == 1 {
      let packed = panels(right, product.packing, of: result, in: &lowering)
      let (a, b) = (lowering.slot(of: left), lowering.slot(of: right))
      let addend = addend(of: epilogue, in: lowering)
      let y = lowering.destination(result)
      // The rows of all shards are multiplied while the weights are in the cache.
      let isCommon = !shape.transposeLeft && [b, packed].allSatisfy { lowering.isShared($0) }
      lowering.call(result, "tiles", reach: isCommon ? .allShards : .eachShard) { frame in
        unsafe product.run(
          frame.floats(y), frame.floats(a), frame.floats(b), packed: frame.floats(packed),
          times: frame.shards,
          strides: TiledProduct.Strides(
            result: frame.stride(y), left: frame.stride(a),
            addend: addend.map { frame.stride($0.slot) } ?? 0,
            numbers: addend?.numbers.map { frame.stride($0) } ?? 0),
          addend: addend.map { $0.addend(in: frame) }, appliesReLU: epilogue.appliesReLU)
      }
    } else {
      let packed = lowering.scratch(product.packing.byteCount, at: result)
      let (y, a, b) = (
        lowering.destination(result), lowering.slot(of: left), lowering.slot(of: right)
      )
      lowering.call(result, "tiles") { frame in
        for i in 0..<shape.batch {
          let right = unsafe frame.floats(b) + i * strides.2
          unsafe product.packing.pack(right, to: frame.floats(packed))
          unsafe product.run(
            frame.floats(y) + i * strides.0, frame.floats(a) + i * strides.1, right,
            packed: frame.floats(packed))
        }
      }
    }
  }

  /// Where the addend of a product stands.
  private struct AddendSlots {
    let slot: Slot
    /// The numbers of the rows of a table, how many there are and how many rows the table has.
    var numbers: Slot?
    var count = 0
    var tableRows = 0
    var isRow = false

    func addend(in frame: Frame) -> TiledProduct.Addend {
      if isRow { return unsafe .row(frame.floats(slot)) }
      guard let numbers else { return unsafe .matrix(frame.floats(slot)) }
      for shard in 0..<frame.shards {
        let first = unsafe frame.integers(numbers) + shard * frame.stride(numbers)
        for row in 0..<count {
          unsafe precondition((0..<tableRows).contains(Int(first[row])), "index outside the table")
        }
      }
      return unsafe .rows(of: frame.floats(slot), frame.integers(numbers))
    }
  }

  private func addend(of epilogue: Epilogue, in lowering: Lowering) -> AddendSlots? {
    guard let addend = epilogue.addend else { return nil }
    let program = lowering.program
    if program.type(of: addend).count != program.type(of: epilogue.core).count {
      return AddendSlots(slot: lowering.slot(of: addend), isRow: true)
    }
    guard epilogue.between.contains(addend) else {
      return AddendSlots(slot: lowering.slot(of: addend))
    }
    let operands = program[addend].operands
    return AddendSlots(
      slot: lowering.slot(of: operands[0]), numbers: lowering.slot(of: operands[1]),
      count: program.type(of: operands[1]).count, tableRows: program.type(of: operands[0]).shape[0])
  }

  func emitGradient(_ value: Value, of products: [Value], in lowering: inout Lowering) {
    let program = lowering.program
    let sum = TiledSum(products.map { MatrixProductShape(of: $0, in: program) })
    let factors = products.map {
      (lowering.slot(of: program[$0].operands[0]), lowering.slot(of: program[$0].operands[1]))
    }
    let scratch = lowering.scratch(4 * sum.scratchCount, at: value)
    let y = lowering.destination(value)
    let note = products.filter { $0 != value }.map { "\($0) \(program[$0].operation)" }
    lowering.call(value, (["tiles"] + note).joined(separator: ", with "), reach: .allShards) {
      frame in
      unsafe sum.run(
        frame.floats(y), shards: frame.shards, adding: frame.adds, scratch: frame.floats(scratch)
      ) { product in
        let (left, right) = factors[product]
        return unsafe TiledSum.Factors(
          frame.floats(left), frame.floats(right),
          strides: (frame.stride(left), frame.stride(right)))
      }
    }
  }

  func emitTiledConvolution(
    _ epilogue: Epilogue, _ shape: ConvolutionShape, into result: Value,
    in lowering: inout Lowering
  ) {
    let operands = lowering.program[epilogue.core].operands
    let convolution = TiledConvolution(shape)
    let packed = panels(operands[1], convolution.packing, of: result, in: &lowering)
    let (x, bias) = (lowering.slot(of: operands[0]), epilogue.addend.map { lowering.slot(of: $0) })
    let scratch = lowering.scratch(4 * convolution.scratchCount, at: result)
    let y = lowering.destination(result)
    lowering.call(result, "tiles") { frame in
      unsafe convolution.run(
        frame.floats(y), frame.floats(x), packed: frame.floats(packed),
        bias: bias.map { unsafe UnsafePointer(frame.floats($0)) },
        appliesReLU: epilogue.appliesReLU,
        scratch: frame.floats(scratch))
    }
  }

  func emitTiledFilterGradient(
    _ value: Value, _ shape: ConvolutionShape, in lowering: inout Lowering
  ) {
    let operands = lowering.program[value].operands
    let gradient = TiledFilterGradient(shape)
    let (x, dy) = (lowering.slot(of: operands[0]), lowering.slot(of: operands[1]))
    let scratch = lowering.scratch(4 * gradient.scratchCount, at: value)
    let result = lowering.destination(value)
    lowering.call(value, "tiles") { frame in
      unsafe gradient.run(
        frame.floats(result), frame.floats(x), frame.floats(dy), scratch: frame.floats(scratch))
    }
  }

  func emitTiledInputGradient(
    _ value: Value, _ shape: ConvolutionShape, in lowering: inout Lowering
  ) {
    let operands = lowering.program[value].operands
    let gradient = TiledInputGradient(shape)
    let packed = panels(operands[1], gradient.packing, of: value, in: &lowering)
    let dy = lowering.slot(of: operands[0])
    let scratch = lowering.scratch(4 * gradient.scratchCount, at: value)
    let dx = lowering.destination(value)
    lowering.call(value, "tiles") { frame in
      unsafe gradient.run(
        frame.floats(dx), frame.floats(dy), packed: frame.floats(packed),
        scratch: frame.floats(scratch))
    }
  }

  // MARK: Samples in turn

  func takesSamplesInTurn(_ shape: ConvolutionShape) -> Bool {
    TiledConvolution.suits(shape)
  }

  func emitConvolution(
    _ value: Value, _ shape: ConvolutionShape, bias: Value?, before stage: SampleStage,
    in lowering: inout Lowering
  ) {
    let operands = lowering.program[value].operands
    let convolution = TiledConvolution(shape)
    let packed = panels(operands[1], convolution.packing, of: stage.value, in: &lowering)
    let (x, bias) = (lowering.slot(of: operands[0]), bias.map { lowering.slot(of: $0) })
    let scratch = lowering.scratch(4 * convolution.scratchCount, at: stage.value)
    let map = lowering.scratch(4 * convolution.sampleCount, at: stage.value)
    lowering.call(stage.value, "tiles, after \(value) \(lowering.program[value].operation)") {
      frame in
      let y = unsafe frame.floats(map)
      for sample in 0..<shape.output[0] {
        unsafe convolution.run(
          y, sample: sample, of: frame.floats(x), packed: frame.floats(packed),
          bias: bias.map { unsafe UnsafePointer(frame.floats($0)) }, scratch: frame.floats(scratch))
        unsafe stage.run(frame, sample, y)
      }
    }
  }

  func emitConvolution(
    _ value: Value, _ shape: ConvolutionShape, bias: Value?, before pooling: PoolingStage,
    in lowering: inout Lowering
  ) -> Bool {
    guard TiledConvolution.suits(shape, before: pooling.shape) else { return false }
    let operands = lowering.program[value].operands
    let convolution = TiledConvolution(shape, before: pooling.shape)
    let packed = panels(operands[1], convolution.packing, of: pooling.value, in: &lowering)
    let (x, bias) = (lowering.slot(of: operands[0]), bias.map { lowering.slot(of: $0) })
    let scratch = lowering.scratch(4 * convolution.scratchCount, at: pooling.value)
    lowering.call(pooling.value, "tiles, with \(value) \(lowering.program[value].operation)") {
      frame in
      for sample in 0..<shape.output[0] {
        let place = sample * convolution.maximaCount
        unsafe convolution.run(
          maxima: frame.floats(pooling.maxima) + place, appliesReLU: pooling.appliesReLU,
          argmax: pooling.argmax.map { unsafe frame.bytes($0) + place }, sample: sample,
          of: frame.floats(x), packed: frame.floats(packed),
          bias: bias.map { unsafe UnsafePointer(frame.floats($0)) }, scratch: frame.floats(scratch))
      }
    }
    return true
  }

  func emitFilterGradient(
    _ value: Value, _ shape: ConvolutionShape, after scattering: ScatteringStage,
    in lowering: inout Lowering
  ) -> Bool {
    guard TiledFilterGradient.suits(shape, after: scattering.shape) else { return false }
    let gradient = TiledFilterGradient(shape, after: scattering.shape)
    let x = lowering.slot(of: lowering.program[value].operands[0])
    let scratch = lowering.scratch(4 * gradient.scratchCount, at: value)
    let result = lowering.destination(value)
    let operation = lowering.program[scattering.value].operation
    lowering.call(value, "tiles, with \(scattering.value) \(operation)") { frame in
      let sums = unsafe frame.floats(scratch)
      for sample in 0..<shape.output[0] {
        let place = sample * gradient.maximaCount
        unsafe gradient.add(
          sample: sample, of: frame.floats(x), maxima: frame.floats(scattering.maxima) + place,
          argmax: frame.bytes(scattering.argmax) + place, scratch: sums)
      }
      unsafe gradient.finish(frame.floats(result), scratch: sums)
    }
    return true
  }

  func emitFilterGradient(
    _ value: Value, _ shape: ConvolutionShape, after stage: SampleStage,
    in lowering: inout Lowering
  ) {
    let gradient = TiledFilterGradient(shape)
    let x = lowering.slot(of: lowering.program[value].operands[0])
    let scratch = lowering.scratch(4 * gradient.scratchCount, at: value)
    let map = lowering.scratch(4 * gradient.sampleCount, at: value)
    let result = lowering.destination(value)
    let note = "tiles, after \(stage.value) \(lowering.program[stage.value].operation)"
    lowering.call(value, note) { frame in
      let (dy, sums) = unsafe (frame.floats(map), frame.floats(scratch))
      for sample in 0..<shape.output[0] {
        unsafe stage.run(frame, sample, dy)
        unsafe gradient.add(sample: sample, of: frame.floats(x), dy, scratch: sums)
      }
      unsafe gradient.finish(frame.floats(result), scratch: sums)
    }
  }

  /// The slot of the right factor as tiles read it: packed once for all sessions if it is a
  /// parameter.
  private func panels(
    _ factor: Value, _ packing: PanelPacking, of user: Value, in lowering: inout Lowering
  ) -> Slot {
    let home = lowering.slot(of: factor)
    if packing.count == 0 { return home }
    if let slot = lowering.packed(factor, in: packing, for: user) { return slot }
    return lowering.packing(factor, in: packing, for: user)
  }
}
