import Compute
import TestSupport
import Testing
import Tomography

@Suite struct CGLSTests {
  private let small = SmallScan()
  private let sinogram: Matrix

  init() {
    var random = SplitMix64(seed: 5)
    sinogram = Matrix.random(12, 15, using: &random)
  }

  @Test func itSolvesTheNormalEquations() throws {
    let expected = small.leastSquares(sinogram, Array(repeating: 1, count: 180))
    let found = try CGLS(iterations: 300).reconstruct(sinogram, with: small.projector)
    // Float sums, ill-conditioned by about 1e3.
    #expect(relativeDeviation(found.elements, from: expected) < 1e-3)
  }

  @Test func weightsAreThoseOfTheSquares() throws {
    let weights = small.weights
    let expected = small.leastSquares(sinogram, weights.elements.map(Double.init))
    let plain = small.leastSquares(sinogram, Array(repeating: 1, count: 180))
    var scaled = weights
    for i in scaled.elements.indices { scaled.elements[i] *= 1000 }

    let found = try CGLS(iterations: 300, weights: weights).reconstruct(
      sinogram, with: small.projector)
    let same = try CGLS(iterations: 300, weights: scaled).reconstruct(
      sinogram, with: small.projector)

    #expect(relativeDeviation(found.elements, from: expected) < 1e-3)
    #expect(relativeDeviation(found.elements, from: plain) > 0.05)
    #expect(relativeDeviation(same.elements, from: expected) < 1e-3)
  }

  @Test func theResidualReportedIsThatOfTheSlice() throws {
    let weights = small.weights
    var reported = 0.0
    let found = try CGLS(iterations: 7, weights: weights).reconstruct(
      sinogram, with: small.projector
    ) {
      _ = $0
      reported = $1
      return true
    }
    let values = small.projector.project(found).elements
    let squares = values.indices.reduce(0.0) {
      let residual = Double(values[$1] - sinogram.elements[$1])
      return $0 + Double(weights.elements[$1]) * residual * residual
    }
    #expect(abs(reported - squares.squareRoot()) < 1e-4 * squares.squareRoot())
  }

  @Test func theMaskIsLeastSquaresOfFewerPixels() throws {
    let mask = small.projector.grid.circle(radius: 3)
    let found = try CGLS(iterations: 200, mask: mask).reconstruct(sinogram, with: small.projector)
    #expect(zip(found.elements, mask).allSatisfy { $1 || $0 == 0 })
    // At the minimum the gradient vanishes inside.
    var residual = small.projector.project(found)
    for i in residual.elements.indices { residual.elements[i] -= sinogram.elements[i] }
    let gradient = small.projector.backproject(residual)
    let first = small.projector.backproject(sinogram)
    let largest = first.elements.map(abs).max() ?? 0
    #expect(zip(gradient.elements, mask).allSatisfy { !$1 || abs($0) < 1e-4 * largest })
  }

  @Test(arguments: [0, 5]) func nonNegativeMeansNothingBelowZero(interval: Int) throws {
    let found = try CGLS(iterations: 40, isNonNegative: true, restartInterval: interval)
      .reconstruct(
        sinogram, with: small.projector)
    #expect(found.elements.allSatisfy { $0 >= 0 } && found.elements.contains { $0 > 0 })
  }

  @Test func theResultDoesNotDependOnTheThreads() throws {
    let results = try (1...4).map { count in
      let wide = SmallScan(size: 70, workers: Workers(count: count))
      let sinogram = wide.projector.project(wide.blob())
      return try CGLS(iterations: 5, isNonNegative: true).reconstruct(
        sinogram, with: wide.projector)
    }
    #expect(results.dropFirst().allSatisfy { $0 == results[0] })
  }

  @Test func theCallbackAndTheToleranceStop() throws {
    let stopped = try CGLS(iterations: 50).reconstruct(sinogram, with: small.projector) { i, _ in
      i < 3
    }
    let three = try CGLS(iterations: 3).reconstruct(sinogram, with: small.projector)
    #expect(stopped == three)
    var iterations = 0
    _ = try CGLS(iterations: 1000, tolerance: 1e-3).reconstruct(sinogram, with: small.projector) {
      iterations = $0
      _ = $1
      return true
    }
    #expect(iterations > 3 && iterations < 200)
  }

  @Test func noDataGiveNothing() throws {
    let found = try CGLS(iterations: 5).reconstruct(
      Matrix(rows: 12, columns: 15), with: small.projector)
    #expect(found == Matrix(rows: 8, columns: 8))
  }
}
