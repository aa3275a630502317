internal import Datasets
internal import Execution

extension Bindings {
  /// Puts the fields of the samples at some places of a batch into the inputs of their names.
  ///
  /// A program may do without some: one of biases alone does without the samples themselves.
  func write(_ places: Range<Int>, of loader: BatchLoader) {
    for field in loader.dataset.fields {
      guard let input = unsafe input(field.name) else { continue }
      unsafe loader.copy(
        field, at: places,
        into: UnsafeMutableRawBufferPointer(start: input, count: places.count * field.byteCount))
    }
  }
}
