import Compute
import Foundation
import TestSupport
import Testing

struct RealFourierTransformTests {
  /// Σ xₙ exp(−2πi kn / N), the pairs (real part, imaginary part) of k = 0 … N/2.
  static func slowTransform(_ x: [Float]) -> [Double] {
    (0...x.count / 2).flatMap { k in
      let sum = x.indices.reduce(Complex(0)) { sum, n in
        let angle = -2 * Double.pi * Double(k * n % x.count) / Double(x.count)
        return sum + Complex(Double(x[n])) * Complex(cos(angle), sin(angle))
      }
      return [sum.real, sum.imaginary]
    }
  }

  static func samples(_ length: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<length).map { _ in random.nextUniform(bound: 1) }
  }

  static func forward(_ samples: [Float]) -> [Float] {
    let transform = RealFourierTransform.ofLength(samples.count)
    var input = AlignedBuffer(samples)
    var spectrum = AlignedBuffer(count: 2 * transform.frequencyCount)
    transform.forward(&input, into: &spectrum)
    return spectrum.elements(0..<spectrum.count)
  }

  @Test(arguments: [1, 2, 7, 64, 100])
  func itIsTheSumOfTheDefinition(length: Int) {
    let samples = Self.samples(length, seed: 3)
    // Single precision, log₂ 100 ≈ 7 levels of sums.
    #expect(relativeDeviation(Self.forward(samples), from: Self.slowTransform(samples)) < 1e-6)
  }

  @Test(arguments: [1, 2, 7, 64, 100])
  func thereAndBackMultipliesByTheLength(length: Int) {
    let samples = Self.samples(length, seed: 4)
    let transform = RealFourierTransform.ofLength(length)
    var spectrum = AlignedBuffer(Self.forward(samples))
    var output = AlignedBuffer(count: length)
    transform.inverse(&spectrum, into: &output)
    let expected = samples.map { Double(length) * Double($0) }
    #expect(relativeDeviation(output.elements(0..<length), from: expected) < 1e-6)
  }

  @Test func oneTransformIsMadePerLength() {
    #expect(RealFourierTransform.ofLength(48) === RealFourierTransform.ofLength(48))
    #expect(RealFourierTransform.ofLength(48).frequencyCount == 25)
    #expect(RealFourierTransform.ofLength(47).frequencyCount == 24)
  }

  // Planning is not safe on several threads at once; the transform sees to that, and shared plans
  // give each thread its own result.
  @Test func threadsMayPlanAndTransformAtOnce() {
    let lengths = (0..<64).map { 90 + $0 % 16 }
    let expected = lengths.enumerated().map { i, length in
      Self.slowTransform(Self.samples(length, seed: UInt64(i)))
    }
    let found = Workers(count: 8).map(lengths.count) { _, i in
      Self.forward(Self.samples(lengths[i], seed: UInt64(i)))
    }
    for i in lengths.indices { #expect(relativeDeviation(found[i], from: expected[i]) < 1e-6) }
  }
}
