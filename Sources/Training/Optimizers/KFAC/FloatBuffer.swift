import Compute
import Networks

/// A buffer that can be handed around although its memory has one owner; one thread at a time writes
/// to a part of it.
final class FloatBuffer: @unchecked Sendable {
  var buffer: AlignedBuffer

  init(count: Int) { buffer = AlignedBuffer(count: count) }

  /// Adds other buffers of the same size up in their order, in fixed parts.
  func add(_ others: ArraySlice<FloatBuffer>, on workers: Workers) {
    let length = 4096
    let vectors = buffer.vectorCount
    workers.forEach((vectors + length - 1) / length) { _, part in
      let range = part * length..<min((part + 1) * length, vectors)
      for other in others { Self.add(other.buffer, range, to: self.buffer) }
    }
  }

  private static func add(
    _ source: borrowing AlignedBuffer, _ range: Range<Int>, to target: borrowing AlignedBuffer
  ) {
    let source = source.vectors
    var target = target.concurrentVectors(range)
    for i in target.indices { target[i] += source[range.lowerBound + i] }
  }
}

/// A worker's memory for products with the Jacobian matrix.
final class JacobianScratch: @unchecked Sendable {
  var products: AlignedBuffer
  var proposal: AlignedBuffer
  var last: AlignedBuffer

  init(_ pass: TilePass) {
    products = AlignedBuffer(count: pass.scratchCount)
    proposal = AlignedBuffer(count: pass.capacity)
    last = AlignedBuffer(count: pass.capacity)
  }
}

/// The curvatures of one group of tiles along two directions.
final class CurvatureSum: @unchecked Sendable {
  private(set) var sum: QuadraticModel.Symmetric = (0, 0, 0)

  func add(_ v: borrowing AlignedBuffer, _ w: borrowing AlignedBuffer, width: Int) {
    let (v, w) = (v.floats, w.floats)
    for i in 0..<width * Vector.scalarCount {
      let (a, b) = (Double(v[i]), Double(w[i]))
      sum = (sum.0 + a * a, sum.1 + a * b, sum.2 + b * b)
    }
  }
}

extension AlignedBuffer {
  mutating func copy(from other: borrowing AlignedBuffer) {
    let other = other.vectors
    var vectors = mutableVectors
    for i in vectors.indices { vectors[i] = other[i] }
  }

  /// `self ← factor · self + share · other`.
  mutating func combine(_ factor: Float, plus share: Float, times other: borrowing AlignedBuffer) {
    let other = other.vectors
    var vectors = mutableVectors
    for i in vectors.indices { vectors[i] = vectors[i] * factor + other[i] * share }
  }
}
