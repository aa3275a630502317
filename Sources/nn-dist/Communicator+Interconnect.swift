internal import CommandLineOptions
internal import Communication
internal import Diagnostics

extension Communicator {
  /// Measures sums over ranks of vectors from 4 KB to 64 MB.
  func reductionTimes() throws(Failure) -> [ReductionTimes] {
    try (0...7).map { size throws(Failure) in
      try ReductionTimes(self, elements: 1024 << (2 * size), seconds: 0.5)
    }
  }

  /// Fits the latency and bandwidth to the measured times, unless the user gave them.
  func link(_ times: [ReductionTimes], _ arguments: Arguments) -> Interconnect {
    var link = Interconnect(fitting: times.map { ($0.traffic(on: self), $0.ordered) })
    if let latency = arguments.latency { link.latency = latency / 1e6 }
    if let bandwidth = arguments.bandwidth { link.bandwidth = bandwidth * 1e6 }
    return link
  }
}

extension Arguments {
  /// Whether the user gave the latency and the bandwidth between ranks.
  var givesLink: Bool { latency != nil && bandwidth != nil }
}
