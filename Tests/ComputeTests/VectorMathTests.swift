import Compute
import Foundation
import TestSupport
import Testing

/// The errors that the doc comments of `VectorMath` state, measured against `Double`.
@Suite struct VectorMathTests {
  @Test func exponentialIsWithinItsStatedError() {
    var worst = 0.0
    forEach(in: -87...88, count: 2_000_000, VectorMath.exp) { x, found in
      let exact = exp(Double(x))
      worst = max(worst, abs(Double(found) - exact) / Double(Float(exact).ulp))
    }
    #expect(worst > 0.5)  // half an ulp is the least that rounding allows: the sweep did run
    #expect(worst <= 1.3)
  }

  @Test func exponentialIsNeverSubnormalAndNeverInfinite() {
    let low: [Float] = [-87, -87.000_01, -88, -1e30, -.infinity]
    let high: [Float] = [88, 88.000_01, 89, 1e30, .infinity]
    let found = apply(VectorMath.exp, to: low + high)
    #expect(found[0].isNormal)
    #expect(found[1...4].allSatisfy { $0 == 0 })
    #expect(found[5].isFinite && found[5] > 1.6e38)
    #expect(found[6...].allSatisfy { $0 == found[5] })
  }

  @Test func exponentialOfZeroIsOne() {
    #expect(apply(VectorMath.exp, to: [0, -0.0]) == [1, 1])
  }

  @Test func sineAndCosineAreWithinTheirStatedError() {
    var worst = (sine: 0.0, cosine: 0.0)
    for range in [Float(-10_000)...10_000, -4...4] {
      forEach(in: range, count: 2_000_000, VectorMath.sin) { x, found in
        worst.sine = max(worst.sine, abs(Double(found) - sin(Double(x))))
      }
      forEach(in: range, count: 2_000_000, cosine) { x, found in
        worst.cosine = max(worst.cosine, abs(Double(found) - cos(Double(x))))
      }
    }
    #expect(worst.sine > 2e-8 && worst.cosine > 2e-8)
    #expect(worst.sine <= 8e-8)
    #expect(worst.cosine <= 8e-8)
  }

  @Test func sineAloneIsTheSineOfThePair() {
    func difference(_ x: Vector) -> Vector { VectorMath.sin(x) - VectorMath.sinAndCos(x).sin }
    forEach(in: -10_000...10_000, count: 100_003, difference) { x, difference in
      #expect(difference == 0, "at \(x)")
    }
  }

  @Test func sineOfASmallNumberIsThatNumber() {
    // x − x³/6 rounds to x below √6 · 2⁻¹² ≈ 6e-4.
    let inputs: [Float] = [0, 1e-30, -1e-10, 1e-4, -1e-4]
    #expect(apply(VectorMath.sin, to: inputs) == inputs)
  }

  @Test func notANumberStaysSo() {
    let inputs: [Float] = [.nan, -.nan]
    #expect(apply(VectorMath.exp, to: inputs).allSatisfy { $0.isNaN })
    #expect(apply(VectorMath.sin, to: inputs + [.infinity, -.infinity]).allSatisfy { $0.isNaN })
    let cosines = apply(cosine, to: inputs + [.infinity, -.infinity])
    #expect(cosines.allSatisfy { $0.isNaN })
    #expect(apply(VectorMath.positivePart, to: inputs).allSatisfy { $0.isNaN })
  }

  @Test func squareRootIsWithinItsStatedError() {
    var worst = 0.0
    for exponent in stride(from: -126, to: 127, by: 3) {
      let low = Float(sign: .plus, exponent: exponent, significand: 1)
      forEach(in: low...low * 4, count: 20_000, VectorMath.squareRoot) { x, found in
        let exact = Double(x).squareRoot()
        worst = max(worst, abs(Double(found) - exact) / Double(Float(exact).ulp))
      }
    }
    #expect(worst > 0.5)
    #expect(worst <= 0.75)
    #expect(apply(VectorMath.squareRoot, to: [0]) == [0])
  }

  @Test func signsAndSums() {
    let inputs: [Float] = [-2, -0.0, 0, 3, -.infinity, .infinity]
    #expect(apply(VectorMath.magnitude, to: inputs) == [2, 0, 0, 3, .infinity, .infinity])
    #expect(apply(VectorMath.positivePart, to: inputs) == [0, 0, 0, 3, 0, .infinity])
    // Powers of two add up without rounding, so a lane that is lost or counted twice shows.
    var powers = Vector()
    for lane in powers.indices { powers[lane] = Float(1 << lane) }
    #expect(VectorMath.sum(powers) == 65_535)
  }

  private func cosine(_ x: Vector) -> Vector { VectorMath.sinAndCos(x).cos }

  /// Calls `check(x, f(x))` for numbers spread evenly over a range.
  private func forEach(
    in range: ClosedRange<Float>, count: Int, _ f: (Vector) -> Vector, check: (Float, Float) -> Void
  ) {
    let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
    for start in stride(from: 0, to: count, by: Vector.scalarCount) {
      var x = Vector()
      for lane in x.indices {
        let share = min(Double(start + lane) / Double(count - 1), 1)
        x[lane] = Float(low + (high - low) * share)
      }
      let y = f(x)
      for lane in x.indices { check(x[lane], y[lane]) }
    }
  }

  private func apply(_ f: (Vector) -> Vector, to inputs: [Float]) -> [Float] {
    var x = Vector(repeating: 0)
    for (lane, input) in inputs.enumerated() { x[lane] = input }
    let y = f(x)
    return inputs.indices.map { y[$0] }
  }
}
