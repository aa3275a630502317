/// Prints the tables of speed.
enum Speed {
  static func print(rounds: Int) {
    let peak = Measurement.measure(
      [.init(name: "", run: { _ = Peak.multiplyAdds() })], rounds: rounds)
    Swift.print(
      "Multiply-adds in registers:", gigaflops(Peak.operations, peak[0].minimum), "GFLOP/s\n")
    Swift.print("| | | us, least | us, median | GFLOP/s | speed, of the least | of each round |")
    Swift.print("|---|---|---|---|---|---|---|")
    for shape in Shapes.convolutions {
      for (pass, contenders) in passes(shape) {
        show("\(Shapes.name(shape)): \(pass)", shape.operations, contenders, rounds)
      }
    }
    for shape in Shapes.products(samples: [8, 16, 32]) {
      show(Shapes.name(shape), shape.operations, stored(shape), rounds)
      if shape.kind == .transposedLeft {
        show("\(Shapes.name(shape)), added", shape.operations, added(shape), rounds)
      }
    }
  }

  private static func show(
    _ name: String, _ operations: Int, _ contenders: [Measurement.Contender], _ rounds: Int
  ) {
    for (contender, result) in zip(contenders, Measurement.measure(contenders, rounds: rounds)) {
      Swift.print(
        "| \(name) | \(contender.name) | \(fixed(result.minimum * 1e6))",
        "| \(fixed(result.median * 1e6)) | \(gigaflops(operations, result.minimum))",
        "| \(fixed(result.share)) | \(fixed(result.medianShare)) |")
    }
  }

  private static func passes(
    _ shape: ConvolutionShape
  ) -> [(String, [Measurement.Contender])] {
    let input = Buffer(random: shape.inputCount, seed: 1)
    let outputGradient = Buffer(random: shape.outputCount, seed: 2)
    let weights = Buffer(random: shape.filterCount, seed: 3)
    func forward(
      _ pass: OneDNN.Pass, _ own: ConvolutionShape, _ source: Buffer
    ) -> [Measurement.Contender] {
      let peer = OneDNN(pass, shape)
      let kernel = ConvolutionKernel.forward(own)[0]
      let packed = kernel.pack(weights, own, reversed: pass == .inputGradient)
      let (result, scratch) = (Buffer(own.outputCount), Buffer(own.paddedCount))
      return [
        .init(name: peer.implementation, run: peer.run),
        .init(name: "ours \(kernel.rows)x\(kernel.vectors)") {
          kernel.run(own, result.pointer, source.constant, packed.constant, scratch.pointer)
        },
      ]
    }
    func filterGradient() -> [Measurement.Contender] {
      let peer = OneDNN(.filterGradient, shape)
      let kernel = ConvolutionKernel.filterGradient(shape)[0]
      let (result, scratch) = (Buffer(shape.filterCount), Buffer(shape.paddedCount))
      return [
        .init(name: peer.implementation, run: peer.run),
        .init(name: "ours \(kernel.rows)x\(kernel.vectors)") {
          kernel.run(
            shape, result.pointer, input.constant, outputGradient.constant, scratch.pointer)
        },
      ]
    }
    return [("forward", forward(.forward, shape, input))]
      + (shape.inputs == 1
        ? [] : [("input gradient", forward(.inputGradient, shape.reversed, outputGradient))])
      + [("filter gradient", filterGradient())]
  }

  /// The product into a buffer; a transposed right factor also packed beforehand, once for a step.
  private static func stored(_ shape: ProductShape) -> [Measurement.Contender] {
    let (a, b) = factors(shape)
    let c = Buffer(shape.rows * shape.columns)
    let kernel = ProductKernel.choices(shape)[0]
    let peer = Measurement.Contender(name: "dnnl_sgemm") {
      OneDNN.multiply(c.pointer, a.constant, b.constant, shape)
    }
    guard shape.kind == .transposedRight else {
      return [
        peer,
        .init(name: "ours") { kernel.run(shape, c.pointer, a.constant, b.constant, false) },
      ]
    }
    let packed = Buffer(shape.packedCount(vectors: kernel.vectors))
    kernel.pack(shape, b.constant, packed.pointer)
    var plain = shape
    plain.kind = .plain
    return [
      peer,
      .init(name: "dnnl_sgemm on weights transposed before") {
        OneDNN.multiply(c.pointer, a.constant, b.constant, plain)
      },
      .init(name: "ours, packing each time") {
        kernel.pack(shape, b.constant, packed.pointer)
        kernel.run(shape, c.pointer, a.constant, packed.constant, false)
      },
      .init(name: "ours on weights packed before") {
        kernel.run(shape, c.pointer, a.constant, packed.constant, false)
      },
    ]
  }

  /// The product added to a buffer.
  private static func added(_ shape: ProductShape) -> [Measurement.Contender] {
    let (a, b) = factors(shape)
    let c = Buffer(shape.rows * shape.columns)
    let scratch = Buffer(c.count)
    let kernel = ProductKernel.choices(shape)[0]
    return [
      .init(name: "dnnl_sgemm and a pass") {
        OneDNN.multiply(scratch.pointer, a.constant, b.constant, shape)
        add(scratch.constant, to: c.pointer, count: c.count)
      },
      .init(name: "dnnl_sgemm with beta 1") {
        OneDNN.multiply(c.pointer, a.constant, b.constant, shape, beta: 1)
      },
      .init(name: "ours") { kernel.run(shape, c.pointer, a.constant, b.constant, true) },
    ]
  }

  private static func factors(_ shape: ProductShape) -> (Buffer, Buffer) {
    (
      Buffer(random: shape.rows * shape.inner, seed: 1),
      Buffer(random: shape.inner * shape.columns, seed: 2)
    )
  }

  @inline(never)
  private static func add(
    _ from: UnsafePointer<Float>, to: UnsafeMutablePointer<Float>, count: Int
  ) {
    for i in stride(from: 0, to: count, by: 16) {
      to.set(UnsafePointer(to).lanes(at: i) + from.lanes(at: i), at: i)
    }
  }

  private static func gigaflops(_ operations: Int, _ seconds: Double) -> Int {
    Int((Double(operations) / seconds / 1e9).rounded())
  }

  /// With two decimals.
  private static func fixed(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
