/// Copies factors into the order in which the kernel of packed products reads them.
enum Packing<Lanes: FactorLanes> {
  private static var width: Int { Vector.scalarCount }

  /// `[inner, count]`, row by row, into panels.
  static func panels(
    ofRows source: UnsafePointer<Float>, inner: Int, count: Int, _ shape: PackedShape,
    into panels: UnsafeMutablePointer<Vector>
  ) {
    for v in 0..<AlignedBuffer.vectorCount(for: count) {
      let target = unsafe panels + v / 2 * 2 * shape.laneCapacity + v % 2
      let remaining = count - v * width
      for lane in 0..<shape.lanes {
        let k = lane * Lanes.depth
        unsafe target[2 * lane] = Lanes.across(
          source + k * count + v * width, count: remaining, rows: inner - k, distance: count)
      }
    }
  }

  /// `[count, inner]`, row by row, into rows of lanes.
  static func rows(
    of source: UnsafePointer<Float>, count: Int, inner: Int, _ shape: PackedShape,
    into target: UnsafeMutablePointer<Vector>
  ) {
    let vectors = shape.laneCapacity / width
    for row in 0..<count {
      for v in 0..<vectors {
        let k = v * width * Lanes.depth
        unsafe target[row * vectors + v] = Lanes.along(
          source + row * inner + k, count: inner - k)
      }
    }
  }

  /// `[count, inner]`, row by row, into panels: sixteen lanes of sixteen rows at a time are
  /// transposed.
  static func panels(
    ofColumns source: UnsafePointer<Float>, inner: Int, count: Int, _ shape: PackedShape,
    into panels: UnsafeMutablePointer<Vector>
  ) {
    unsafe withUnsafeTemporaryAllocation(of: Vector.self, capacity: 2 * width) { memory in
      guard let x = memory.baseAddress else { return }
      let y = unsafe x + width
      for v in 0..<AlignedBuffer.vectorCount(for: count) {
        let target = unsafe panels + v / 2 * 2 * shape.laneCapacity + v % 2
        for l in 0..<shape.laneCapacity / width {
          let k = l * width * Lanes.depth
          for i in 0..<width {
            let row = v * width + i
            unsafe x[i] =
              row < count
              ? Lanes.along(source + row * inner + k, count: inner - k) : Vector(repeating: 0)
          }
          unsafe weave(x, into: y)
          unsafe weave(y, into: x)
          unsafe weave(x, into: y)
          unsafe weave(y, into: target + 2 * l * width, stride: 2)
        }
      }
    }
  }

  /// One of the four steps of a transposition: what stood in row `i + 8` goes between what stood in
  /// row `i`, so that the bits of an element's row and column, side by side, turn by one place.
  @inline(always)
  private static func weave(
    _ x: UnsafeMutablePointer<Vector>, into y: UnsafeMutablePointer<Vector>, stride: Int = 1
  ) {
    for i in 0..<8 {
      let (a, b) = unsafe (x[i], x[i + 8])
      unsafe y[2 * i * stride] = woven(a.lowHalf, b.lowHalf)
      unsafe y[(2 * i + 1) * stride] = woven(a.highHalf, b.highHalf)
    }
  }

  @inline(always)
  private static func woven(_ even: SIMD8<Float>, _ odd: SIMD8<Float>) -> Vector {
    var result = Vector(repeating: 0)
    result.evenHalf = even
    result.oddHalf = odd
    return result
  }
}
