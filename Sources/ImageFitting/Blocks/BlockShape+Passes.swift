import Compute

/// The steps of a pass through a block's network, forward and backward, over all pixels that
/// it sees.
extension BlockShape {
  /// `z = W₂ φ`.
  func multiply(
    _ parameters: borrowing AlignedBuffer, by features: borrowing AlignedBuffer,
    into z: inout AlignedBuffer
  ) {
    var z = z.mutableVectors
    InterleavedProduct.multiply(
      parameters.floats, by: features.vectors, rows: units, features: self.features, width: width,
      into: &z)
  }

  /// `h = sin z`.
  func takeSines(
    of z: borrowing AlignedBuffer, into h: inout AlignedBuffer
  ) {
    let z = z.vectors
    var h = h.mutableVectors
    for i in 0..<(units * width) { h[i] = VectorMath.sin(z[i]) }
  }

  /// `h = sin z`, and `cos z` in the place of `z`.
  func takeSinesAndCosines(of z: inout AlignedBuffer, into h: inout AlignedBuffer) {
    var z = z.mutableVectors
    var h = h.mutableVectors
    for i in 0..<(units * width) { (h[i], z[i]) = VectorMath.sinAndCos(z[i]) }
  }

  /// `W₃ [h, 1]`.
  func combine(
    _ h: borrowing AlignedBuffer, parameters: borrowing AlignedBuffer,
    into outputs: inout AlignedBuffer
  ) {
    let w = parameters.floats
    let h = h.vectors
    var outputs = outputs.mutableVectors
    for c in 0..<channels {
      let row = hiddenCount + c * (units + 1)
      for v in 0..<width {
        var sum = Vector(repeating: w[row + units])
        for i in 0..<units { sum.addProduct(Vector(repeating: w[row + i]), h[i * width + v]) }
        outputs[c * width + v] = sum
      }
    }
  }

  /// Takes the targets off the outputs; returns the sum of the squares.
  ///
  /// - Parameter mask: 1 in the lanes of points, 0 behind them.
  func subtract(
    _ targets: borrowing AlignedBuffer, mask: borrowing AlignedBuffer,
    from outputs: inout AlignedBuffer
  ) -> Float {
    let y = targets.vectors
    let mask = mask.vectors
    var r = outputs.mutableVectors
    var sum = Vector(repeating: 0)
    for c in 0..<channels {
      for v in 0..<width {
        let i = c * width + v
        r[i] = (r[i] - y[i]) * mask[v]
        sum.addProduct(r[i], r[i])
      }
    }
    return VectorMath.sum(sum)
  }

  /// ∂L/∂W₃ from ∂L/∂outputs.
  func differentiateOutputs(
    _ r: borrowing AlignedBuffer, _ h: borrowing AlignedBuffer,
    into gradient: inout AlignedBuffer
  ) {
    let r = r.vectors
    let h = h.vectors
    var gradient = gradient.mutableFloats
    for c in 0..<channels {
      let row = hiddenCount + c * (units + 1)
      for i in 0..<units {
        var sum = Vector(repeating: 0)
        for v in 0..<width { sum.addProduct(r[c * width + v], h[i * width + v]) }
        gradient[row + i] = VectorMath.sum(sum)
      }
      var sum = Vector(repeating: 0)
      for v in 0..<width { sum += r[c * width + v] }
      gradient[row + units] = VectorMath.sum(sum)
    }
  }

  /// ∂L/∂z from ∂L/∂outputs, in the place of the cosines.
  func propagate(
    _ r: borrowing AlignedBuffer, parameters: borrowing AlignedBuffer,
    into cosines: inout AlignedBuffer
  ) {
    let r = r.vectors
    let w = parameters.floats
    var g = cosines.mutableVectors
    for i in 0..<units {
      for v in 0..<width {
        var sum = Vector(repeating: 0)
        for c in 0..<channels {
          let factor = Vector(repeating: w[hiddenCount + c * (units + 1) + i])
          sum.addProduct(factor, r[c * width + v])
        }
        g[i * width + v] *= sum
      }
    }
  }

  /// ∂L/∂W₂ from ∂L/∂z.
  func differentiateHidden(
    _ g: borrowing AlignedBuffer, features: borrowing AlignedBuffer,
    into gradient: inout AlignedBuffer
  ) {
    var gradient = gradient.mutableFloats
    InterleavedProduct.innerProducts(
      of: g.vectors, with: features.vectors, rows: units, features: self.features, width: width,
      into: &gradient)
  }
}
