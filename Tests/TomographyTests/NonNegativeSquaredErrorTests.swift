import Compute
import Testing
import Tomography
import Training

@Suite struct NonNegativeSquaredErrorTests {
  private func evaluate(_ values: [Float], _ targets: [Float], scale: Float = 1) -> (
    loss: Double, slopes: [Float]
  ) {
    var slopes = targets
    var span = slopes.mutableSpan
    let loss = NonNegativeSquaredError().evaluate(
      predicted: values.span, targetsToSlopes: &span, scale: scale)
    return (loss, slopes)
  }

  @Test func whereTheTargetIsZeroValuesBelowAreRight() {
    // More than a vector, and not whole vectors.
    let values = (0..<37).map { Float($0 - 18) / 8 }
    let found = evaluate(values, values.map { _ in 0 }, scale: 0.5)
    for (value, slope) in zip(values, found.slopes) { #expect(slope == max(value, 0)) }
    #expect(found.loss == values.reduce(0.0) { $0 + Double(max($1, 0) * max($1, 0)) })
  }

  @Test func itBendsWhereItHasASlope() {
    let loss = NonNegativeSquaredError()
    #expect(loss.curvature(predicted: -1, target: 0) == 0)
    #expect(loss.curvature(predicted: 1, target: 0) == 2)
    #expect(loss.curvature(predicted: -1, target: 0.5) == 2)
  }

  @Test func whereTheTargetIsPositiveItIsTheSquaredError() {
    // A value below zero has to come up again, so it has a slope there, too.
    let values = (0..<37).map { Float($0 - 18) / 8 }
    let targets = values.indices.map { Float($0 % 5 + 1) / 16 }
    let found = evaluate(values, targets)
    var expected = targets
    var span = expected.mutableSpan
    let loss = SquaredError().evaluate(predicted: values.span, targetsToSlopes: &span, scale: 1)
    #expect(found.slopes == expected && abs(found.loss - loss) < 1e-9)
    #expect(found.slopes.contains { $0 < -1 })
  }
}
