/// A token with what its probability is proportional to, which is not negative.
package struct WeightedToken {
  /// Greater for a more probable token, and for the first of equals: bits of weights are in order.
  private let key: UInt64

  package init(weight: Float, token: Int32) {
    key = UInt64(weight.bitPattern) << 32 | UInt64(~UInt32(bitPattern: token))
  }

  package var weight: Float { Float(bitPattern: UInt32(key >> 32)) }
  package var token: Int32 { Int32(bitPattern: ~UInt32(truncatingIfNeeded: key)) }

  /// Whether it is the more probable one; of equals, the first is.
  package func isBefore(_ other: WeightedToken) -> Bool { key > other.key }
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
      let middle = partition(low..<high)
      var sum = 0.0
      if mass < .infinity { for index in low..<middle { sum += Double(self[index].weight) } }
      if middle > low, middle >= limit || sum >= rest {
        high = middle
        continue
      }
      sum += Double(self[middle].weight)
      if middle + 1 >= limit || sum >= rest { return middle + 1 }
      low = middle + 1
      rest -= sum
    }
    return high
  }

  /// Moves the elements before a pivot to the front of a range, and the pivot behind them.
  ///
  /// Returns the place of the pivot.
  private mutating func partition(_ range: Range<Int>) -> Int {
    let last = range.upperBound - 1
    swapAt(median(range.lowerBound, range.lowerBound + range.count / 2, last), last)
    let pivot = self[last]
    return unsafe withUnsafeMutableBufferPointer { elements in
      var place = range.lowerBound
      // Without a branch, since no processor could predict it.
      for index in range.lowerBound..<last {
        let element = unsafe elements[index]
        unsafe elements[index] = elements[place]
        unsafe elements[place] = element
        place += element.isBefore(pivot) ? 1 : 0
      }
      unsafe elements.swapAt(place, last)
      return place
    }
  }

  /// The place of the middle one of three elements.
  private func median(_ a: Int, _ b: Int, _ c: Int) -> Int {
    let (first, second) = self[a].isBefore(self[b]) ? (a, b) : (b, a)
    return self[c].isBefore(self[first]) ? first : self[c].isBefore(self[second]) ? c : second
  }
}
