import Compute
import TestSupport
import Testing

struct MatrixFactorizationTests {
  private static let sizes = [0, 1, 7, 33]

  private func random(_ order: Int, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    return (0..<order * order).map { _ in random.nextNormal() }
  }

  private func transposed(_ a: [Double], _ n: Int) -> [Double] {
    (0..<n * n).map { a[$0 % n * n + $0 / n] }
  }

  private func product(_ a: [Double], _ b: [Double], _ n: Int) -> [Double] {
    (0..<n * n).map { i in
      (0..<n).reduce(0) { $0 + a[i / n * n + $1] * b[$1 * n + i % n] }
    }
  }

  private func identity(_ n: Int) -> [Double] { (0..<n * n).map { $0 / n == $0 % n ? 1 : 0 } }

  private func isClose(_ found: [Double], _ expected: [Double], _ tolerance: Double) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }
  }

  @Test(arguments: sizes) func theInverseTimesTheMatrixIsTheIdentity(order: Int) throws {
    let a = random(order, seed: 3)
    // A Aᵀ + I: eigenvalues from 1 to about 4 · order.
    let matrix = zip(product(a, transposed(a, order), order), identity(order)).map { $0 + $1 }
    let inverse = try #require(
      MatrixFactorization.inverse(ofPositiveDefinite: matrix, order: order))
    // A condition of at most a few hundred, times some roundings of 1e-16.
    #expect(isClose(product(inverse, matrix, order), identity(order), 1e-12))
    #expect(inverse == transposed(inverse, order))
  }

  @Test func whatIsNotPositiveDefiniteHasNoInverse() {
    #expect(MatrixFactorization.inverse(ofPositiveDefinite: [1, 2, 2, 1], order: 2) == nil)
    #expect(MatrixFactorization.inverse(ofPositiveDefinite: [1, .nan, .nan, 1], order: 2) == nil)
    #expect(MatrixFactorization.inverse(ofPositiveDefinite: [0], order: 1) == nil)
  }

  @Test(arguments: sizes) func theOrthogonalFactorLeavesATriangle(order: Int) {
    let a = random(order, seed: 4)
    let q = MatrixFactorization.orthogonalFactor(of: a.map { Float($0) }, order: order).map {
      Double($0)
    }
    // Some dozen roundings of 6e-8 of numbers of size 1, and of the columns' lengths.
    #expect(isClose(product(transposed(q, order), q, order), identity(order), 3e-6))
    let triangle = product(transposed(q, order), a, order)
    for row in 0..<order {
      for column in 0..<row { #expect(abs(triangle[row * order + column]) <= 3e-5) }
    }
  }

  @Test(arguments: sizes) func eigenvectorsMakeASymmetricMatrixDiagonal(order: Int) throws {
    let a = random(order, seed: 5)
    let symmetric = zip(a, transposed(a, order)).map { $0 + $1 }
    let vectors = try #require(
      MatrixFactorization.eigenvectors(ofSymmetric: symmetric, order: order))
    let back = transposed(vectors, order)
    #expect(isClose(product(back, vectors, order), identity(order), 1e-12))
    let diagonal = product(product(back, symmetric, order), vectors, order)
    let values = (0..<order).map { diagonal[$0 * order + $0] }
    #expect(values == values.sorted(by: >))
    let expected = (0..<order * order).map { $0 / order == $0 % order ? values[$0 / order] : 0 }
    #expect(isClose(diagonal, expected, 1e-11))
    let twin = JacobiRotations.eigenvalues(ofSymmetric: symmetric, order: order)
    #expect(relativeDeviation(values, from: twin) <= 1e-12)
  }

  @Test func whatIsNotFiniteHasNoEigenvectors() {
    #expect(MatrixFactorization.eigenvectors(ofSymmetric: [1, .infinity, 0, 1], order: 2) == nil)
  }
}
