import Compute
import Foundation
import Testing
import Tomography

struct PhotonNoiseTests {
  private func constant(_ value: Float, count: Int = 40_000) -> Matrix {
    Matrix(rows: 100, columns: count / 100, elements: [Float](repeating: value, count: count))
  }

  /// −ln of a count has, to second order, a mean of p + v/2 and the variance v = (I + σₑ²)/I².
  @Test(arguments: [(1e4, 0.0, Float(1.5)), (1e4, 20, 3), (300, 3, 0.2)])
  func logarithmsHaveTheMomentsOfTheCounts(photons: Double, electronic: Double, value: Float) {
    let noise = PhotonNoise(photons: photons, electronicNoise: electronic)
    let seen = noise.applied(to: constant(value), seed: 3)
    let samples = seen.sinogram.elements.map(Double.init)
    let mean = samples.reduce(0, +) / 40_000
    let variance = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 39_999
    let count = photons * exp(-Double(value))
    let expected = (count + electronic * electronic) / (count * count)
    #expect(seen.clampedCount == 0)
    // Five standard errors; the third order of the mean is of the size v².
    #expect(
      abs(mean - Double(value) - expected / 2)
        < 5 * (expected / 40_000).squareRoot() + expected * expected)
    // The standard error is √(2/n) = 0.7 %; the next order is about 3 v.
    #expect(abs(variance / expected - 1) < 0.035 + 4 * expected)
  }

  @Test func theSameSeedGivesTheSameNoise() {
    let noise = PhotonNoise(photons: 1000, electronicNoise: 2)
    let sinogram = constant(1, count: 500)
    #expect(noise.applied(to: sinogram, seed: 8) == noise.applied(to: sinogram, seed: 8))
    #expect(
      noise.applied(to: sinogram, seed: 8).sinogram
        != noise.applied(to: sinogram, seed: 9).sinogram)
  }

  @Test func manyPhotonsLeaveTheSinogramAsItIs() {
    let sinogram = constant(2, count: 500)
    let seen = PhotonNoise(photons: 1e14).applied(to: sinogram, seed: 1)
    // 1 / √(10¹⁴ e⁻²) = 3e-7 and the rounding of 2.
    #expect(seen.sinogram.elements.allSatisfy { abs($0 - 2) < 3e-6 })
    #expect(seen.weights.elements.allSatisfy { abs($0 - 1) < 1e-4 })
  }

  @Test func moreLightThanCanBeCountedIsFound() throws {
    var sinogram = constant(1, count: 500)
    let noise = PhotonNoise(photons: 1e6)
    #expect(noise.overflow(in: sinogram) == nil)
    sinogram.elements[123] = -20
    #expect(noise.overflow(in: sinogram) == nil)
    #expect(noise.applied(to: sinogram, seed: 1).counts.elements[123] > 4e14)
    let place = (123 / sinogram.columns, 123 % sinogram.columns)
    for value: Float in [-30, -1e5, -.infinity, .nan] {
      sinogram.elements[123] = value
      #expect(try #require(noise.overflow(in: sinogram)) == place)
    }
  }

  @Test func raysWithoutPhotonsAreClampedAndCounted() {
    let seen = PhotonNoise(photons: 100).applied(to: constant(20, count: 1000), seed: 1)
    // The mean count is 2e-7.
    #expect(seen.clampedCount == 1000)
    #expect(seen.counts.elements.allSatisfy { $0 == 0 })
    #expect(seen.sinogram.elements.allSatisfy { abs(Double($0) - log(200)) < 1e-5 })
  }

  @Test func thePeakSetsTheAttenuationAndTheUnitStays() {
    var sinogram = constant(50, count: 10_000)
    for i in sinogram.elements.indices where i % 2 == 1 { sinogram.elements[i] = 25 }
    let seen = PhotonNoise(photons: 1e6, attenuation: .peak(4)).applied(to: sinogram, seed: 2)
    #expect(abs(seen.attenuationFactor - 0.08) < 1e-12)
    let counts = seen.counts.elements.map(Double.init)
    let means = [0, 1].map { odd in
      stride(from: odd, to: 10_000, by: 2).reduce(0) { $0 + counts[$1] } / 5000
    }
    #expect(abs(means[0] / (1e6 * exp(-4)) - 1) < 1e-3)
    #expect(abs(means[1] / (1e6 * exp(-2)) - 1) < 1e-3)
    #expect(abs(seen.sinogram.elements[0] - 50) < 1 && abs(seen.sinogram.elements[1] - 25) < 0.3)
    #expect(
      PhotonNoise(photons: 10, attenuation: .peak(4)).applied(to: constant(0), seed: 1)
        .attenuationFactor == 1)
  }

  @Test func weightsAreInverseVariancesOfMeanOne() {
    var sinogram = constant(0, count: 2000)
    for i in sinogram.elements.indices where i % 2 == 1 { sinogram.elements[i] = 2 }
    let noise = PhotonNoise(photons: 1e6, electronicNoise: 100)
    let weights = noise.applied(to: sinogram, seed: 5).weights
    let mean = weights.elements.reduce(0.0) { $0 + Double($1) } / 2000
    #expect(abs(mean - 1) < 1e-6)
    let ratio = noise.variance(ofLogarithmAt: 1e6 * exp(-2)) / noise.variance(ofLogarithmAt: 1e6)
    let found = Double(weights.elements[0] / weights.elements[1])
    // Single counts stray by 1/√135 000 = 0.3 %.
    #expect(ratio > 5 && abs(found / ratio - 1) < 0.02)
    let plain = StatisticalWeights.fromAttenuation(sinogram)
    #expect(abs(Double(plain.elements[0] / plain.elements[1]) - exp(2)) < 1e-4)
  }
}
