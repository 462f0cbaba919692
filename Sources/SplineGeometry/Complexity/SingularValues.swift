import Compute

/// How much an affine map stretches along each of its principal directions.
///
/// For `y = A x + b` these are the singular values of A, outputs per unit of the inputs: a unit ball
/// around x becomes an ellipsoid with these half axes.
public struct SingularValues: Sendable, Equatable, Codable {
  /// `min(outputs, inputs)` numbers, the largest first.
  public let values: [Double]
  /// Dimensions of the image: values above the rounding of the largest, `max(outputs, inputs) · 2⁻⁵²`
  /// times it.
  public let rank: Int
  /// `√det AᵀA`, by which the map multiplies volumes of the dimension of its inputs: the product of
  /// the values, and 0 if there are fewer outputs than inputs.
  ///
  /// - Source: Humayun, Balestriero, Baraniuk, "MaGNET: uniform sampling from deep generative
  ///   network manifolds without retraining", ICLR 2022, arXiv:2110.08009.
  public let volumeChange: Double

  /// - Parameter values: the largest first.
  init(_ values: [Double], outputs: Int, inputs: Int) {
    self.values = values
    let rounding = Double(max(outputs, inputs)) * Double.ulpOfOne * (values.first ?? 0)
    rank = values.count { $0 > rounding }
    volumeChange = outputs < inputs ? 0 : values.reduce(1, *)
  }

  /// The largest, `‖A‖₂`: the map's Lipschitz constant between Euclidean lengths.
  public var operatorNorm: Double { values.first ?? 0 }

  /// The largest over the smallest that is not 0 (``rank`` tells which); nil for a constant map.
  public var conditionNumber: Double? { rank == 0 ? nil : values[0] / values[rank - 1] }
}

extension AffineMap {
  /// The singular values of the gradients, with rank, operator norm, condition number and change of
  /// volume.
  ///
  /// - Throws: if a gradient is not finite.
  public func singularValues() throws(MatrixSpectrumError) -> SingularValues {
    let values = try MatrixSpectrum.singularValues(of: gradients, rows: outputs, columns: inputs)
    return SingularValues(values, outputs: outputs, inputs: inputs)
  }
}
