/// One of the parts of equal size that each are the test set once: `2/5` is the second of five.
package struct Fold: Equatable, Sendable, CustomStringConvertible {
  /// From 1.
  package let number: Int
  package let count: Int

  package init(_ number: Int, of count: Int) {
    precondition(count > 1 && 1...count ~= number)
    (self.number, self.count) = (number, count)
  }

  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], count > 1,
      1...count ~= number
    else { return nil }
    self.init(number, of: count)
  }

  package var description: String { "\(number)/\(count)" }

  /// Its places among `total`: the first folds have one more where they are not all alike.
  func places(of total: Int) -> Range<Int> {
    let (size, more) = total.quotientAndRemainder(dividingBy: count)
    let start = (number - 1) * size + min(number - 1, more)
    return start..<start + size + (number <= more ? 1 : 0)
  }

  /// The name of its folder.
  package var folder: String { "fold-\(number)-of-\(count)" }
}
