import Compute
import Networks
import SplineGeometry
import TestSupport
import Testing

/// What changes of the parameters that leave the function alone do to its measures.
@Suite struct ParameterInvarianceTests {
  private struct Measures {
    let values, fisherRao, pathNorms, products, sensitivities, kernel: [Double]

    init(_ sample: SampleParameters) throws {
      let (spline, points) = (sample.spline, sample.points)
      let norms = try spline.norms()
      values = spline.values(at: points).flatMap { $0 }
      fisherRao = try PointLoss.allCases.map { loss in
        let targets = points.map { _ in (0..<spline.outputs).map { $0 == 0 ? 1.0 : 0 } }
        return try spline.fisherRaoNorm(loss, at: points, targets: targets).norm
      }
      pathNorms = [norms.pathNormL1, norms.pathNormL2]
      products = [norms.spectralProduct, norms.frobeniusProduct]
      sensitivities = try spline.tangentSensitivity(at: points)
      kernel = try spline.neuralTangentKernel(at: points).values
    }
  }

  private static func samples(slope: Float?) throws -> [SampleParameters] {
    try (0..<12).map { seed in
      try SampleParameters([3, 8, 12, 6, 2], slope: slope, seed: seed, pointCount: 12)
    }
  }

  // Sums of at most a few thousand numbers in another order.
  @Test(arguments: [nil, Float(0.125)]) func permutingNeuronsChangesNothing(slope: Float?) throws {
    for sample in try Self.samples(slope: slope) {
      let permuted = try sample.changed { maps in
        maps.permute(0) { ($0 * 3 + 5) % 8 }
        maps.permute(1) { 11 - $0 }
        maps.permute(2) { ($0 + 2) % 6 }
      }
      #expect(permuted.spline.parameters != sample.spline.parameters)
      let (found, expected) = try (Measures(permuted), Measures(sample))
      #expect(relativeDeviation(found.values, from: expected.values) <= 1e-13)
      #expect(relativeDeviation(found.fisherRao, from: expected.fisherRao) <= 1e-13)
      #expect(relativeDeviation(found.pathNorms, from: expected.pathNorms) <= 1e-13)
      #expect(relativeDeviation(found.products, from: expected.products) <= 1e-13)
      #expect(relativeDeviation(found.sensitivities, from: expected.sensitivities) <= 1e-13)
      #expect(relativeDeviation(found.kernel, from: expected.kernel) <= 1e-13)
    }
  }

  // Factors are powers of two, so no weight is rounded.
  @Test(arguments: [nil, Float(0.125)])
  func positiveRescalingChangesProductsSensitivityAndKernelAlone(slope: Float?) throws {
    for sample in try Self.samples(slope: slope) {
      let rescaled = try sample.changed { maps in
        maps.rescale(0)
        maps.rescale(2, seed: 2)
      }
      let (found, expected) = try (Measures(rescaled), Measures(sample))
      #expect(relativeDeviation(found.values, from: expected.values) <= 1e-13)
      #expect(relativeDeviation(found.fisherRao, from: expected.fisherRao) <= 1e-13)
      #expect(relativeDeviation(found.pathNorms, from: expected.pathNorms) <= 1e-13)
      for (a, b) in zip(found.products, expected.products) { #expect(abs(a - b) > 0.01 * b) }
      #expect(relativeDeviation(found.sensitivities, from: expected.sensitivities) > 0.01)
      #expect(relativeDeviation(found.kernel, from: expected.kernel) > 0.01)
    }
  }

  @Test func thePathNormIsBelowTheProductsOfAllRescaledNetworks() throws {
    for seed in 0..<12 as Range<UInt64> {
      var sample = try SampleParameters([3, 8, 6, 1], seed: seed)
      let pathNorm = try sample.spline.norms().pathNormL2
      for step in 0..<5 as Range<UInt64> {
        #expect(try pathNorm <= sample.spline.norms().frobeniusProduct)
        sample = try sample.changed { $0.rescale(Int(step % 2), seed: step) }
      }
    }
  }
}
