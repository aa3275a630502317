package import Diagnostics

/// Reads a dataset of numbers row by row; a row is all elements with the same first index.
///
/// The library converts between number types.
package struct HDF5RowReader: ~Copyable {
  package let shape: [Int]
  package let numbers: Numbers
  private let source: HDF5Source
  /// The index among the datasets that the source has opened.
  private let number: Int
  private let name: String

  package enum Numbers: Int, Sendable { case bytes, integers, reals }

  init(_ opened: OpenedRows, from source: HDF5Source, name: String) {
    shape = opened.shape
    numbers = opened.numbers
    number = opened.number
    self.source = source
    self.name = name
  }

  /// Reads a range of rows.
  ///
  /// The corresponding HDF5 function is `H5Dread`.
  package func read<Element: HDF5Element>(
    _ rows: Range<Int>, into values: UnsafeMutablePointer<Element>
  ) throws(Failure) {
    let count = shape.dropFirst().reduce(rows.count, *)
    try unsafe source.fill(
      UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: values, count: count)),
      Request(.readRows, name, rows: rows, number: number, type: Element.elementType))
  }
}
