import Compute
import Foundation

/// A loss of one point, of which the Fisher-Rao norm takes the gradient.
public enum PointLoss: String, Sendable, Codable, CaseIterable {
  /// `½ ‖f − t‖²`.
  case squaredError = "squared-error"
  /// For each output by itself the cross entropy of the probability `1 / (1 + exp(−f))`, with targets
  /// in [0, 1].
  case logistic
  /// The cross entropy of the probabilities `softmax(f)`, with a target of each class, 1 in all.
  case crossEntropy = "cross-entropy"

  /// ∂ℓ/∂f of each output.
  func derivatives(_ values: [Double], targets: [Double]) -> [Double] {
    switch self {
    case .squaredError: return zip(values, targets).map { $0 - $1 }
    case .logistic: return zip(values, targets).map { 1 / (1 + exp(-$0)) - $1 }
    case .crossEntropy:
      let largest = values.max() ?? 0
      let shares = values.map { exp($0 - largest) }
      let (sum, weight) = (shares.reduce(0, +), targets.reduce(0, +))
      return zip(shares, targets).map { $0 / sum * weight - $1 }
    }
  }
}

/// The Fisher-Rao norm `‖θ‖_fr` of a network's parameters, `‖θ‖_fr² = ⟨θ, I(θ) θ⟩` with
/// `I(θ) = E[∇ℓ ∇ℓᵀ]`, ∇ℓ the gradient of a point's loss by all parameters.
///
/// - Units: those of the loss.
/// - Source: Liang, Poggio, Rakhlin, Stokes, "Fisher-Rao metric, geometry, and complexity of neural
///   networks", AISTATS 2019, arXiv:1711.01530.
public struct FisherRaoNorm: Sendable, Equatable, Codable {
  /// `‖θ‖_fr²` by its definition, for any network: the mean over the points of `⟨θ, ∇ℓ⟩²`.
  public let square: SampleMean
  /// The paper's closed form for networks without biases, `(L + 1)² E⟨∂ℓ/∂f, f⟩²` with L hidden
  /// layers.
  public let closedFormSquare: SampleMean
  /// Whether all biases behind the first layer are 0. Then both squares are the same number; if not,
  /// ``norm`` is the Fisher-Rao norm, and the closed form another number.
  public let closedFormHolds: Bool

  /// `‖θ‖_fr`.
  public var norm: Double { square.mean.squareRoot() }
  /// The root of the closed form.
  public var closedFormNorm: Double { closedFormSquare.mean.squareRoot() }
}

extension SplineNetwork {
  /// The Fisher-Rao norm for a loss at points with targets.
  ///
  /// - Shapes: targets `[points][outputs]`.
  /// - Precondition: there is a point.
  /// - Throws: if a layer has linear units.
  public func fisherRaoNorm(
    _ loss: PointLoss, at points: [[Double]], targets: [[Double]], workers: Workers = Workers()
  ) throws(SplineNetworkError) -> FisherRaoNorm {
    check(targets, of: points, "targets")
    return try fisherRaoNorm(at: points, workers: workers) {
      loss.derivatives($0, targets: targets[$1])
    }
  }

  /// The Fisher-Rao norm for any loss, from its derivatives ∂ℓ/∂f at the points: the residuals f − t
  /// for half the squared error.
  ///
  /// - Shapes: derivatives `[points][outputs]`.
  /// - Precondition: there is a point.
  /// - Throws: if a layer has linear units.
  public func fisherRaoNorm(
    at points: [[Double]], lossDerivatives: [[Double]], workers: Workers = Workers()
  ) throws(SplineNetworkError) -> FisherRaoNorm {
    check(lossDerivatives, of: points, "derivatives")
    return try fisherRaoNorm(at: points, workers: workers) { lossDerivatives[$1] }
  }

  private func check(_ rows: [[Double]], of points: [[Double]], _ name: String) {
    precondition(rows.count == points.count, "\(points.count) points have \(rows.count) \(name)")
    for row in rows {
      precondition(row.count == outputs, "\(outputs) outputs have \(row.count) \(name)")
    }
  }

  /// With `v = ∂ℓ/∂f` and δ the sensitivities of `v · f`, layer l gives
  /// `⟨W, δ aᵀ⟩ + ⟨b, δ⟩ = δ · (W a + b) = δ · z` of `⟨θ, ∇ℓ⟩`.
  private func fisherRaoNorm(
    at points: [[Double]], workers: Workers,
    _ derivatives: @Sendable (_ values: [Double], _ point: Int) -> [Double]
  ) throws(SplineNetworkError) -> FisherRaoNorm {
    try checkParameters()
    let groups = mapParameterLanes(at: points, workers: workers) { lanes, points in
      let values = lanes.values
      var weights = [ParameterLanes.Lanes](repeating: .zero, count: outputs)
      for (lane, point) in points.enumerated() {
        let slopes = derivatives(values.map { $0[lane] }, point)
        for (k, slope) in slopes.enumerated() { weights[k][lane] = slope }
      }
      lanes.pullBack(weights)
      let products = layers.indices.map { l in
        zip(lanes.sensitivities[l], lanes.preactivations[l]).reduce(.zero) { $0 + $1.0 * $1.1 }
      }
      let whole = products.reduce(.zero, +)
      let last = Double(layers.count) * products[layers.count - 1]
      return points.enumerated().map { lane, _ in
        (whole: whole[lane] * whole[lane], last: last[lane] * last[lane])
      }
    }
    let squares = groups.flatMap { $0 }
    return FisherRaoNorm(
      square: SampleMean(of: squares.map(\.whole)),
      closedFormSquare: SampleMean(of: squares.map(\.last)),
      closedFormHolds: layers.dropFirst().allSatisfy { $0.biases.allSatisfy { $0 == 0 } })
  }
}
