internal import Datasets
internal import Execution

extension Ports {
  /// Puts the samples at some places of a batch, and what is known of them, into the inputs of the
  /// program.
  func write(_ places: Range<Int>, of loader: BatchLoader) {
    func fill(
      _ name: String, _ bytes: Int, _ copy: (UnsafeMutableRawBufferPointer) -> Void
    ) {
      guard let input = unsafe input(name) else {
        preconditionFailure("the program has no input '\(name)'")
      }
      unsafe copy(UnsafeMutableRawBufferPointer(start: input, count: places.count * bytes))
    }
    let dataset = loader.dataset
    // A program may do without the samples themselves: one of biases alone does.
    if unsafe input("samples") != nil {
      unsafe fill("samples", dataset.sampleBytes) {
        unsafe loader.copy(samplesAt: places, into: $0)
      }
    }
    // One that returns the samples takes no other targets.
    if let name = dataset.targetInput, unsafe input(name) != nil {
      unsafe fill(name, dataset.targetBytes) {
        unsafe loader.copy(targetsAt: places, into: $0)
      }
    }
    if dataset.isWeighted {
      unsafe fill("weights", 4) { unsafe loader.copy(weightsAt: places, into: $0) }
    }
  }
}
