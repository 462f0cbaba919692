import Compute

/// How much a network stretches at sampled points: a lower bound of its Lipschitz constant, for any
/// number of inputs.
public struct LipschitzSample: Sendable, Equatable, Codable {
  public let norm: LipschitzNorm
  /// The largest of the sample; the constant on a domain that has the points is not below it.
  public let largest: Double
  /// The point of the sample where it is.
  public let point: [Double]
  /// ‖A‖ over the sample.
  public let distribution: SampleDistribution
}

extension SplineNetwork {
  /// The norms of the affine maps at some points; upper bounds are those of ``norms()``.
  ///
  /// - Units: values per coordinate.
  /// - Throws: if derivatives are not finite.
  /// - Precondition: there is a point.
  public func lipschitzSample(
    at points: [[Double]], norm: LipschitzNorm = .l2, workers: Workers = Workers()
  ) throws(MatrixSpectrumError) -> LipschitzSample {
    precondition(!points.isEmpty, "no points have no derivatives")
    let outputs = outputs
    let found = mapNeuronLanes(at: points, derivatives: true, workers: workers) { lanes, points in
      for layer in 0..<lanes.hiddenCount {
        lanes.evaluate(layer: layer)
        lanes.activate(layer: layer)
      }
      lanes.evaluate(layer: lanes.hiddenCount)
      return points.indices.map { point in
        let lane = point - points.startIndex
        let inputs = lanes.columnCount - 1
        let gradients = (0..<outputs).flatMap { output in
          (1...inputs).map { lanes.outputs[$0 * outputs + output][lane] }
        }
        let map = AffineMap(
          inputs: inputs, gradients: gradients,
          constants: [Double](repeating: 0, count: outputs))
        return Result { () throws(MatrixSpectrumError) -> Double in
          switch norm {
          case .l1: LipschitzNorm.largestColumnSum(map)
          case .l2: try map.singularValues().operatorNorm
          case .lInfinity: LipschitzNorm.largestRowSum(map)
          }
        }
      }
    }
    var values: [Double] = []
    for result in found { values.append(try result.get()) }
    guard let distribution = SampleDistribution(of: values),
      let place = values.firstIndex(of: distribution.maximum)
    else { preconditionFailure("derivatives are finite") }
    return LipschitzSample(
      norm: norm, largest: distribution.maximum, point: points[place], distribution: distribution)
  }
}
