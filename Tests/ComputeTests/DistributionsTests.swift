import Compute
import Foundation
import TestSupport
import Testing

/// Moments of the distributions; 5 standard errors fail by chance once in two million seeds.
@Suite struct DistributionsTests {
  static let count = 200_000

  @Test func unitIsUniform() {
    var random = SplitMix64(seed: 11)
    let sample = (0..<Self.count).map { _ in random.nextUnit() }
    #expect(sample.allSatisfy { (0..<1).contains($0) })
    expectMoments(of: sample, mean: 0.5, variance: 1.0 / 12, fourth: 1.0 / 80)
  }

  @Test func uniformStaysWithinItsBound() {
    var random = SplitMix64(seed: 12)
    let sample = (0..<Self.count).map { _ in Double(random.nextUniform(bound: 3)) }
    #expect(sample.allSatisfy { abs($0) <= 3 })
    #expect((sample.max() ?? 0) > 2.99 && (sample.min() ?? 0) < -2.99)
    expectMoments(of: sample, mean: 0, variance: 9.0 / 3, fourth: 81.0 / 5)
  }

  @Test func normalIsStandard() {
    var random = SplitMix64(seed: 13)
    let sample = (0..<Self.count).map { _ in random.nextNormal() }
    expectMoments(of: sample, mean: 0, variance: 1, fourth: 3)
    // P(|x| > 2) = 0.0455.
    let share = Double(sample.filter { abs($0) > 2 }.count) / Double(Self.count)
    #expect(abs(share - 0.0455) <= 5 * (0.0455 * 0.9545 / Double(Self.count)).squareRoot())
  }

  /// Means on both sides of 10, where the algorithm changes, and the photon counts of pictures.
  @Test(arguments: [0.01, 1, 9.99, 10, 10.01, 30, 1_000, 1e6])
  func poissonHasItsMeanForVariance(mean: Double) {
    var random = SplitMix64(seed: 14)
    let sample = (0..<Self.count).map { _ in Double(random.nextPoisson(mean: mean)) }
    #expect(sample.allSatisfy { $0 >= 0 })
    expectMoments(of: sample, mean: mean, variance: mean, fourth: 3 * mean * mean + mean)
  }

  @Test(arguments: [2.5, 10, 12, 40])
  func poissonHasItsProbabilities(mean: Double) {
    var random = SplitMix64(seed: 15)
    let count = 1_000_000
    var counts = [Int](repeating: 0, count: 200)
    for _ in 0..<count { counts[min(random.nextPoisson(mean: mean), 199)] += 1 }
    // Pearson's statistic over all numbers that are expected at least 10 times: its mean is their
    // count, its variance twice that.
    var (statistic, cells) = (0.0, 0.0)
    for k in counts.indices {
      let probability = exp(Double(k) * log(mean) - mean - lgamma(Double(k) + 1))
      let expected = probability * Double(count)
      guard expected >= 10 else { continue }
      statistic += (Double(counts[k]) - expected) * (Double(counts[k]) - expected) / expected
      cells += 1
    }
    #expect(cells > 8)
    #expect(statistic <= cells + 5 * (2 * cells).squareRoot())
  }

  @Test func poissonOfMeanZeroIsZero() {
    var random = SplitMix64(seed: 16)
    #expect((0..<1000).allSatisfy { _ in random.nextPoisson(mean: 0) == 0 })
  }

  @Test(arguments: [1, 2, 3, 7, 1000])
  func indicesAreEvenlySpread(bound: Int) {
    var random = SplitMix64(seed: 17)
    var counts = [Int](repeating: 0, count: bound)
    for _ in 0..<Self.count { counts[random.nextIndex(below: bound)] += 1 }
    let expected = Double(Self.count) / Double(bound)
    #expect(counts.allSatisfy { abs(Double($0) - expected) <= 5 * expected.squareRoot() })
  }

  @Test(arguments: [0, 1, 2, 1000])
  func permutationHoldsEachNumberOnce(count: Int) {
    var random = SplitMix64(seed: 18)
    let order = random.permutation(of: count)
    #expect(order.sorted() == (0..<Int32(count)).map { $0 })
    if count == 1000 { #expect(order != order.sorted()) }
  }

  @Test func permutationsAreEquallyLikely() {
    var random = SplitMix64(seed: 19)
    var counts: [[Int32]: Int] = [:]
    for _ in 0..<60_000 { counts[random.permutation(of: 3), default: 0] += 1 }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { abs(Double($0) - 10_000) <= 500 })  // 5 · √10 000
  }

  /// - Parameter fourth: the central fourth moment, which tells how far a sample's variance strays.
  private func expectMoments(
    of sample: [Double], mean: Double, variance: Double, fourth: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let count = Double(sample.count)
    let found = sample.reduce(0, +) / count
    let foundVariance = sample.reduce(0) { $0 + ($1 - found) * ($1 - found) } / count
    let meanError = (variance / count).squareRoot()
    let varianceError = ((fourth - variance * variance) / count).squareRoot()
    #expect(abs(found - mean) <= 5 * meanError, sourceLocation: sourceLocation)
    #expect(abs(foundVariance - variance) <= 5 * varianceError, sourceLocation: sourceLocation)
  }
}
