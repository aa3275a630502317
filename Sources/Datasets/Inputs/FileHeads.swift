package import Diagnostics

/// The header of an IDX file; the length of an uncompressed file agrees with it.
package struct IDXHead: Equatable, Sendable {
  package let shape: [Int]
  /// The number type by its NumPy name.
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

/// The header of a PNG file.
package struct PNGHead: Equatable, Sendable {
  package let width: Int
  package let height: Int
  package let isColoured: Bool

  package init(of path: String) throws(Failure) {
    let image = try PNGImage(path)
    (width, height, isColoured) = (image.width, image.height, image.isColoured)
  }
}
