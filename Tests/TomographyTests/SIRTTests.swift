import Compute
import TestSupport
import Testing
import Tomography

@Suite struct SIRTTests {
  private let small = SmallScan()

  @Test func withoutNoiseItTendsToTheSlice() throws {
    let slice = small.blob()
    let found = try SIRT(iterations: 3000).reconstruct(
      small.projector.project(slice), with: small.projector)
    // 64 unknowns, 180 rays: solvable; 3000 steps leave the least seen directions at 1e-3.
    #expect(relativeDeviation(found.elements, from: slice.elements.map(Double.init)) < 5e-3)
  }

  @Test func itsLimitIsLeastSquaresWithRaysByTheirLengths() throws {
    var random = SplitMix64(seed: 5)
    let sinogram = Matrix.random(12, 15, using: &random)
    let ones = Matrix(rows: 8, columns: 8, elements: Array(repeating: 1, count: 64))
    let weights = small.weights
    let lengths = small.projector.project(ones).elements.map { max($0, 0.1) }
    let counts = zip(weights.elements, lengths).map { Double($0.0 / $0.1) }
    let expected = small.leastSquares(sinogram, counts)

    let found = try SIRT(
      iterations: 20_000, isNonNegative: false, weights: weights, relaxation: 1.9
    )
    .reconstruct(sinogram, with: small.projector)

    // Float residuals of size 1 against slice values of size 1, ill-conditioned by about 1e3.
    #expect(relativeDeviation(found.elements, from: expected) < 1e-2)
  }

  @Test func theResidualFallsFromStepToStep() throws {
    let sinogram = small.projector.project(small.blob())
    var norms: [Double] = []
    _ = try SIRT(iterations: 50).reconstruct(sinogram, with: small.projector) {
      norms.append($1)
      return true
    }
    #expect(norms.count == 50)
    #expect(zip(norms, norms.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test func nothingFallsBelowZeroOrLeavesTheMask() throws {
    var random = SplitMix64(seed: 2)
    let sinogram = Matrix.random(12, 15, using: &random)
    let mask = small.projector.grid.circle(radius: 3)
    let found = try SIRT(iterations: 30, mask: mask).reconstruct(sinogram, with: small.projector)
    #expect(found.elements.contains { $0 > 0 } && found.elements.allSatisfy { $0 >= 0 })
    #expect(zip(found.elements, mask).allSatisfy { $1 || $0 == 0 })
  }

  @Test func raysWithoutWeightAreNotThere() throws {
    let slice = small.blob()
    var sinogram = small.projector.project(slice)
    var weights = small.weights
    for bin in 0..<15 {
      weights[3, bin] = 0
      sinogram[3, bin] = 100
    }
    let found = try SIRT(iterations: 3000, weights: weights).reconstruct(
      sinogram, with: small.projector)
    #expect(relativeDeviation(found.elements, from: slice.elements.map(Double.init)) < 2e-2)
  }

  @Test func theResultDoesNotDependOnTheThreads() throws {
    let results = try (1...4).map { count in
      let wide = SmallScan(size: 70, workers: Workers(count: count))
      let sinogram = wide.projector.project(wide.blob())
      return try SIRT(iterations: 5).reconstruct(sinogram, with: wide.projector)
    }
    #expect(results.dropFirst().allSatisfy { $0 == results[0] })
  }

  @Test func theCallbackAndTheToleranceStop() throws {
    let sinogram = small.projector.project(small.blob())
    var calls = 0
    let stopped = try SIRT(iterations: 50).reconstruct(sinogram, with: small.projector) { i, _ in
      calls += 1
      return i < 3
    }
    let three = try SIRT(iterations: 3).reconstruct(sinogram, with: small.projector)
    #expect(calls == 3 && stopped == three)

    var iterations = 0
    _ = try SIRT(iterations: 1000, tolerance: 0.01).reconstruct(sinogram, with: small.projector) {
      iterations = $0
      _ = $1
      return true
    }
    #expect(iterations > 3 && iterations < 200)
  }

