import Compute

/// Where all blocks begin: one drawn hidden layer, and output layers that fit its first units best.
///
/// With these units common to all blocks, the least-squares output layer of a block is a product
/// of one matrix with its pixels: `W₃ᵀ = (H Hᵀ + λ I)⁻¹ H y`.
package struct BlockStart: Sendable {
  /// For all units that a block can have.
  let hidden: [Float]
  /// Units that a block begins with.
  let units: Int
  /// `(H Hᵀ + λ I)⁻¹ H`, `[units + 1, width]` vectors.
  private let projector: [Vector]
  private let shape: BlockShape

  /// λ, as a share of the number of points.
  private static let regularization = 0.01

  package init(_ features: BlockFeatures, units: Int, seed: UInt64) {
    let all = features.shape
    let shape = all.with(units: units)
    self.shape = shape
    self.units = units
    var random = SplitMix64(seed: seed, stream: 1)
    let bound = (6 / Double(shape.features)).squareRoot()
    hidden = (0..<all.hiddenCount).map { i in
      // The constant's weight is the unit's phase.
      random.nextUniform(bound: i % shape.features == shape.features - 1 ? .pi : bound)
    }
    let rows = Self.sines(hidden, features, shape)
    let inverse = Self.inverse(ofGramian: rows, ridge: Self.regularization * Double(shape.points))
    projector = inverse.flatMap { factors in
      (0..<shape.width).map { v in
        zip(factors, rows).reduce(Vector(repeating: 0)) { $0 + Float($1.0) * $1.1[v] }
      }
    }
  }

  /// The output layer `[channels, units + 1]` for these targets.
  func outputs(for targets: borrowing AlignedBuffer) -> [Float] {
    let (y, width) = (targets.vectors, shape.width)
    var weights: [Float] = []
    for c in 0..<shape.channels {
      for i in 0...shape.units {
        var sum = Vector(repeating: 0)
        for v in 0..<width { sum.addProduct(projector[i * width + v], y[c * width + v]) }
        weights.append(VectorMath.sum(sum))
      }
    }
    return weights
  }

  /// The hidden layer's sines at all pixels, and the constant; zero behind the last pixel.
  private static func sines(
    _ hidden: [Float], _ features: BlockFeatures, _ shape: BlockShape
  ) -> [[Vector]] {
    let pixels = features.ofPixels()
    var z = AlignedBuffer(count: shape.units * shape.width * Vector.scalarCount)
    var target = z.mutableVectors
    InterleavedProduct.multiply(
      hidden.span, by: pixels.vectors, rows: shape.units, features: shape.features,
      width: shape.width, into: &target)
    var rows = (0..<shape.units).map { i in
      (0..<shape.width).map { VectorMath.sin(target[i * shape.width + $0]) }
    }
    let phi = pixels.vectors
    rows.append((0..<shape.width).map { phi[($0 + 1) * shape.features - 1] })
    return rows
  }

  /// `(R Rᵀ + ridge · I)⁻¹` by Gauss and Jordan's elimination, which needs no pivots where the matrix
  /// is positive definite.
  private static func inverse(ofGramian rows: [[Vector]], ridge: Double) -> [[Double]] {
    let count = rows.count
    var matrix = rows.indices.map { i in
      rows.indices.map { j in
        let product = zip(rows[i], rows[j]).reduce(Vector(repeating: 0)) { $0 + $1.0 * $1.1 }
        return Double(VectorMath.sum(product)) + (i == j ? ridge : 0)
      } + rows.indices.map { $0 == i ? 1 : 0 }
    }
    for pivot in 0..<count {
      let scale = 1 / matrix[pivot][pivot]
      matrix[pivot] = matrix[pivot].map { $0 * scale }
      for row in 0..<count where row != pivot {
        let factor = matrix[row][pivot]
        matrix[row] = zip(matrix[row], matrix[pivot]).map { $0 - factor * $1 }
      }
    }
    return matrix.map { Array($0[count...]) }
  }
}
