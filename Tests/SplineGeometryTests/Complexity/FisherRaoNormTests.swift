import Compute
import Foundation
import Networks
import SplineGeometry
import TestSupport
import Testing

@Suite struct FisherRaoNormTests {
  /// A point's loss by its definition.
  private func value(_ loss: PointLoss, _ f: [Double], _ t: [Double]) -> Double {
    switch loss {
    case .squaredError: return squaredLength(zip(f, t).map { $0 - $1 }) / 2
    case .logistic:
      return zip(f, t).reduce(0) { sum, pair in
        let p = 1 / (1 + exp(-pair.0))
        return sum - pair.1 * log(p) - (1 - pair.1) * log(1 - p)
      }
    case .crossEntropy:
      let sum = f.reduce(0) { $0 + exp($1) }
      return zip(f, t).reduce(0) { $0 - $1.1 * log(exp($1.0) / sum) }
    }
  }

  private func targets(_ loss: PointLoss, _ sample: SampleParameters) -> [[Double]] {
    let count = sample.spline.outputs
    return sample.points.indices.map { k in
      (0..<count).map { output in
        switch loss {
        case .squaredError: Double(k - 2 * output) / 3
        case .logistic: [0, 1, 0.25][(k + output) % 3]
        case .crossEntropy: k % count == output ? 1 : 0
        }
      }
    }
  }

  // Differences err by 1e-11; a cross entropy of one class is 0, and so is its norm.
  @Test(arguments: PointLoss.allCases)
  func itIsTheProductWithTheExplicitFisherMatrix(loss: PointLoss) throws {
    for sample in try SampleParameters.dozen()
    where loss != .crossEntropy || sample.spline.outputs > 1 {
      let targets = targets(loss, sample)
      let theta = sample.spline.parameters
      var fisher = [Double](repeating: 0, count: theta.count * theta.count)
      for (point, target) in zip(sample.points, targets) {
        let gradient = sample.differences { value(loss, $0.values(at: point), target) }
        for (i, a) in gradient.enumerated() {
          for (j, b) in gradient.enumerated() {
            fisher[i * theta.count + j] += a * b / Double(sample.points.count)
          }
        }
      }
      let square = theta.indices.reduce(0) { sum, i in
        sum + theta[i] * product(Array(fisher[i * theta.count..<(i + 1) * theta.count]), theta)
      }
      let found = try sample.spline.fisherRaoNorm(loss, at: sample.points, targets: targets)
      #expect(found.square.count == sample.points.count && square > 1e-3)
      #expect(abs(found.square.mean - square) <= 1e-8 * square, "\(sample.name)")
      #expect(abs(found.norm - square.squareRoot()) <= 1e-8 * square.squareRoot())
    }
  }

  @Test(arguments: PointLoss.allCases)
  func theClosedFormHoldsIfNoBiasStandsBehindTheFirstLayer(loss: PointLoss) throws {
    for sample in try SampleParameters.dozen() where sample.spline.outputs > 1 {
      let targets = targets(loss, sample)
      let biased = try sample.spline.fisherRaoNorm(loss, at: sample.points, targets: targets)
      // A single layer has none behind it.
      let isSingle = sample.spline.hiddenUnits.isEmpty
      #expect(biased.closedFormHolds == isSingle)
      let difference = abs(biased.norm - biased.closedFormNorm) / biased.norm
      #expect(isSingle ? difference <= 1e-13 : difference > 1e-3, "\(sample.name)")

      for first in [0, 1] {
        let unbiased = try sample.changed { maps in
          for l in maps.indices.dropFirst(first) {
            maps[l] = LinearMap(weight: maps[l].weight, bias: maps[l].bias.map { _ in 0 })
          }
        }
        let found = try unbiased.spline.fisherRaoNorm(loss, at: sample.points, targets: targets)
        #expect(found.closedFormHolds && found.norm > 0)
        #expect(abs(found.norm - found.closedFormNorm) <= 1e-13 * found.norm)
      }
    }
  }

  @Test func theClosedFormIsThatOfThePaper() throws {
    let sample = try SampleParameters([3, 7, 6, 2], seed: 3, pointCount: 40)
    let derivatives = targets(.squaredError, sample)
    let found = try sample.spline.fisherRaoNorm(
      at: sample.points, lossDerivatives: derivatives)
    // Two hidden layers.
    let squares = zip(sample.points, derivatives).map { point, slopes in
      9 * pow(product(sample.spline.values(at: point), slopes), 2)
    }
    #expect(
      relativeDeviation([found.closedFormSquare.mean], from: [squares.reduce(0, +) / 40])
        <= 1e-13)
  }

  @Test func residualsAreTheSquaredErrorsDerivatives() throws {
    let sample = try SampleParameters([3, 7, 6, 2], seed: 3, pointCount: 300)
    let targets = targets(.squaredError, sample)
    let residuals = zip(sample.points, targets).map { point, target in
      zip(sample.spline.values(at: point), target).map { $0 - $1 }
    }
    let found = try sample.spline.fisherRaoNorm(.squaredError, at: sample.points, targets: targets)
    let twin = try sample.spline.fisherRaoNorm(at: sample.points, lossDerivatives: residuals)
    #expect(abs(found.norm - twin.norm) <= 1e-13 * twin.norm)
    for threads in [1, 2, 3] {
      let again = try sample.spline.fisherRaoNorm(
        .squaredError, at: sample.points, targets: targets, workers: Workers(count: threads))
      #expect(again == found)
    }
    let data = try JSONEncoder().encode(found)
    #expect(try JSONDecoder().decode(FisherRaoNorm.self, from: data) == found)
  }

  @Test func largeValuesHaveFiniteDerivatives() throws {
    let spline = try SampleSpline.spline([([[1000], [-1000]], [0, 0])])
    for loss in [PointLoss.logistic, .crossEntropy] {
      let norm = try spline.fisherRaoNorm(loss, at: [[1], [-1]], targets: [[0, 1], [0, 1]])
      #expect(norm.norm.isFinite && norm.norm > 100)
    }
  }
}
