/// Sixteen places of a table at a time.
///
/// Places are not checked one by one, which would take longer than the access: whoever computes them
/// sees to it that they lie inside of the table.
extension Span<Float> {
  /// The elements at sixteen places.
  @inline(always)
  public func gather(_ places: SIMD16<UInt32>) -> Vector {
    var result = Vector(repeating: 0)
    for lane in 0..<Vector.scalarCount {
      // SAFETY: the places lie inside of the table by contract.
      result[lane] = unsafe self[unchecked: Int(places[lane])]
    }
    return result
  }
}

extension MutableSpan<Float> {
  /// Adds the first `count` of sixteen values at their places, in their order.
  @inline(always)
  public mutating func scatter(adding values: Vector, at places: SIMD16<UInt32>, count: Int) {
    for lane in 0..<count {
      // SAFETY: the places lie inside of the table by contract.
      unsafe self[unchecked: Int(places[lane])] += values[lane]
    }
  }
}
