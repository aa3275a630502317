/// A matrix product with its tile; which one runs changes the time and not the bits.
struct ProductKernel {
  typealias Run = (
    ProductShape, UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Bool
  ) -> Void
  typealias Pack = (ProductShape, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void

  let vectors: Int
  /// Takes a transposed right factor packed; the last argument adds to the result.
  let run: Run
  let pack: Pack

  /// Kernels for the shape, the fastest first.
  static func choices(_ shape: ProductShape) -> [ProductKernel] {
    func make<let rows: Int, let vectors: Int>(_: Tile<rows, vectors>.Type) -> ProductKernel {
      ProductKernel(
        vectors: vectors,
        run: {
          ProductTile<rows, vectors>.multiply(
            $0, $1, $2, $3, packed: $0.kind == .transposedRight, accumulate: $4)
        },
        pack: { ProductTile<rows, vectors>.pack($0, $1, to: $2) })
    }
    #if SMALL_TILES
      return [make(Tile<4, 1>.self), make(Tile<8, 2>.self), make(Tile<8, 1>.self)]
    #else
      let narrow = shape.columns <= 16
      return (narrow ? [] : [make(Tile<8, 2>.self)])
        + [make(Tile<8, 1>.self), make(Tile<4, 1>.self)]
        + (narrow ? [make(Tile<8, 2>.self)] : [])
    #endif
  }
}
