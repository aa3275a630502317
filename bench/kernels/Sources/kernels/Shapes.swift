/// What is measured: the contractions of the networks `mlp`, `conv` and `resnet20`.
enum Shapes {
  static let convolutions =
    [8, 16, 32].flatMap {
      [
        ConvolutionShape(samples: $0, height: 28, width: 28, inputs: 1, outputs: 16),
        ConvolutionShape(samples: $0, height: 14, width: 14, inputs: 16, outputs: 32),
      ]
    } + [
      ConvolutionShape(samples: 16, height: 32, width: 32, inputs: 16, outputs: 16),
      ConvolutionShape(samples: 16, height: 16, width: 16, inputs: 32, outputs: 32),
      ConvolutionShape(samples: 16, height: 8, width: 8, inputs: 64, outputs: 64),
    ]

  /// Also maps that no tile divides.
  static let convolutionsOfBits =
    convolutions.filter { $0.samples == 16 }.map {
      var shape = $0
      shape.samples = 3
      return shape
    } + [
      ConvolutionShape(samples: 2, height: 5, width: 9, inputs: 1, outputs: 32),
      ConvolutionShape(samples: 2, height: 3, width: 19, inputs: 32, outputs: 48),
    ]

  /// The dense layers: output, input gradient, weight gradient.
  static func products(samples: [Int]) -> [ProductShape] {
    samples.flatMap { samples in
      [(784, 128), (1568, 128), (128, 10)].flatMap { (inputs, outputs) in
        [
          ProductShape(kind: .transposedRight, rows: samples, inner: inputs, columns: outputs),
          ProductShape(kind: .plain, rows: samples, inner: outputs, columns: inputs),
          ProductShape(kind: .transposedLeft, rows: outputs, inner: samples, columns: inputs),
        ]
      }
    }
  }

  static func name(_ shape: ConvolutionShape) -> String {
    "\(shape.height)x\(shape.width)x\(shape.inputs)-\(shape.outputs), \(shape.samples) samples"
  }

  static func name(_ shape: ProductShape) -> String {
    switch shape.kind {
    case .plain: "A·B \(shape.rows)x\(shape.inner)x\(shape.columns)"
    case .transposedRight: "A·Bᵀ \(shape.rows)x\(shape.inner)x\(shape.columns)"
    case .transposedLeft: "Aᵀ·B \(shape.rows)x\(shape.inner)x\(shape.columns)"
    }
  }
}
