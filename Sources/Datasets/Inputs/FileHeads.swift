package import Diagnostics

/// What the head of an IDX file says; a file that is not packed has the length that follows from it.
package struct IDXHead: Equatable, Sendable {
  package let shape: [Int]
  /// The type of its numbers, as NumPy calls it.
  package let type: String
  package let isCompressed: Bool

  package init(of path: String) throws(Failure) {
    let file = try IDXFile(path)
    shape = file.shape
    isCompressed = file.stream.isCompressed
    type =
      switch file.type {
      case .ubyte: "uint8"
      case .byte: "int8"
      case .short: "int16"
      case .int: "int32"
      case .float: "float32"
      case .double: "float64"
      }
  }
}

/// What the head of a PNG file says.
package struct PNGHead: Equatable, Sendable {
  package let width: Int
  package let height: Int
  package let isColoured: Bool

  package init(of path: String) throws(Failure) {
    let image = try PNGImage(path)
    (width, height, isColoured) = (image.width, image.height, image.isColoured)
  }
}
