package import Diagnostics

/// A dataset of numbers that is read some rows at a time; a row is all that shares a first index.
///
/// The library converts numbers of other types on the way.
package struct HDF5Rows: ~Copyable {
  package let shape: [Int]
  package let numbers: Numbers
  private let source: HDF5Source
  /// Its place among those that the source has opened.
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

  /// Reads some rows, one after the other.
  package func read<Element: HDF5Element>(
    _ rows: Range<Int>, into values: UnsafeMutablePointer<Element>
  ) throws(Failure) {
    let count = shape.dropFirst().reduce(rows.count, *)
    try unsafe source.fill(
      UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: values, count: count)),
      Request(.readRows, name, rows: rows, number: number, type: Element.elementType))
  }
}
