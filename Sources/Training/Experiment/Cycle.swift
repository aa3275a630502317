/// Whose turn a step is: the networks that a run trains take steps one after the other, over and
/// over.
///
/// Steps count from 0 over all networks, so no two of them share random numbers.
package struct Cycle: Equatable, Sendable {
  /// How many steps in a row each network takes.
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

  /// How often a network has been updated after so many steps.
  package func updates(of network: Int, after steps: Int) -> Int {
    let before = lengths[..<network].reduce(0, +)
    let (rounds, rest) = steps.quotientAndRemainder(dividingBy: length)
    return rounds * lengths[network] + min(max(rest - before, 0), lengths[network])
  }
}
