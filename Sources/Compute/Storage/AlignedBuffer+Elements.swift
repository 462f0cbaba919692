extension AlignedBuffer {
  /// Overwrites what stands at `offset`.
  public mutating func copy(_ elements: [Float], to offset: Int = 0) {
    precondition(
      offset >= 0 && offset + elements.count <= count,
      "\(elements.count) elements at \(offset) do not fit into a buffer of \(count)")
    var target = mutableFloats
    for i in elements.indices { target[offset + i] = elements[i] }
  }

  /// Sets all elements, padding included.
  public mutating func fill(with value: Float) {
    var target = mutableVectors
    for i in target.indices { target[i] = Vector(repeating: value) }
  }

  /// The first `columns` columns of `rows` rows that begin `stride` apart, column by column.
  public func transposed(rows: Int, columns: Int, stride: Int) -> [Float] {
    let source = floats
    var result: [Float] = []
    result.reserveCapacity(rows * columns)
    for column in 0..<columns {
      for row in 0..<rows { result.append(source[row * stride + column]) }
    }
    return result
  }
}

extension AlignedBuffer {
  /// Sets the elements in `range` to zero.
  public mutating func clear(_ range: Range<Int>) {
    var target = mutableFloats
    for i in range { target[i] = 0 }
  }

  /// Multiplies the elements in `range`, while other threads work on others.
  public func scaleConcurrently(_ range: Range<Int>, by factor: Float) {
    var target = concurrentFloats(range)
    for i in target.indices { target[i] *= factor }
  }
}
