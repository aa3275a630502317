/// A kernel with its tile; which one runs changes the time and not the bits.
struct ConvolutionKernel {
  typealias Run = (
    ConvolutionShape, UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>,
    UnsafeMutablePointer<Float>
  ) -> Void

  let rows: Int
  let vectors: Int
  let run: Run

  var name: String { "\(rows)x\(vectors)" }

  /// Kernels for the output, the best first. The input gradient is one of the reversed shape.
  static func forward(_ shape: ConvolutionShape) -> [ConvolutionKernel] {
    func make<let rows: Int, let vectors: Int>(_: Tile<rows, vectors>.Type) -> ConvolutionKernel {
      ConvolutionKernel(
        rows: rows, vectors: vectors,
        run: shape.inputs == 1
          ? { ConvolutionTile<rows, vectors, 1>.forward($0, $1, $2, $3, scratch: $4) }
          : { ConvolutionTile<rows, vectors, 16>.forward($0, $1, $2, $3, scratch: $4) })
    }
    return fitting(
      [
        make(Tile<14, 2>.self), make(Tile<8, 2>.self), make(Tile<7, 2>.self),
        make(Tile<4, 4>.self), make(Tile<14, 1>.self), make(Tile<16, 1>.self),
        make(Tile<7, 1>.self), make(Tile<6, 1>.self), make(Tile<4, 1>.self), make(Tile<8, 1>.self), make(Tile<3, 2>.self),
      ].filter { $0.rows <= shape.width }, shape)
  }

  /// Kernels for the filter gradient, the best first.
  static func filterGradient(_ shape: ConvolutionShape) -> [ConvolutionKernel] {
    func make<let rows: Int, let vectors: Int>(
      _: Tile<rows, vectors>.Type
    ) -> ConvolutionKernel {
      ConvolutionKernel(rows: rows, vectors: vectors) {
        ConvolutionTile<rows, vectors, 16>.filterGradient($0, $1, $2, $3, scratch: $4, band: 8)
      }
    }
    if shape.inputs == 1 {
      let run: Run = {
        ConvolutionTile<9, 1, 1>.filterGradient($0, $1, $2, $3, scratch: $4, band: 8)
      }
      return [ConvolutionKernel(rows: 9, vectors: 1, run: run)]
    }
    return fitting(
      [
        make(Tile<12, 2>.self), make(Tile<8, 2>.self), make(Tile<6, 4>.self),
        make(Tile<24, 1>.self), make(Tile<16, 1>.self), make(Tile<6, 1>.self), make(Tile<4, 1>.self), make(Tile<3, 2>.self),
      ], shape)
  }

  private static func fitting(
    _ kernels: [ConvolutionKernel], _ shape: ConvolutionShape
  ) -> [ConvolutionKernel] {
    kernels.filter { shape.outputs % ($0.vectors * 16) == 0 }
  }

  /// The weights `[o, c, 3, 3]` in the order in which `forward` reads them.
  func pack(_ weights: Buffer, _ shape: ConvolutionShape, reversed: Bool) -> Buffer {
    let (columns, block) = (vectors * 16, min(16, shape.inputs))
    let packed = Buffer(shape.filterCount)
    var place = 0
    for panel in stride(from: 0, to: shape.outputs, by: columns) {
      for plane in stride(from: 0, to: shape.inputs, by: block) {
        for tap in 0..<9 {
          for c in plane..<plane + block {
            for o in panel..<panel + columns {
              packed.pointer[place] =
                reversed
                ? weights.pointer[(c * shape.outputs + o) * 9 + 8 - tap]
                : weights.pointer[(o * shape.inputs + c) * 9 + tap]
              place += 1
            }
          }
        }
      }
    }
    return packed
  }
}
