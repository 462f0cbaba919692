import Compute

/// Norms of a network's weights that bound how much it can stretch, and their parts by layer.
///
/// A path goes from an input through one unit of each layer to an output. Biases count nowhere: they
/// move values, not slopes. For a network compiled from one with connections that skip layers, the
/// path norms are those of the original graph, as values are carried by weights of 1; products over
/// layers depend on the compiled chain.
///
/// Each bound is one for all of space. With `s` for ``slopeFactor``, which is 1 for ReLU, any points
/// x and y, and any derivative A:
///
///     ‖f(x) − f(y)‖₂ ≤ s · spectralProduct · ‖x − y‖₂ ≤ s · frobeniusProduct · ‖x − y‖₂
///     ‖f(x) − f(y)‖₁ ≤ s · pathNormL1 · ‖x − y‖∞
///     ‖A‖_F ≤ s · √(widths' product) · pathNormL2
///
/// - Source: Neyshabur, Tomioka, Srebro, "Norm-based capacity control in neural networks", COLT 2015,
///   arXiv:1503.00036 (path norms); Bartlett, Foster, Telgarsky, "Spectrally-normalized margin bounds
///   for neural networks", NeurIPS 2017, arXiv:1706.08498 (spectral product).
public struct NetworkNorms: Sendable, Equatable, Codable {
  /// ‖W‖₂ of each layer: its largest singular value.
  public let spectralNorms: [Double]
  /// ‖W‖_F of each layer: the root of the sum of its squared weights.
  public let frobeniusNorms: [Double]
  /// The sum over all paths of the absolute value of the product of a path's weights.
  ///
  /// Between any p-norm on the inputs and any q-norm on the outputs, `slopeFactor` times it bounds the
  /// Lipschitz constant: `‖·‖_q ≤ ‖·‖₁` there and `‖·‖∞ ≤ ‖·‖_p` here.
  public let pathNormL1: Double
  /// The root of the sum over all paths of the squared product of a path's weights.
  ///
  /// By itself it bounds no slope, but the capacity of all networks for which it is as small.
  public let pathNormL2: Double
  /// The product over the hidden layers of the largest absolute slope that a unit has, 1 at least.
  public let slopeFactor: Double
  /// Paths from one input to one output, the product of the hidden layers' widths.
  public let pathsPerPair: Double

  /// Π ‖W‖₂.
  public var spectralProduct: Double { spectralNorms.reduce(1, *) }
  /// Π ‖W‖_F.
  public var frobeniusProduct: Double { frobeniusNorms.reduce(1, *) }
  /// `s · spectralProduct`, a bound of the Lipschitz constant between Euclidean lengths.
  public var spectralBound: Double { slopeFactor * spectralProduct }
  /// `s · √(widths' product) · pathNormL2`, a bound of the same by the path norm l2.
  public var pathBoundL2: Double { slopeFactor * pathsPerPair.squareRoot() * pathNormL2 }

  /// - Throws: if a weight is not finite.
  init(_ layers: [SplineNetwork.Layer]) throws(MatrixSpectrumError) {
    var spectralNorms: [Double] = []
    for layer in layers {
      let values = try MatrixSpectrum.singularValues(
        of: layer.weights, rows: layer.units, columns: layer.inputs)
      spectralNorms.append(values.first ?? 0)
    }
    self.spectralNorms = spectralNorms
    frobeniusNorms = layers.map { $0.weights.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    pathNormL1 = Self.pathSum(layers) { abs($0) }
    pathNormL2 = Self.pathSum(layers) { $0 * $0 }.squareRoot()
    slopeFactor = layers.reduce(1) { product, layer in
      product * (layer.slopes ?? []).reduce(1) { max($0, abs($1)) }
    }
    pathsPerPair = layers.dropLast().reduce(1) { $0 * Double($1.units) }
  }

  /// The sum over all paths of the product of `size(weight)`, layer by layer: what arrives at a unit
  /// is the sum over the paths that end there.
  private static func pathSum(
    _ layers: [SplineNetwork.Layer], _ size: (Double) -> Double
  ) -> Double {
    var arriving = [Double](repeating: 1, count: layers[0].inputs)
    for layer in layers {
      arriving = (0..<layer.units).map { unit in
        (0..<layer.inputs).reduce(0) {
          $0 + size(layer.weights[unit * layer.inputs + $1]) * arriving[$1]
        }
      }
    }
    return arriving.reduce(0, +)
  }
}

extension SplineNetwork {
  /// Spectral, Frobenius and path norms of the weights.
  ///
  /// - Throws: never for weights of a file, which are finite.
  public func norms() throws(MatrixSpectrumError) -> NetworkNorms { try NetworkNorms(layers) }
}
