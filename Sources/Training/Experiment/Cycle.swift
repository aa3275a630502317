/// Which network takes a step: the networks of a run take turns in a fixed cycle.
///
/// Steps count from 0 over all networks, so no two steps share random numbers.
package struct Cycle: Equatable, Sendable {
  /// The number of steps in a row of each network.
  package let lengths: [Int]
  package let length: Int

  package init(_ lengths: [Int]) {
    self.lengths = lengths
    length = lengths.reduce(0, +)
  }

  /// The number of the network that takes a step.
  package func turn(ofStep step: Int) -> Int {
    var rest = step % length
    var turn = 0
    while rest >= lengths[turn] {
      rest -= lengths[turn]
      turn += 1
    }
    return turn
  }

  /// The number of updates of a network after `steps` of the run.
  package func updates(of network: Int, after steps: Int) -> Int {
    let before = lengths[..<network].reduce(0, +)
    let (rounds, rest) = steps.quotientAndRemainder(dividingBy: length)
    return rounds * lengths[network] + min(max(rest - before, 0), lengths[network])
  }
}
