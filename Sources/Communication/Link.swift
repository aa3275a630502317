/// What lies between two ranks: the time until a message is there is latency + bytes / bandwidth.
package struct Link: Equatable, Sendable {
  /// In seconds.
  package var latency: Double
  /// In bytes a second and direction.
  package var bandwidth: Double

  package init(latency: Double, bandwidth: Double) {
    self.latency = latency
    self.bandwidth = bandwidth
  }

  /// The link under which such traffic takes such times, with the least relative errors squared.
  package init(fitting measured: [(traffic: ReductionTraffic, seconds: Double)]) {
    // t = a s + b n, divided by t: the two equations of least squares.
    var (ss, sn, nn, s1, n1) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (traffic, seconds) in measured {
      let (s, n) = (Double(traffic.stages) / seconds, Double(traffic.bytes) / seconds)
      ss += s * s
      sn += s * n
      nn += n * n
      s1 += s
      n1 += n
    }
    let determinant = ss * nn - sn * sn
    var latency = (s1 * nn - n1 * sn) / determinant
    var slowness = (n1 * ss - s1 * sn) / determinant
    // Neither can help: what is left then explains all.
    if !(latency >= 0) { (latency, slowness) = (0, n1 / nn) }
    if !(slowness > 0) { (latency, slowness) = (s1 / ss, 0) }
    self.init(latency: latency, bandwidth: 1 / slowness)
  }

  package func seconds(for traffic: ReductionTraffic) -> Double {
    Double(traffic.stages) * latency + Double(traffic.bytes) / bandwidth
  }
}
