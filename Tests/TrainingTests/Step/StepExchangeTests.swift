import Communication
import Reports
import TestSupport
import Testing
import Training

/// In a group of one; tests under mpirun have more.
@Suite struct StepExchangeTests {
  static let elements = 3 * 4096 + 100
  /// More than eight.
  static let metrics: [Metric] = (1...11).map { .top($0) }

  private let control: StepExchange

  init() throws {
    let communicator = try Communicator.start()
    control = StepExchange(
      communicator,
      reduction: try communicator.prepareReduction(elements: StepExchangeTests.elements, shards: 8),
      shards: 8, trained: StepExchangeTests.elements, isPenalised: false,
      metrics: StepExchangeTests.metrics)
  }

  private func exchange(
    _ gradient: [Float] = [Float](repeating: 0, count: elements), step: Int = 3,
    requests: StepRequests = [], shards: Int = 8
  ) throws -> StepReport {
    try unsafe gradient.withUnsafeBufferPointer { gradient in
      let start = try unsafe #require(gradient.baseAddress)
      unsafe control.record(gradient: start)
      return try control.exchange(step: step, requests: requests, shards: shards)
    }
  }

  @Test func sumsArePresentShardsInOrder() throws {
    let losses = (0..<8).map { 1 / Double($0 + 3) }
    for shard in (0..<8).reversed() {
      control.record(record(losses[shard], 1 << shard), shard: shard)
    }
    for leaves in 1...8 {
      // What absent shards noted in an earlier step does not count.
      let report = try exchange(shards: leaves)
      let mean = losses.prefix(leaves).reduce(0, +) / Double((1 << leaves) - 1)
      #expect(report.loss == mean)
      #expect(report.metrics.sum(of: Metrics.loss) == mean * Double((1 << leaves) - 1))
      let all = record(0, (1 << leaves) - 1)
      #expect(report.metrics.sums.dropFirst() == all.sums.dropFirst())
      #expect(report.metrics.targets == all.targets)
    }
  }

  /// Another number in each place.
  private func record(_ loss: Double, _ count: Int) -> Metrics {
    var record = Metrics(StepExchangeTests.metrics)
    record.add(loss, targets: count, to: Metrics.loss)
    for entry in 1...StepExchangeTests.metrics.count {
      record.add(Double(entry * count), targets: (entry + 1) * count, to: entry)
    }
    return record
  }

  @Test func normIsThatOfAllElements() throws {
    var random = XorShift(seed: 5)
    let gradient = (0..<StepExchangeTests.elements).map { _ in Float(random.number(in: -1...1)) }
    let sums = try exchange(gradient)
    let squares = gradient.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(isClose(sums.gradientNorm, squares.squareRoot(), relative: 1e-12))
    #expect(sums.firstNotFinite == nil)
  }

  @Test func greatElementsAreFinite() throws {
    let gradient = [Float](repeating: .greatestFiniteMagnitude, count: StepExchangeTests.elements)
    let sums = try exchange(gradient)
    let square = Double(Float.greatestFiniteMagnitude) * Double(Float.greatestFiniteMagnitude)
    #expect(sums.firstNotFinite == nil)
    #expect(
      isClose(sums.gradientNorm, (square * Double(StepExchangeTests.elements)).squareRoot()))
  }

  @Test(
    arguments: [Float.nan, .infinity, -.infinity, .signalingNaN],
    [[0], [15, 16], [4095], [4096], [4097, 8192], [12287, 5], [elements - 1]])
  func firstElementThatIsNotFiniteIsFound(_ value: Float, _ places: [Int]) throws {
    var gradient = [Float](repeating: 1, count: StepExchangeTests.elements)
    for place in places { gradient[place] = value }
    #expect(try exchange(gradient).firstNotFinite == places.min())
    // It is forgotten in the next step.
    #expect(try exchange().firstNotFinite == nil)
  }

  @Test func requestsToStopPassThrough() throws {
    for requests: StepRequests in [.stop, .end, .save, .failure, [.stop, .save]] {
      #expect(try exchange(requests: requests).requests == requests)
      #expect(try exchange().requests == [])
    }
  }

  @Test func replicasOfOneRankAgree() throws {
    #expect(!(try exchange().replicasDiffer))
  }

  @Test func lossThatIsNotANumberShows() throws {
    control.record(record(.nan, 1), shard: 2)
    #expect(try exchange().loss.isNaN)
    #expect(try exchange(shards: 2).loss == 0)
  }
}
