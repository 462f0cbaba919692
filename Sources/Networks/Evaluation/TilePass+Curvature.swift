import Compute

/// What second-order methods ask of a tile, after a backward pass with the output slopes of their choice.
///
/// `g` is what the backward pass left, ∂L/∂z of each layer, and `h` what the layer takes in; a complex
/// one counts as two real ones, its imaginary parts behind all real ones
/// (`Documentation/Math/curvature.md`).
extension TilePass {
  /// Adds `Σ g gᵀ` over the tile's samples.
  ///
  /// - Parameter rows: how many of the numbers in `g` take part, the first ones.
  package func addSlopeProducts(
    ofLayer k: Int, rows: Int, width: Int, into sums: inout AlignedBuffer, at offset: Int
  ) {
    let slopes = preactivationPlanes(of: k)
    MatrixProduct.multiply(
      slopes.buffer, by: slopes.buffer, .transposed,
      size: ProductSize(rows: rows, inner: width * Vector.scalarCount, columns: rows),
      into: &sums, at: offset, accumulating: true)
  }

  /// Adds `Σ h hᵀ` over the tile's samples, and behind it `Σ h`.
  ///
  /// It clears what stands behind the last sample, so the pass is over with it.
  package func addInputProducts(
    ofLayer k: Int, count: Int, width: Int, into sums: inout AlignedBuffer, at offset: Int,
    sumsAt sumOffset: Int
  ) {
    let plan = layout.layers[k]
    let rows = plan.inputs * (plan.field == .real ? 1 : 2)
    let samples = width * Vector.scalarCount
    let inputs = input(of: k)
    inputs.buffer.clearPadding(rows: rows, count: count, stride: samples)
    MatrixProduct.multiply(
      inputs.buffer, by: inputs.buffer, .transposed,
      size: ProductSize(rows: rows, inner: samples, columns: rows),
      into: &sums, at: offset, accumulating: true)
    inputs.buffer.addRowSums(rows: rows, width: width, to: &sums, at: sumOffset)
  }

  /// The derivative of `L` along a direction of the parameters, sample by sample: the sum over the
  /// layers of `Re ⟨g, D h + d⟩`.
  ///
  /// - Parameters:
  ///   - direction: laid out as the parameters, sums of complex weights included.
  ///   - scratch: memory for the products of any layer.
  ///   - products: `width` vectors, overwritten.
  package func multiplyJacobian(
    by direction: borrowing AlignedBuffer, from firstLayer: Int, width: Int,
    scratch: inout AlignedBuffer, into products: inout AlignedBuffer
  ) {
    products.clear(0..<width * Vector.scalarCount)
    for k in firstLayer..<layout.layers.count {
      let plan = layout.layers[k]
      let planes = k == layout.layers.count - 1 ? min(plan.field.planeCount, 2) : nil
      plan.multiply(
        direction, by: input(of: k).buffer, planes: planes, width: width, into: &scratch,
        packing: factors)
      plan.addSlopeProducts(
        preactivationPlanes(of: k).buffer, with: scratch, bias: direction, width: width,
        isLast: k == layout.layers.count - 1, to: &products)
    }
  }

  /// Floats of the scratch memory for ``multiplyJacobian(by:from:width:scratch:into:)``.
  package var scratchCount: Int {
    (layout.layers.map { $0.rows * $0.field.planeCount }.max() ?? 0) * capacity
  }
}

extension ParameterLayout.LayerPlan {
  /// Adds `Re ⟨g, D h + d⟩`, from the products of `D h` that ``multiply`` left.
  fileprivate func addSlopeProducts(
    _ g: borrowing AlignedBuffer, with z: borrowing AlignedBuffer,
    bias direction: borrowing AlignedBuffer, width: Int, isLast: Bool,
    to products: inout AlignedBuffer
  ) {
    let (g, z, bias) = (g.vectors, z.vectors, direction.floats.extracting(biasRange))
    var products = products.mutableVectors
    let plane = rows * width
    for row in 0..<rows {
      let realBias = Vector(repeating: bias[row])
      let imaginaryBias = Vector(repeating: field == .complex ? bias[rows + row] : 0)
      for i in 0..<width {
        let place = row * width + i
        guard field == .complex else {
          products[i] += g[place] * (z[place] + realBias)
          continue
        }
        let (p, q) = (z[place], z[plane + place])
        products[i] += g[place] * (p - q + realBias)
        // The imaginary part of the last layer is not a value.
        guard !isLast else { continue }
        products[i] += g[plane + place] * (z[2 * plane + place] - p - q + imaginaryBias)
      }
    }
  }
}

extension AlignedBuffer {
  fileprivate mutating func clearPadding(rows: Int, count: Int, stride: Int) {
    guard count < stride else { return }
    for row in 0..<rows { clear(row * stride + count..<(row + 1) * stride) }
  }

  fileprivate func addRowSums(
    rows: Int, width: Int, to sums: inout AlignedBuffer, at offset: Int
  ) {
    let vectors = vectors
    var sums = sums.mutableFloats
    for row in 0..<rows {
      var sum = Vector(repeating: 0)
      for i in row * width..<(row + 1) * width { sum += vectors[i] }
      sums[offset + row] += VectorMath.sum(sum)
    }
  }
}
