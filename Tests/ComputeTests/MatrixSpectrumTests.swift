import Compute
import TestSupport
import Testing

struct MatrixSpectrumTests {
  private func matrix(_ rows: Int, _ columns: Int, seed: UInt64 = 5) -> [Double] {
    var random = SplitMix64(seed: seed)
    return (0..<rows * columns).map { _ in random.nextNormal() }
  }

  private func symmetric(_ order: Int) -> [Double] {
    let a = matrix(order, order)
    return (0..<order * order).map { (a[$0] + a[$0 % order * order + $0 / order]) / 2 }
  }

  private static let sizes = [0, 1, 7, 33]

  // LAPACK and the rotations each err by a few roundings of the largest value.
  @Test(arguments: sizes, sizes)
  func singularValuesAreThoseOfTheTwin(rows: Int, columns: Int) throws {
    let a = matrix(rows, columns)
    let found = try MatrixSpectrum.singularValues(of: a, rows: rows, columns: columns)
    let expected = JacobiRotations.singularValues(of: a, rows: rows, columns: columns)
    #expect(found.count == min(rows, columns) && found == found.sorted(by: >))
    #expect(relativeDeviation(found, from: expected) <= 1e-13)
    let squares = (found.reduce(0) { $0 + $1 * $1 }, a.reduce(0) { $0 + $1 * $1 })
    #expect(abs(squares.0 - squares.1) <= 1e-13 * squares.1)
  }

  @Test(arguments: sizes) func eigenvaluesAreThoseOfTheTwin(order: Int) throws {
    let a = symmetric(order)
    let found = try MatrixSpectrum.eigenvalues(ofSymmetric: a, order: order)
    #expect(found.count == order && found == found.sorted(by: >))
    let expected = JacobiRotations.eigenvalues(ofSymmetric: a, order: order)
    #expect(relativeDeviation(found, from: expected) <= 1e-13)
    let trace = (0..<order).reduce(0) { $0 + a[$1 * order + $1] }
    #expect(abs(found.reduce(0, +) - trace) <= 1e-12)
  }

  @Test func theSquaresOfSingularValuesAreEigenvaluesOfTheProducts() throws {
    let (rows, columns) = (5, 9)
    let a = matrix(rows, columns)
    let product = (0..<rows * rows).map { place in
      (0..<columns).reduce(0) {
        $0 + a[place / rows * columns + $1] * a[place % rows * columns + $1]
      }
    }
    let squares = try MatrixSpectrum.singularValues(of: a, rows: rows, columns: columns)
      .map { $0 * $0 }
    let eigenvalues = try MatrixSpectrum.eigenvalues(ofSymmetric: product, order: rows)
    #expect(relativeDeviation(eigenvalues, from: squares) <= 1e-13)
  }

  @Test func knownValues() throws {
    // diag(3, −2) turned, and a matrix of rank 1.
    let turned = try MatrixSpectrum.singularValues(of: [0, -2, 3, 0], rows: 2, columns: 2)
    #expect(relativeDeviation(turned, from: [3, 2]) <= 1e-15)
    let values = try MatrixSpectrum.singularValues(of: [1, 2, 2, 2, 4, 4], rows: 2, columns: 3)
    #expect(relativeDeviation(values, from: [Double(45).squareRoot(), 0]) <= 1e-15)
    // Only the upper triangle is read.
    let eigenvalues = try MatrixSpectrum.eigenvalues(ofSymmetric: [2, 1, 9, 2], order: 2)
    #expect(relativeDeviation(eigenvalues, from: [3, 1]) <= 1e-15)
    // Squares of these are no finite numbers.
    let large = try MatrixSpectrum.singularValues(of: [3e200, 4e200], rows: 1, columns: 2)
    #expect(relativeDeviation(large, from: [5e200]) <= 1e-15)
  }

  @Test func numbersThatAreNotFiniteAreRefused() {
    for number in [Double.nan, .infinity] {
      #expect(throws: MatrixSpectrumError.notFinite(row: 1, column: 2)) {
        try MatrixSpectrum.singularValues(of: [1, 2, 3, 4, 5, number], rows: 2, columns: 3)
      }
      #expect(throws: MatrixSpectrumError.notFinite(row: 0, column: 1)) {
        try MatrixSpectrum.eigenvalues(ofSymmetric: [1, number, 0, 1], order: 2)
      }
    }
    let text = MatrixSpectrumError.notFinite(row: 1, column: 2).description
    #expect(text.contains("row 1, column 2") && text.contains("finite"))
  }

  @Test func threadsMayAskAtOnce() throws {
    let a = matrix(33, 33)
    let expected = try MatrixSpectrum.singularValues(of: a, rows: 33, columns: 33)
    let found = Workers(count: 2).map(16) { _, _ in
      try? MatrixSpectrum.singularValues(of: a, rows: 33, columns: 33)
    }
    #expect(found.allSatisfy { $0 == expected })
  }
}
