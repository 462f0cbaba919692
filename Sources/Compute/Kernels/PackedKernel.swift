/// The loops of a packed product: eight rows and two vectors of columns at a time, whose sixteen sums
/// stay in registers.
enum PackedKernel<Lanes: FactorLanes> {
  static func multiply(
    _ left: UnsafePointer<Float>, _ places: LeftPlaces,
    by right: UnsafeMutablePointer<Vector>, _ shape: PackedShape,
    into c: UnsafeMutablePointer<Float>, accumulating: Bool
  ) {
    let (rows, columns) = (shape.size.rows, shape.size.columns)
    for column in stride(from: 0, to: columns, by: PackedShape.panelWidth) {
      let panel = unsafe right + column / Vector.scalarCount * shape.laneCapacity
      for row in stride(from: 0, to: rows, by: PackedShape.blockRows) {
        let block = Block(
          rows: min(rows - row, PackedShape.blockRows),
          columns: min(columns - column, PackedShape.panelWidth), accumulating: accumulating)
        unsafe multiply(
          left + places.start(ofRow: row), rowStride: places.rowStride,
          laneStride: places.laneStride,
          by: panel, lanes: shape.lanes, into: c + row * columns + column, stride: columns, block)
      }
    }
  }

  /// What of a block is written.
  private struct Block {
    let rows: Int
    let columns: Int
    let accumulating: Bool
  }

  private static func multiply(
    _ left: UnsafePointer<Float>, rowStride: Int, laneStride: Int,
    by right: UnsafePointer<Vector>, lanes: Int,
    into c: UnsafeMutablePointer<Float>, stride: Int, _ block: Block
  ) {
    let zero = Vector(repeating: 0)
    var (a0, a1, a2, a3, a4, a5, a6, a7) = (zero, zero, zero, zero, zero, zero, zero, zero)
    var (b0, b1, b2, b3, b4, b5, b6, b7) = (zero, zero, zero, zero, zero, zero, zero, zero)
    var (near, far, right) = unsafe (left, left + 4 * rowStride, right)
    for _ in 0..<lanes {
      let (x, y) = unsafe (right[0], right[1])
      let f0 = unsafe Vector(repeating: near[0])
      let f1 = unsafe Vector(repeating: near[rowStride])
      let f2 = unsafe Vector(repeating: near[2 * rowStride])
      let f3 = unsafe Vector(repeating: near[3 * rowStride])
      let f4 = unsafe Vector(repeating: far[0])
      let f5 = unsafe Vector(repeating: far[rowStride])
      let f6 = unsafe Vector(repeating: far[2 * rowStride])
      let f7 = unsafe Vector(repeating: far[3 * rowStride])
      (a0, b0) = (Lanes.add(a0, f0, x), Lanes.add(b0, f0, y))
      (a1, b1) = (Lanes.add(a1, f1, x), Lanes.add(b1, f1, y))
      (a2, b2) = (Lanes.add(a2, f2, x), Lanes.add(b2, f2, y))
      (a3, b3) = (Lanes.add(a3, f3, x), Lanes.add(b3, f3, y))
      (a4, b4) = (Lanes.add(a4, f4, x), Lanes.add(b4, f4, y))
      (a5, b5) = (Lanes.add(a5, f5, x), Lanes.add(b5, f5, y))
      (a6, b6) = (Lanes.add(a6, f6, x), Lanes.add(b6, f6, y))
      (a7, b7) = (Lanes.add(a7, f7, x), Lanes.add(b7, f7, y))
      unsafe near += laneStride
      unsafe far += laneStride
      unsafe right += 2
    }
    unsafe store(a0, b0, row: 0, into: c, stride: stride, block)
    unsafe store(a1, b1, row: 1, into: c, stride: stride, block)
    unsafe store(a2, b2, row: 2, into: c, stride: stride, block)
    unsafe store(a3, b3, row: 3, into: c, stride: stride, block)
    unsafe store(a4, b4, row: 4, into: c, stride: stride, block)
    unsafe store(a5, b5, row: 5, into: c, stride: stride, block)
    unsafe store(a6, b6, row: 6, into: c, stride: stride, block)
    unsafe store(a7, b7, row: 7, into: c, stride: stride, block)
  }

  /// Writes two vectors of a row, or as much of them as belongs to the product.
  @inline(always)
  private static func store(
    _ a: Vector, _ b: Vector, row: Int, into c: UnsafeMutablePointer<Float>, stride: Int,
    _ block: Block
  ) {
    guard row < block.rows else { return }
    let target = unsafe c + row * stride
    unsafe store(a, block.columns, into: target, block)
    unsafe store(
      b, block.columns - Vector.scalarCount, into: target + Vector.scalarCount, block)
  }

  @inline(always)
  private static func store(
    _ value: Vector, _ count: Int, into target: UnsafeMutablePointer<Float>, _ block: Block
  ) {
    guard count >= Vector.scalarCount else {
      for j in 0..<max(count, 0) {
        unsafe target[j] = block.accumulating ? target[j] + value[j] : value[j]
      }
      return
    }
    let memory = UnsafeMutableRawPointer(target)
    let sum = unsafe block.accumulating ? value + memory.loadUnaligned(as: Vector.self) : value
    unsafe memory.storeBytes(of: sum, as: Vector.self)
  }
}
