/// A model of the network between ranks: a message takes latency + bytes / bandwidth.
package struct Interconnect: Equatable, Sendable {
  /// In seconds.
  package var latency: Double
  /// In bytes per second and direction.
  package var bandwidth: Double

  package init(latency: Double, bandwidth: Double) {
    self.latency = latency
    self.bandwidth = bandwidth
  }

  /// Fits latency and bandwidth to measured times by least squares of the relative errors.
  package init(fitting measured: [(traffic: ReductionTraffic, seconds: Double)]) {
    // The normal equations of 1 = a s / t + b n / t.
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
    // A negative parameter becomes 0, and the other one is fitted alone.
    if !(latency >= 0) { (latency, slowness) = (0, n1 / nn) }
    if !(slowness > 0) { (latency, slowness) = (s1 / ss, 0) }
    self.init(latency: latency, bandwidth: 1 / slowness)
  }

  /// Returns the predicted time.
  package func seconds(for traffic: ReductionTraffic) -> Double {
    Double(traffic.stages) * latency + Double(traffic.bytes) / bandwidth
  }
}
