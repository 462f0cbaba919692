import Compute

/// The three products of a layer over a tile, plane by plane; `width` is that of the tile in vectors.
/// Complex ones are left as products for the activation to combine
/// (`Documentation/Math/complex-products.md`).
extension ParameterLayout.LayerPlan {
  /// `z = W h`.
  ///
  /// - Parameters:
  ///   - planes: how many of the products are wanted; by default all.
  ///   - factors: the thread's memory for packed factors.
  func multiply(
    _ parameters: borrowing AlignedBuffer, by h: borrowing AlignedBuffer, planes: Int? = nil,
    width: Int, into z: inout AlignedBuffer, packing factors: PackedFactors
  ) {
    let samples = width * Vector.scalarCount
    for plane in 0..<(planes ?? field.planeCount) {
      MatrixProduct.multiply(
        parameters, from: weightOffset + plane * weightPlane,
        by: h, from: plane * inputs * samples,
        size: ProductSize(rows: rows, inner: inputs, columns: samples),
        into: &z, at: plane * rows * samples, packing: factors)
    }
  }

  /// `∂L/∂h = Wᴴ · ∂L/∂z`.
  func multiplyAdjoint(
    _ parameters: borrowing AlignedBuffer, by z: borrowing AlignedBuffer, width: Int,
    into g: inout AlignedBuffer, packing factors: PackedFactors
  ) {
    let samples = width * Vector.scalarCount
    for plane in 0..<field.planeCount {
      MatrixProduct.multiply(
        parameters, from: weightOffset + plane * weightPlane, .transposed,
        by: z, from: plane * rows * samples,
        size: ProductSize(rows: inputs, inner: rows, columns: samples),
        into: &g, at: plane * inputs * samples, packing: factors)
    }
  }

  /// `∂L/∂W = ∂L/∂z · hᵀ`, or added to what `gradient` holds when `accumulating`.
  func accumulateWeights(
    _ z: borrowing AlignedBuffer, by h: borrowing AlignedBuffer, width: Int, accumulating: Bool,
    into gradient: inout AlignedBuffer, packing factors: PackedFactors
  ) {
    let samples = width * Vector.scalarCount
    for plane in 0..<field.planeCount {
      MatrixProduct.multiply(
        z, from: plane * rows * samples, by: h, from: plane * inputs * samples, .transposed,
        size: ProductSize(rows: rows, inner: samples, columns: inputs),
        into: &gradient, at: weightOffset + plane * weightPlane, accumulating: accumulating,
        packing: factors)
    }
  }
}
