import Compute

/// The first layer that all blocks share, drawn once and never trained: sines of all frequencies that
/// a block's pixels can show.
public struct BlockFeatures: Sendable, Equatable {
  public let shape: BlockShape
  /// Frequencies `[features − 1, 2]`, x first, in radians per unit of the block's coordinates.
  let weight: Matrix
  let bias: [Float]

  package init(shape: BlockShape, weight: Matrix, bias: [Float]) {
    self.shape = shape
    self.weight = weight
    self.bias = bias
  }

  /// Frequencies uniform up to that of pixels that alternate, in both directions; any phases.
  package init(_ shape: BlockShape, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let highest = Double.pi * Double(shape.size) / 2
    let count = shape.features - 1
    let frequencies = (0..<2 * count).map { _ in random.nextUniform(bound: highest) }
    let phases = (0..<count).map { _ in random.nextUniform(bound: .pi) }
    self.init(
      shape: shape, weight: Matrix(rows: count, columns: 2, elements: frequencies), bias: phases)
  }

  /// The features of all pixels that a block sees, row by row, interleaved as
  /// `InterleavedProduct` takes them: the same for all blocks. Lanes behind the last pixel are zero.
  package func ofPixels() -> AlignedBuffer {
    let (side, count) = (shape.side, shape.features)
    let positions = (0..<side).map {
      Float(2 * (Double($0 - BlockShape.margin) + 0.5) / Double(shape.size) - 1)
    }
    var features = AlignedBuffer(count: shape.width * count * Vector.scalarCount)
    var target = features.mutableVectors
    for v in 0..<shape.width {
      var (x, y) = (Vector(repeating: 0), Vector(repeating: 0))
      var mask = Vector(repeating: 0)
      for lane in 0..<Vector.scalarCount where v * Vector.scalarCount + lane < shape.points {
        let point = v * Vector.scalarCount + lane
        (x[lane], y[lane]) = (positions[point % side], positions[point / side])
        mask[lane] = 1
      }
      for k in 0..<(count - 1) {
        var z = Vector(repeating: bias[k])
        z.addProduct(Vector(repeating: weight[k, 0]), x)
        z.addProduct(Vector(repeating: weight[k, 1]), y)
        target[v * count + k] = VectorMath.sin(z) * mask
      }
      target[v * count + count - 1] = mask
    }
    return features
  }
}
