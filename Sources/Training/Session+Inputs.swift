internal import Datasets
internal import Execution

extension Session {
  /// Puts some samples and what is known of them into the inputs of the session's program.
  func write(_ samples: ArraySlice<Int32>, of dataset: Dataset) {
    func fill(
      _ name: String, _ bytes: Int, _ copy: (UnsafeMutableRawBufferPointer) -> Void
    ) {
      guard let input = unsafe input(name) else {
        preconditionFailure("the program has no input '\(name)'")
      }
      unsafe copy(UnsafeMutableRawBufferPointer(start: input, count: samples.count * bytes))
    }
    // A program may do without the samples themselves: one of biases alone does.
    if unsafe input("samples") != nil {
      fill("samples", dataset.sampleBytes) { unsafe dataset.copy(samples: samples, into: $0) }
    }
    fill(dataset.targetInput, dataset.targetBytes) {
      unsafe dataset.copy(targets: samples, into: $0)
    }
    if dataset.isWeighted {
      fill("weights", 4) { unsafe dataset.copy(weights: samples, into: $0) }
    }
  }
}
