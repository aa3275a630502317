package import Diagnostics
internal import Execution
package import Graphs
package import Networks

/// The states of recurrent layers between two batches: a row of each for every position.
///
/// A shard reads and writes the rows of its own positions only, so it does not matter which worker
/// or rank computes it.
@safe package final class CarriedRows: @unchecked Sendable {
  /// `[rows, size]` for each state.
  package let layout: TensorLayout
  package let values: UnsafeMutableBufferPointer<Float>
  let rows: Int
  private let states: [CarriedState]
  private let arena: Arena

  package init(_ states: [CarriedState], rows: Int) throws(Failure) {
    self.states = states
    self.rows = rows
    layout = TensorLayout(packing: states.map { ($0.name, [rows, $0.size]) })
    arena = try Arena(byteCount: 4 * layout.count)
    unsafe values = UnsafeMutableBufferPointer(
      start: arena.start.bindMemory(to: Float.self, capacity: layout.count), count: layout.count)
  }

  static func byteCount(_ states: [CarriedState], rows: Int) -> Int {
    4 * rows * states.reduce(0) { $0 + $1.size }
  }

  /// Writes the states of some rows to the inputs of a program; none counts if the samples begin.
  func write(_ rows: Range<Int>, areFirst: Bool, to bindings: any Bindings) {
    bindings.begin(areFirst, samples: rows.count)
    guard !areFirst else { return }
    for (state, tensor) in zip(states, layout.tensors) {
      guard let source = unsafe row(rows.lowerBound, tensor) else { continue }
      unsafe bindings.input(state.name)?.copyMemory(
        from: source, byteCount: 4 * rows.count * state.size)
    }
  }

  /// Reads the states of some rows from the outputs of a program.
  func read(_ rows: Range<Int>, from bindings: any Bindings) {
    for (state, tensor) in zip(states, layout.tensors) {
      unsafe row(rows.lowerBound, tensor)?.copyMemory(
        from: bindings.output(state.name), byteCount: 4 * rows.count * state.size)
    }
  }

  private func row(_ row: Int, _ tensor: TensorLayout.Tensor) -> UnsafeMutableRawPointer? {
    unsafe values.baseAddress.map {
      unsafe UnsafeMutableRawPointer($0 + tensor.offset + row * tensor.shape[1])
    }
  }

  /// For each state the bytes of the rows of each rank.
  func ranges(of places: [Range<Int>]) -> [[Range<Int>]] {
    layout.tensors.map { tensor in
      places.map { rows in
        4 * (tensor.offset + rows.lowerBound * tensor.shape[1])..<4
          * (tensor.offset + rows.upperBound * tensor.shape[1])
      }
    }
  }
}

extension Bindings {
  /// Says whether the samples of a program begin, so that states of earlier ones do not count.
  func begin(_ areFirst: Bool, samples: Int) {
    unsafe input(CarriedState.begins)?
      .initializeMemory(as: UInt8.self, repeating: areFirst ? 1 : 0, count: samples)
  }
}