  @Test func aStartIsContinued() throws {
    let sinogram = small.projector.project(small.blob())
    let ten = try SIRT(iterations: 10).reconstruct(sinogram, with: small.projector)
    let twenty = try SIRT(iterations: 20).reconstruct(sinogram, with: small.projector)
    let continued = try SIRT(iterations: 10).reconstruct(
      sinogram, with: small.projector, start: ten)
    #expect(continued == twenty)
  }

  @Test func whatDoesNotFitIsRefused() throws {
    var sinogram = small.projector.project(small.blob())
    #expect(
      throws: IterativeReconstructionError.shape(
        of: "sinogram", found: [15, 12], expected: [12, 15])
    ) {
      try SIRT().reconstruct(Matrix(rows: 15, columns: 12), with: small.projector)
    }
    #expect(throws: IterativeReconstructionError.mask(found: 3, expected: 64)) {
      try SIRT(mask: [true, true, false]).reconstruct(sinogram, with: small.projector)
    }
    #expect(throws: IterativeReconstructionError.emptyMask) {
      try SIRT(mask: Array(repeating: false, count: 64)).reconstruct(
        sinogram, with: small.projector)
    }
    var weights = small.weights
    weights[2, 4] = -1
    #expect(throws: IterativeReconstructionError.negativeWeight(view: 2, bin: 4, value: -1)) {
      try SIRT(weights: weights).reconstruct(sinogram, with: small.projector)
    }
    sinogram[7, 1] = .nan
    #expect(throws: IterativeReconstructionError.notFinite("sinogram", row: 7, column: 1)) {
      try SIRT().reconstruct(sinogram, with: small.projector)
    }
    let error = IterativeReconstructionError.notFinite("sinogram", row: 7, column: 1)
    #expect(
      error.description
        == "the sinogram has a number at [7, 1] that is not finite; remove or replace it")
  }
}

/// Twelve views of a few pixels, small enough for dense matrices.
struct SmallScan {
  let projector: Projector

  init(size: Int = 8, views: Int = 12, workers: Workers = Workers(count: 2)) {
    let scan = ScanGeometry(
      angles: ScanGeometry.angles(from: 0, to: .pi, count: views), binCount: 2 * size - 1,
      convention: .astra)
    projector = Projector(
      scan, SliceGrid(rows: size, columns: size, convention: .astra), workers: workers)
  }

  /// A block of 1 beside one of ½.
  func blob() -> Matrix {
    let size = projector.grid.rows
    var slice = Matrix(rows: size, columns: size)
    for row in size / 4..<size * 3 / 4 {
      for column in size / 4..<size * 3 / 4 { slice[row, column] = column < size / 2 ? 1 : 0.5 }
    }
    return slice
  }

  /// Between ½ and 1½.
  var weights: Matrix {
    var random = SplitMix64(seed: 11)
    let shape = projector.scan
    var weights = Matrix.random(shape.viewCount, shape.binCount, bound: 0.5, using: &random)
    for i in weights.elements.indices { weights.elements[i] += 1 }
    return weights
  }

  /// The columns of A, each the sinogram of one pixel.
  var columns: [[Double]] {
    let grid = projector.grid
    return (0..<grid.pixelCount).map { pixel in
      var slice = Matrix(rows: grid.rows, columns: grid.columns)
      slice.elements[pixel] = 1
      return projector.project(slice).elements.map(Double.init)
    }
  }

  /// The normal equations, in double precision, by Cholesky's method.
  func leastSquares(_ sinogram: Matrix, _ weights: [Double]) -> [Double] {
    let columns = columns
    let n = columns.count
    var normal = columns.map { a in
      columns.map { b in weights.indices.reduce(0) { $0 + weights[$1] * a[$1] * b[$1] } }
    }
    var right = columns.map { a in
      weights.indices.reduce(0) { $0 + weights[$1] * a[$1] * Double(sinogram.elements[$1]) }
    }
    for k in 0..<n {
      let pivot = normal[k][k]
      for i in k + 1..<n {
        let factor = normal[i][k] / pivot
        for j in k..<n { normal[i][j] -= factor * normal[k][j] }
        right[i] -= factor * right[k]
      }
    }
    for k in stride(from: n - 1, through: 0, by: -1) {
      for j in k + 1..<n { right[k] -= normal[k][j] * right[j] }
      right[k] /= normal[k][k]
    }
    return right
  }
}
