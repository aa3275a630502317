@main
struct Main {
  static func main() {
    OneDNN.prepare()
    let shape = ConvolutionShape(samples: 16, height: 14, width: 14, inputs: 16, outputs: 32)
    explore("14x14x16-32", shape)
    explore("28x28x1-16", ConvolutionShape(samples: 16, height: 28, width: 28, inputs: 1, outputs: 16))
    explore("32x32x16-16", ConvolutionShape(samples: 16, height: 32, width: 32, inputs: 16, outputs: 16))
    explore("16x16x32-32", ConvolutionShape(samples: 16, height: 16, width: 16, inputs: 32, outputs: 32))
    explore("8x8x64-64", ConvolutionShape(samples: 16, height: 8, width: 8, inputs: 64, outputs: 64))
  }

  static func time(_ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    var best = 1e9
    for _ in 0..<60 {
      let start = clock.now
      body()
      best = min(best, (clock.now - start) / .seconds(1))
    }
    return best
  }

  static func explore(_ name: String, _ shape: ConvolutionShape) {
    let x = Buffer(random: shape.inputCount, seed: 1), dy = Buffer(random: shape.outputCount, seed: 2)
    let w = Buffer(random: shape.filterCount, seed: 3)
    let y = Buffer(shape.outputCount), dx = Buffer(shape.inputCount), dw = Buffer(shape.filterCount)
    let scratch = Buffer(max(shape.paddedCount, shape.reversed.paddedCount))
    func show(_ what: String, _ t: Double, _ bits: UInt64) {
      print(name, what, Int(t * 1e6), "us", Int(Double(shape.operations) / t / 1e9), "GFLOP/s", String(bits, radix: 16))
    }
    let f = OneDNN(.forward, shape)
    show("onednn forward \(f.implementation)", time { f.run() }, 0)
    for k in ConvolutionKernel.forward(shape) {
      let packed = k.pack(w, shape, reversed: false)
      show("forward \(k.name)", time { k.run(shape, y.pointer, x.constant, packed.constant, scratch.pointer) }, y.digest)
    }
    if shape.inputs > 1 {
      let scratch = Buffer(shape.reversed.paddedCount)
      let b = OneDNN(.inputGradient, shape)
      show("onednn input \(b.implementation)", time { b.run() }, 0)
      for k in ConvolutionKernel.forward(shape.reversed) {
        let packed = k.pack(w, shape.reversed, reversed: true)
        show("input \(k.name)", time { k.run(shape.reversed, dx.pointer, dy.constant, packed.constant, scratch.pointer) }, dx.digest)
      }
    }
    let s2 = Buffer(shape.paddedCount)
    let g = OneDNN(.filterGradient, shape)
    show("onednn filter \(g.implementation)", time { g.run() }, 0)
    for k in ConvolutionKernel.filterGradient(shape) {
      show("filter \(k.name)", time { k.run(shape, dw.pointer, x.constant, dy.constant, s2.pointer) }, dw.digest)
    }
  }
}
