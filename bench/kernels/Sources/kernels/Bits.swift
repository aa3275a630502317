/// Prints a digest of every result, and whether all tiles and scalar loops agree with it.
enum Bits {
  static func print() -> Bool {
    var agree = true
    func report(_ name: String, _ results: [Buffer], scalar: Buffer) {
      let equal = results.allSatisfy { $0.hasBits(of: scalar) }
      agree = agree && equal
      Swift.print(
        name, String(scalar.digest, radix: 16), "\(results.count) tiles",
        equal ? "equal scalar loops" : "DIFFER from scalar loops", separator: "  ")
    }
    for shape in Shapes.convolutionsOfBits {
      let name = Shapes.name(shape)
      let input = Buffer(random: shape.inputCount, seed: 1)
      let outputGradient = Buffer(random: shape.outputCount, seed: 2)
      let weights = Buffer(random: shape.filterCount, seed: 3)
      if !areAdjoint(shape, input, outputGradient, weights) {
        agree = false
        Swift.print(name, "the scalar loops are not the gradients of each other", separator: "  ")
      }
      func forward(_ shape: ConvolutionShape, _ input: Buffer, reversed: Bool) -> [Buffer] {
        ConvolutionKernel.forward(shape).map { kernel in
          let (result, scratch) = (Buffer(shape.outputCount), Buffer(shape.paddedCount))
          let packed = kernel.pack(weights, shape, reversed: reversed)
          kernel.run(shape, result.pointer, input.constant, packed.constant, scratch.pointer)
          return result
        }
      }
      report(
        "\(name) forward", forward(shape, input, reversed: false),
        scalar: ScalarLoops.forward(shape, input, weights, reversed: false))
      if shape.inputs > 1 {
        report(
          "\(name) input gradient", forward(shape.reversed, outputGradient, reversed: true),
          scalar: ScalarLoops.forward(shape.reversed, outputGradient, weights, reversed: true))
      }
      report(
        "\(name) filter gradient",
        ConvolutionKernel.filterGradient(shape).map { kernel in
          let (result, scratch) = (Buffer(shape.filterCount), Buffer(shape.paddedCount))
          kernel.run(
            shape, result.pointer, input.constant, outputGradient.constant, scratch.pointer)
          return result
        }, scalar: ScalarLoops.filterGradient(shape, input, outputGradient))
    }
    for shape in Shapes.products(samples: [5, 8, 16, 32]) {
      let a = Buffer(random: shape.rows * shape.inner, seed: 1)
      let b = Buffer(random: shape.inner * shape.columns, seed: 2)
      let scalar = ScalarLoops.multiply(shape, a, b)
      func results(onto old: Buffer?) -> [Buffer] {
        ProductKernel.choices(shape).map { kernel in
          let result = Buffer(scalar.count)
          if let old { result.pointer.update(from: old.pointer, count: old.count) }
          let packed = Buffer(shape.packedCount(vectors: kernel.vectors))
          if shape.kind == .transposedRight { kernel.pack(shape, b.constant, packed.pointer) }
          kernel.run(
            shape, result.pointer, a.constant,
            shape.kind == .transposedRight ? packed.constant : b.constant, old != nil)
          return result
        }
      }
      report(Shapes.name(shape), results(onto: nil), scalar: scalar)
      let old = Buffer(random: scalar.count, seed: 3)
      let sum = Buffer(scalar.count)
      for i in 0..<sum.count { sum.pointer[i] = old.pointer[i] + scalar.pointer[i] }
      report("\(Shapes.name(shape)) added", results(onto: old), scalar: sum)
    }
    return agree
  }

  /// Prints whether `dnnl_sgemm` makes the same chains, and adds like a separate pass.
  static func printPeer() {
    for shape in Shapes.products(samples: [8, 16, 32]) {
      let a = Buffer(random: shape.rows * shape.inner, seed: 1)
      let b = Buffer(random: shape.inner * shape.columns, seed: 2)
      let chains = ScalarLoops.multiply(shape, a, b)
      let product = Buffer(chains.count)
      OneDNN.multiply(product.pointer, a.constant, b.constant, shape)
      let added = Buffer(random: chains.count, seed: 3)
      let sum = Buffer(random: chains.count, seed: 3)
      OneDNN.multiply(added.pointer, a.constant, b.constant, shape, beta: 1)
      for i in 0..<sum.count { sum.pointer[i] += product.pointer[i] }
      Swift.print(
        Shapes.name(shape), product.hasBits(of: chains) ? "one chain" : "other bits",
        added.hasBits(of: sum) ? "beta 1 like a pass" : "beta 1 with other bits", separator: "  ")
    }
  }

  /// Whether <dy, y> = <dx, x> = <dw, w>, as it must be for a bilinear map and its gradients.
  private static func areAdjoint(
    _ shape: ConvolutionShape, _ x: Buffer, _ dy: Buffer, _ w: Buffer
  ) -> Bool {
    func product(_ a: Buffer, _ b: Buffer) -> Double {
      (0..<a.count).reduce(0) { $0 + Double(a.pointer[$1]) * Double(b.pointer[$1]) }
    }
    let dw = ScalarLoops.filterGradient(shape, x, dy)
    var products = [product(ScalarLoops.forward(shape, x, w, reversed: false), dy), 0]
    for place in 0..<w.count {
      let (o, c, tap) = (place / 9 / shape.inputs, place / 9 % shape.inputs, place % 9)
      let element = dw.pointer[ScalarLoops.filterPlace(shape, o, c, tap)]
      products[1] += Double(element) * Double(w.pointer[place])
    }
    if shape.inputs > 1 {
      products.append(product(ScalarLoops.forward(shape.reversed, dy, w, reversed: true), x))
    }
    return products.allSatisfy { abs($0 - products[0]) < 1e-4 * abs(products[0]) }
  }
}
