import Foundation
import SplineGeometry
import TestSupport
import Testing

/// Against PyTorch's automatic derivatives in float64 (`Fixtures/make_parameter_measures.py`).
@Suite struct GoldenParameterMeasureTests {
  private struct Golden: Decodable {
    struct Measures: Decodable {
      let points: [[Double]]
      let targets, tangentSensitivity, kernel, eigenvalues, spectralNorms: [Double]
      let squaredError, logistic, pathNormL1, pathNormL2: Double
    }

    let networks: [String: Measures]
  }

  // Sums of a few thousand products, in another order.
  @Test(arguments: ["he_2_16_16_16_1", "he_3_32_32_32_1"])
  func measuresAreThoseOfAutomaticDerivatives(name: String) throws {
    let spline = try GoldenSpline(name).spline
    let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
    let data = try Data(contentsOf: folder.appending(path: "parameter_measures.json"))
    let golden = try #require(JSONDecoder().decode(Golden.self, from: data).networks[name])

    let sensitivity = try spline.tangentSensitivity(at: golden.points)
    #expect(relativeDeviation(sensitivity, from: golden.tangentSensitivity) <= 1e-13)
    let kernel = try spline.neuralTangentKernel(at: golden.points)
    #expect(relativeDeviation(kernel.values, from: golden.kernel) <= 1e-13)
    #expect(relativeDeviation(try kernel.eigenvalues(), from: golden.eigenvalues) <= 1e-13)
    let targets = golden.targets.map { [$0] }
    for (loss, square) in [
      (PointLoss.squaredError, golden.squaredError), (.logistic, golden.logistic),
    ] {
      let found = try spline.fisherRaoNorm(loss, at: golden.points, targets: targets)
      #expect(relativeDeviation([found.square.mean], from: [square]) <= 1e-13)
    }
    let norms = try spline.norms()
    #expect(relativeDeviation(norms.spectralNorms, from: golden.spectralNorms) <= 1e-13)
    #expect(relativeDeviation([norms.pathNormL1], from: [golden.pathNormL1]) <= 1e-13)
    #expect(relativeDeviation([norms.pathNormL2], from: [golden.pathNormL2]) <= 1e-13)
  }
}
