import Compute
import Foundation

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
    let maps = derivatives(at: points, workers: workers)
    let found = workers.map(maps.count) { _, k in
      Result { () throws(MatrixSpectrumError) -> Double in
        switch norm {
        case .l1: LipschitzNorm.largestColumnSum(maps[k])
        case .l2: try maps[k].singularValues().operatorNorm
        case .lInfinity: LipschitzNorm.largestRowSum(maps[k])
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

  /// The derivatives at some points, as maps with the constants 0.
  func derivatives(at points: [[Double]], workers: Workers) -> [AffineMap] {
    let (inputs, outputs) = (inputs, outputs)
    return mapNeuronLanes(at: points, derivatives: true, workers: workers) { lanes, points in
      for layer in 0..<lanes.hiddenCount {
        lanes.evaluate(layer: layer)
        lanes.activate(layer: layer)
      }
      lanes.evaluate(layer: lanes.hiddenCount)
      return points.indices.map { point in
        let gradients = (0..<outputs).flatMap { output in
          (1...inputs).map { lanes.outputs[$0][output][point - points.startIndex] }
        }
        return AffineMap(
          inputs: inputs, gradients: gradients, constants: [Double](repeating: 0, count: outputs))
      }
    }
  }
}

extension SplineDomain {
  /// Random points all over the domain: means of its corners with exponential weights.
  func randomPoints(count: Int, seed: UInt64) -> [SIMD3<Double>] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      var (sum, weights) = (SIMD3<Double>.zero, 0.0)
      for corner in cell.positions {
        let weight = -log(1 - random.nextUnit())
        sum += weight * corner
        weights += weight
      }
      return sum / weights
    }
  }
}
