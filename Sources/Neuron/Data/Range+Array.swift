extension Range where Bound: Strideable, Bound.Stride: SignedInteger {
  /// Its elements in their order.
  public func array() -> [Bound] { Array(self) }
}
