internal import CommandLineOptions
internal import Communication
internal import Diagnostics
internal import Reports

/// The command `nn-dist bench-comm`.
struct BenchCommCommand {
  let arguments: Arguments

  /// From 4 KB to 64 MB.
  private static let sizes = (0...7).map { 1024 << (2 * $0) }

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    var table = Table([
      .right("bytes"), .right("ordered, ms"), .right("MPI_Allreduce, ms"), .right("ratio"),
    ])
    for elements in Self.sizes {
      let times = try ReductionTimes(communicator, elements: elements, seconds: 0.5)
      table.add([
        times.bytes.grouped, (1000 * times.ordered).formatted(4),
        (1000 * times.native).formatted(4), (times.ordered / times.native).formatted(2),
      ])
    }
    for line in table.lines { console.print(line) }
    return .done
  }
}
