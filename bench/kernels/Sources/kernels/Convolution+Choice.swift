/// A kernel with its tile; which one runs changes the time and not the bits.
struct ConvolutionKernel {
  typealias Run = (
    ConvolutionShape, UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>,
    UnsafeMutablePointer<Float>
  ) -> Void

  let rows: Int
  let vectors: Int
  let run: Run

  /// Kernels for the output, the fastest first.
  ///
  /// The input gradient is the output of the reversed shape.
  static func forward(_ shape: ConvolutionShape) -> [ConvolutionKernel] {
    func make<let rows: Int, let vectors: Int>(_: Tile<rows, vectors>.Type) -> ConvolutionKernel {
      ConvolutionKernel(
        rows: rows, vectors: vectors,
        run: shape.inputs == 1
          ? { ConvolutionTile<rows, vectors, 1>.forward($0, $1, $2, $3, scratch: $4) }
          : { ConvolutionTile<rows, vectors, 16>.forward($0, $1, $2, $3, scratch: $4) })
    }
    let small = make(Tile<4, 1>.self)
    let sevens = [make(Tile<7, 2>.self), make(Tile<14, 1>.self), make(Tile<7, 1>.self)]
    let eights = [make(Tile<8, 2>.self), make(Tile<16, 1>.self), make(Tile<8, 1>.self)]
    var kernels = shape.width % 7 == 0 ? sevens + eights : eights + sevens
    if shape.inputs == 1 { kernels.sort { $0.rows < $1.rows } }
    #if SMALL_TILES
      kernels.insert(small, at: 0)
    #else
      kernels.append(small)
    #endif
    return kernels.filter { $0.rows <= shape.width && shape.outputs % ($0.vectors * 16) == 0 }
  }

  /// Kernels for the filter gradient, the fastest first.
  static func filterGradient(_ shape: ConvolutionShape) -> [ConvolutionKernel] {
    func make<let rows: Int, let vectors: Int>(_: Tile<rows, vectors>.Type) -> ConvolutionKernel {
      ConvolutionKernel(rows: rows, vectors: vectors) {
        ConvolutionTile<rows, vectors, 16>.filterGradient($0, $1, $2, $3, scratch: $4)
      }
    }
    if shape.inputs == 1 {
      return [
        ConvolutionKernel(rows: 9, vectors: 1) {
          ConvolutionTile<9, 1, 1>.singleChannelFilterGradient($0, $1, $2, $3, scratch: $4)
        }
      ]
    }
    let (small, large) = (make(Tile<4, 1>.self), make(Tile<4, 3>.self))
    #if SMALL_TILES
      return [small, large, make(Tile<8, 1>.self)]
    #else
      return [large, make(Tile<8, 1>.self), small]
    #endif
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
