/// A token with what its probability is proportional to.
package struct WeightedToken {
  package let weight: Float
  package let token: Int32

  package init(weight: Float, token: Int32) {
    self.weight = weight
    self.token = token
  }

  /// Whether it is the more probable one; of equals, the first is.
  @inline(__always)
  package func isBefore(_ other: WeightedToken) -> Bool {
    weight > other.weight || weight == other.weight && token < other.token
  }
}

extension [WeightedToken] {
  /// Moves the greatest of the first `count` to the front, as many as `limit`, or fewer if these
  /// have a sum of `mass`, and returns their number.
  ///
  /// It is Hoare's selection: a sort of only that part which has the border, in linear time.
  package mutating func moveGreatest(of count: Int, limit: Int, mass: Double) -> Int {
    guard limit < count || mass < .infinity else { return count }
    // The border is behind `low` and not behind `high`; `rest` is the mass from `low` to it.
    var (low, high, rest) = (0, count, mass)
    while high - low > 1 {
      let (middle, sum) = partition(low..<high)
      if middle > low, middle >= limit || sum >= rest {
        high = middle
      } else if case let sum = sum + Double(self[middle].weight), middle + 1 >= limit || sum >= rest
      {
        return middle + 1
      } else {
        low = middle + 1
        rest -= sum + Double(self[middle].weight)
      }
    }
    return high
  }

  /// Moves the elements before a pivot to the front of a range, and the pivot behind them.
  ///
  /// Returns the place of the pivot and the sum of the weights before it.
  private mutating func partition(_ range: Range<Int>) -> (place: Int, sum: Double) {
    let last = range.upperBound - 1
    swapAt(median(range.lowerBound, range.lowerBound + range.count / 2, last), last)
    let pivot = self[last]
    var (place, sum) = (range.lowerBound, 0.0)
    for index in range.lowerBound..<last where self[index].isBefore(pivot) {
      sum += Double(self[index].weight)
      swapAt(index, place)
      place += 1
    }
    swapAt(place, last)
    return (place, sum)
  }

  /// The place of the middle one of three elements.
  private func median(_ a: Int, _ b: Int, _ c: Int) -> Int {
    let (first, second) = self[a].isBefore(self[b]) ? (a, b) : (b, a)
    return self[c].isBefore(self[first]) ? first : self[c].isBefore(self[second]) ? c : second
  }
}
