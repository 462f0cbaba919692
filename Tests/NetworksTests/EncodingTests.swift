import Compute
import Foundation
import Networks
import TestSupport
import Testing

/// Encodings alone: behind them stands a linear layer that picks one feature after the other.
@Suite struct EncodingTests {
  @Test func positionalFeaturesStandInTheOrderOfTheDocumentation() throws {
    let x: [Float] = [0.3, -0.7]
    let features = try features(of: .positional(frequencies: 3), at: x)
    var expected = x.map(Double.init)
    for k in 0..<3 {
      expected += x.map { sin(pow(2, Double(k)) * .pi * Double($0)) }
      expected += x.map { cos(pow(2, Double(k)) * .pi * Double($0)) }
    }
    #expect(features.count == 14)
    // The phase 4π · 0.7 ≈ 9 is rounded to 5e-7.
    #expect(relativeDeviation(features, from: expected) <= 1e-6)
  }

  @Test func fourierFeaturesStandInTheOrderOfTheDocumentation() throws {
    let frequencies = Matrix(rows: 3, columns: 2, elements: [1, 0, 0, 2, -0.5, 1.5])
    let features = try features(of: .fourier(frequencies), at: [0.3, -0.7])
    let phases = [0.3, -1.4, -1.2].map { 2 * .pi * $0 }
    let expected = phases.map { sin($0) } + phases.map { cos($0) }
    #expect(features.count == 6)
    #expect(relativeDeviation(features, from: expected) <= 2e-6)
  }

  static let encodings: [Encoding] = [
    .none, .positional(frequencies: 2), .fourier(features: 5, inputs: 2, scale: 0.7, seed: 3),
    SampleNetwork.make("relu", features: .init(SampleNetwork.grid)).encoding,
  ]

  @Test(arguments: encodings)
  func featureCountIsThatOfTheFeatures(encoding: Encoding) throws {
    #expect(try features(of: encoding, at: [0.1, 0.2]).count == encoding.featureCount(inputs: 2))
  }

  @Test(arguments: encodings)
  func derivativesAreTheTwins(encoding: Encoding) throws {
    let network = try picker(encoding)
    var random = SplitMix64(seed: 41)
    let points = Matrix.random(33, 2, using: &random)
    let jacobian = network.jacobian(at: points)
    let expected = ReferenceNetwork(network).jacobian(at: points)
    #expect(relativeDeviation(jacobian.elements, from: expected) <= 2e-6)
  }

  @Test func fourierFrequenciesAreNormalAndSeeded() throws {
    guard
      case .fourier(let matrix) = Encoding.fourier(features: 5_000, inputs: 2, scale: 3, seed: 8)
    else {
      Issue.record("not a Fourier encoding")
      return
    }
    #expect(matrix.rows == 5_000 && matrix.columns == 2)
    let square = matrix.elements.reduce(0) { $0 + Double($1) * Double($1) } / 10_000
    #expect(abs(square - 9) <= 9 * 5 * (2.0 / 10_000).squareRoot())  // 5 standard errors
    #expect(
      Encoding.fourier(features: 4, inputs: 2, scale: 3, seed: 8)
        == .fourier(features: 4, inputs: 2, scale: 3, seed: 8))
    #expect(
      Encoding.fourier(features: 4, inputs: 2, scale: 3, seed: 8)
        != .fourier(features: 4, inputs: 2, scale: 3, seed: 9))
  }

  private func picker(_ encoding: Encoding) throws -> Network {
    let count = encoding.featureCount(inputs: 2)
    var weight = Matrix(rows: count, columns: count)
    for i in 0..<count { weight[i, i] = 1 }
    let map = LinearMap(weight: weight, bias: [Float](repeating: 0, count: count))
    return try Network(inputs: 2, encoding: encoding, layers: [Layer(map)])
  }

  private func features(of encoding: Encoding, at x: [Float]) throws -> [Float] {
    try picker(encoding).values(at: Matrix(rows: 1, columns: 2, elements: x)).elements
  }
}
