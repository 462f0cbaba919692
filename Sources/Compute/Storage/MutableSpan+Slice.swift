extension MutableSpan {
  /// The elements in `bounds`, to be written in place.
  @inlinable @inline(__always)
  @_lifetime(&self)
  public mutating func slice(_ bounds: some RangeExpression<Int>) -> MutableSpan<Element> {
    _mutatingExtracting(bounds)
  }
}
