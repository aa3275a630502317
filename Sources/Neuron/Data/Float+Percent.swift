extension Float {
  /// The number times `accuracy`, with one decimal and from 0 to `accuracy`: 0.98765 is 98.8.
  public func percent(_ accuracy: Float = 100) -> Float {
    Swift.min(Swift.max((self * accuracy * 10).rounded() / 10, 0), accuracy)
  }
}
