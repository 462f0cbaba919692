import Compute
import TestSupport
import Testing
import Tomography

@Suite struct TotalVariationSolverTests {
  private let small = SmallScan(size: 6, views: 5)
  private let sinogram: Matrix
  private let weights: Matrix

  init() {
    let scan = SmallScan(size: 6, views: 5)
    var random = SplitMix64(seed: 9)
    var sinogram = scan.projector.project(scan.blob())
    for i in sinogram.elements.indices { sinogram.elements[i] += random.nextUniform(bound: 0.5) }
    self.sinogram = sinogram
    weights = scan.weights
  }

  private func makeSolver(
    lambda: Double, isNonNegative: Bool = false, mask: [Bool]? = nil, weights: Matrix? = nil,
    start: Matrix? = nil, huber: Double = 0
  ) throws -> TotalVariationSolver {
    try TotalVariationSolver(
      sinogram, with: small.projector, lambda: lambda, isNonNegative: isNonNegative, mask: mask,
      weights: weights, start: start, huber: huber)
  }

  // Against another algorithm in double precision; slice values are of size 1, and what remains of
  // both after thousands of iterations is below 1e-3.

  @Test(arguments: [0.05, 0.5, 5], [false, true])
  func itFindsTheMinimum(lambda: Double, isNonNegative: Bool) throws {
    let solver = try makeSolver(lambda: lambda, isNonNegative: isNonNegative, weights: weights)
    solver.iterate(count: 4000)
    var reference = ReferenceVariation(small, sinogram, weights)
    (reference.lambda, reference.isNonNegative) = (lambda, isNonNegative)
    #expect(relativeDeviation(solver.slice.elements, from: reference.solve()) < 2e-3)
  }

  @Test func huberAnchorAndPixelWeightsTakePart() throws {
    var random = SplitMix64(seed: 4)
    let anchor = Matrix.random(6, 6, using: &random)
    var pixelWeights = Matrix.random(6, 6, bound: 0.5, using: &random)
    for i in pixelWeights.elements.indices { pixelWeights.elements[i] += 0.5 }
    let solver = try makeSolver(lambda: 1, weights: weights, huber: 0.2)
    try solver.setAnchor(anchor, strength: 3)
    try solver.setTotalVariationWeights(pixelWeights)
    solver.iterate(count: 3000)
    var reference = ReferenceVariation(small, sinogram, weights)
    (reference.lambda, reference.huber, reference.strength) = (1, 0.2, 3)
    reference.anchor = anchor.elements.map(Double.init)
    reference.pixelWeights = pixelWeights.elements.map(Double.init)
    #expect(relativeDeviation(solver.slice.elements, from: reference.solve()) < 2e-3)
  }

  @Test func withoutLambdaItIsLeastSquares() throws {
    let wide = SmallScan()
    let data = wide.projector.project(wide.blob())
    let solver = try TotalVariationSolver(
      data, with: wide.projector, lambda: 0, isNonNegative: false)
    solver.iterate(count: 3000)
    let expected = wide.leastSquares(data, Array(repeating: 1, count: 180))
    #expect(relativeDeviation(solver.slice.elements, from: expected) < 5e-3)
  }

  @Test func aHugeLambdaLeavesTheBestConstant() throws {
    let solver = try makeSolver(lambda: 1e5)
    solver.iterate(count: 2000)
    let ones = Matrix(rows: 6, columns: 6, elements: Array(repeating: 1, count: 36))
    let lengths = small.projector.project(ones).elements
    let constant =
      zip(lengths, sinogram.elements).reduce(0) { $0 + Double($1.0 * $1.1) }
      / lengths.reduce(0) { $0 + Double($1 * $1) }
    #expect(constant > 0.1)
    #expect(solver.slice.elements.allSatisfy { abs(Double($0) - constant) < 1e-3 })
  }

  @Test func anInfinitelyStrongAnchorIsTheSlice() throws {
    let solver = try makeSolver(lambda: 0.1)
    try solver.setAnchor(small.blob(), strength: 1e7)
    solver.iterate(count: 500)
    let expected = small.blob().elements.map(Double.init)
    #expect(relativeDeviation(solver.slice.elements, from: expected) < 1e-3)
  }

  @Test func nothingLeavesTheMaskOrFallsBelowZero() throws {
    let mask = small.projector.grid.circle(radius: 2)
    let start = Matrix(rows: 6, columns: 6, elements: Array(repeating: -1, count: 36))
    let solver = try makeSolver(lambda: 0.1, isNonNegative: true, mask: mask, start: start)
    for _ in 0..<5 {
      solver.iterate(count: 3)
      let slice = solver.slice.elements
      #expect(zip(slice, mask).allSatisfy { $0 >= 0 && ($1 || $0 == 0) })
      #expect(slice.contains { $0 > 0 })
    }
  }

  @Test func theResidualAndTheProjectionAreThoseOfTheSlice() throws {
    let solver = try makeSolver(lambda: 0.3, isNonNegative: true, weights: weights)
    solver.iterate(count: 25)
    let values = small.projector.project(solver.slice)
    let squares = values.elements.indices.reduce(0.0) {
      let residual = Double(values.elements[$1] - sinogram.elements[$1])
      return $0 + Double(weights.elements[$1]) * residual * residual
    }
    #expect(abs(solver.residualNorm - squares.squareRoot()) < 1e-5 * squares.squareRoot())
    let found = solver.projectedSlice.elements
    #expect(relativeDeviation(found, from: values.elements.map(Double.init)) < 1e-5)
    let variation = solver.slice.totalVariation()
    #expect(abs(solver.objective - squares / 2 - 0.3 * variation) < 1e-4 * solver.objective)
  }

  /// The four corners see a picture, its mirror image and a turned one alike.
  @Test(arguments: Symmetry.allCases)
  func aMirroredOrTurnedProblemHasTheMirroredOrTurnedSlice(symmetry: Symmetry) throws {
    // No ray along a pixel's diagonal, where the projector's main axis could be either one.
    let angles = [0.1, 0.7, 1.3, 1.9, 2.6]
    func solution(_ angles: [Double]) throws -> Matrix {
      let scan = ScanGeometry(angles: angles, binCount: 11, convention: .astra)
      let grid = SliceGrid(rows: 6, columns: 6, convention: .astra)
      let solver = try TotalVariationSolver(
        sinogram, with: Projector(scan, grid), lambda: 0.5, isNonNegative: true, huber: 0.01)
      solver.iterate(count: 50)
      return solver.slice
    }
    let (plain, other) = (try solution(angles), try solution(angles.map(symmetry.angle)))
    // Sums in another order: a few roundings of 2⁻²⁴ an iteration.
    let expected = symmetry.apply(to: plain).elements.map(Double.init)
    #expect(relativeDeviation(other.elements, from: expected) < 1e-4)
    #expect(relativeDeviation(plain.elements, from: expected) > 0.01)
    let (one, two) = (plain.totalVariation(huber: 0.01), other.totalVariation(huber: 0.01))
    #expect(one > 0.1 && abs(one - two) < 1e-4 * one)
  }

  enum Symmetry: CaseIterable {
    case mirror, quarterTurn

    /// Seen from these angles instead, the mirrored or turned slice has the same sinogram.
    func angle(_ angle: Double) -> Double { self == .mirror ? -angle : angle + .pi / 2 }

    func apply(to slice: Matrix) -> Matrix {
      var result = slice
      for row in 0..<slice.rows {
        for column in 0..<slice.columns {
          // Upside down; counter-clockwise.
          result[row, column] =
            self == .mirror
            ? slice[slice.rows - 1 - row, column] : slice[column, slice.columns - 1 - row]
        }
      }
      return result
    }
  }

  @Test func theVariationIsTheMeanOverTheCorners() {
    var slice = Matrix(rows: 5, columns: 7)
    slice[2, 3] = 2
    // The point's corners have √2 · 2 each; of each neighbour's four, two see a difference of 2.
    #expect(abs(slice.totalVariation() - 2 * (2.squareRoot() + 4 * 0.5)) < 1e-12)
    // A point in the corner of the slice lacks neighbours: 2 · (√2 + 1 + 1 + 0) / 4.
    var corner = Matrix(rows: 5, columns: 7)
    corner[4, 6] = 2
    let expected = 2 * ((2.squareRoot() + 2) / 4 + 2 * 0.5)
    #expect(abs(corner.totalVariation() - expected) < 1e-12)
    var weights = [Float](repeating: 0, count: 35)
    weights[2 * 7 + 3] = 3
    #expect(abs(slice.totalVariation(weights: weights) - 3 * 8.squareRoot()) < 1e-12)
  }

  @Test func stoppingInBetweenChangesNothing() throws {
    let (whole, parts) = (try makeSolver(lambda: 0.3), try makeSolver(lambda: 0.3))
    whole.iterate(count: 30)
    for count in [1, 9, 20] { parts.iterate(count: count) }
    #expect(whole.slice == parts.slice && parts.iterationCount == 30)
  }

  // 33 is in the middle of a stage of steps, 40 between two.
  @Test(arguments: [0, 7, 33, 40])
  func aSolverGoesOnFromASnapshotInTheSameBits(iterations: Int) throws {
    func make() throws -> TotalVariationSolver {
      let solver = try makeSolver(lambda: 0.3, isNonNegative: true, weights: weights)
      try solver.setAnchor(small.blob(), strength: 0.5)
      return solver
    }
    let (whole, resumed) = (try make(), try make())
    whole.iterate(count: iterations)
    let snapshot = whole.snapshot
    #expect(snapshot.count == whole.snapshotSize)
    // Whatever it did before.
    resumed.iterate(count: 5)
    resumed.restore(snapshot)
    #expect(resumed.slice == whole.slice && resumed.projectedSlice == whole.projectedSlice)
    whole.iterate(count: 15)
    resumed.iterate(count: 15)
    #expect(resumed.slice == whole.slice && resumed.snapshot == whole.snapshot)
    #expect(resumed.residualNorm == whole.residualNorm && resumed.iterationCount == iterations + 15)
  }

  @Test func anotherLambdaIsTakenUpFromWhereItStands() throws {
    let (ladder, direct) = (try makeSolver(lambda: 5), try makeSolver(lambda: 0.2))
    ladder.iterate(count: 500)
    ladder.lambda = 0.2
    ladder.iterate(count: 4000)
    direct.iterate(count: 4000)
    let expected = direct.slice.elements.map(Double.init)
    #expect(relativeDeviation(ladder.slice.elements, from: expected) < 2e-3)
  }

  @Test func theWeightsAndLambdaHaveOneScale() throws {
    var scaled = weights
    for i in scaled.elements.indices { scaled.elements[i] *= 64 }
    let plain = try makeSolver(lambda: 0.3, weights: weights)
    let other = try makeSolver(lambda: 0.3 * 64, weights: scaled)
    plain.iterate(count: 40)
    other.iterate(count: 40)
    let expected = plain.slice.elements.map(Double.init)
    #expect(relativeDeviation(other.slice.elements, from: expected) < 1e-5)
    #expect(abs(other.residualNorm - 8 * plain.residualNorm) < 1e-4 * other.residualNorm)
  }

  /// Lengths in another unit: A and b grow with it, λ with its square.
  @Test func lambdaGrowsWithTheSquareOfThePixelSize() throws {
    let scan = ScanGeometry(
      angles: small.projector.scan.angles, binCount: 11, binWidth: 0.25, convention: .astra)
    let grid = SliceGrid(rows: 6, columns: 6, pixelSize: 0.25, convention: .astra)
    var data = sinogram
    for i in data.elements.indices { data.elements[i] *= 0.25 }
    let fine = try TotalVariationSolver(
      data, with: Projector(scan, grid), lambda: 0.3 / 16, isNonNegative: false)
    let plain = try makeSolver(lambda: 0.3)
    fine.iterate(count: 40)
    plain.iterate(count: 40)
    let expected = plain.slice.elements.map(Double.init)
    #expect(relativeDeviation(fine.slice.elements, from: expected) < 1e-4)
  }

  @Test func theResultDoesNotDependOnTheThreads() throws {
    let results = try (1...4).map { count in
      let wide = SmallScan(size: 70, workers: Workers(count: count))
      let sinogram = wide.projector.project(wide.blob())
      return try TotalVariationReconstruction(lambda: 0.1, iterations: 6).reconstruct(
        sinogram, with: wide.projector)
    }
    #expect(results.dropFirst().allSatisfy { $0 == results[0] })
  }

  @Test func theCallbackAndTheToleranceStop() throws {
    let (stopped, three) = (try makeSolver(lambda: 0.3), try makeSolver(lambda: 0.3))
    #expect(!stopped.iterate(count: 50) { i, _ in i < 3 })
    three.iterate(count: 3)
    #expect(stopped.slice == three.slice && stopped.iterationCount == 3)
    let tolerant = try makeSolver(lambda: 0.3)
    #expect(tolerant.iterate(count: 3000, tolerance: 1e-3))
    #expect(tolerant.iterationCount > 3 && tolerant.iterationCount < 1000)
    #expect(tolerant.relativeChange <= 1e-3)
  }

  @Test func strengthsBelowZeroAreRefused() throws {
    #expect(
      throws: IterativeReconstructionError.parameter("lambda", value: -1, expected: "0 or more")
    ) { try makeSolver(lambda: -1) }
    let solver = try makeSolver(lambda: 1)
    #expect(throws: IterativeReconstructionError.self) {
      try solver.setAnchor(small.blob(), strength: -1)
    }
    #expect(throws: IterativeReconstructionError.self) {
      try solver.setTotalVariationWeights(Matrix(rows: 5, columns: 6))
    }
  }
}

/// The same problem by the alternating direction method of multipliers, with dense matrices.
private struct ReferenceVariation {
  var lambda = 0.0
  var huber = 0.0
  var isNonNegative = false
  var strength = 0.0
  var anchor = [Double](repeating: 0, count: 36)
  var pixelWeights = [Double](repeating: 1, count: 36)
  private let size = 6
  private let normal: [[Double]]
  private let right: [Double]

  init(_ small: SmallScan, _ sinogram: Matrix, _ weights: Matrix) {
    let columns = small.columns
    let w = weights.elements.map(Double.init)
    normal = columns.map { a in
      columns.map { b in w.indices.reduce(0) { $0 + w[$1] * a[$1] * b[$1] } }
    }
    right = columns.map { a in
      w.indices.reduce(0) { $0 + w[$1] * a[$1] * Double(sinogram.elements[$1]) }
    }
  }

  /// Pixel p's neighbour at `offset`, if there is one.
  private func neighbour(_ p: Int, _ offset: (row: Int, column: Int)) -> Int? {
    let (row, column) = (p / size + offset.row, p % size + offset.column)
    return (0..<size).contains(row) && (0..<size).contains(column) ? row * size + column : nil
  }

  /// The pairs of differences of all pixels at all corners.
  private var pairs: [(pixel: Int, horizontal: Int?, vertical: Int?)] {
    (0..<36).flatMap { p in
      [(1, 1), (1, -1), (-1, 1), (-1, -1)].map { dx, dy in
        (p, neighbour(p, (0, dx)), neighbour(p, (dy, 0)))
      }
    }
  }

  private func gradient(_ x: [Double]) -> [Double] {
    pairs.flatMap { p, horizontal, vertical in
      [horizontal.map { x[$0] - x[p] } ?? 0, vertical.map { x[$0] - x[p] } ?? 0]
    }
  }

  private func transposedGradient(_ g: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: 36)
    for (i, pair) in pairs.enumerated() {
      for (k, neighbour) in [pair.horizontal, pair.vertical].enumerated() {
        guard let neighbour else { continue }
        result[neighbour] += g[2 * i + k]
        result[pair.pixel] -= g[2 * i + k]
      }
    }
    return result
  }

  /// x, with splits d = ∇x and v = x, and scaled multipliers e and u.
  func solve() -> [Double] {
    let mu = 1.0
    var matrix = normal
    for p in 0..<36 {
      var unit = [Double](repeating: 0, count: 36)
      unit[p] = 1
      let column = transposedGradient(gradient(unit))
      for q in 0..<36 { matrix[q][p] += mu * column[q] }
      matrix[p][p] += mu + strength
    }
    let inverse = inverted(matrix)
    var x = [Double](repeating: 0, count: 36)
    var (v, u) = (x, x)
    let pixels = pairs.map(\.pixel)
    var d = [Double](repeating: 0, count: 2 * pixels.count)
    var e = d
    for _ in 0..<4000 {
      let back = transposedGradient(zip(d, e).map { $0 - $1 })
      let sides = (0..<36).map {
        right[$0] + strength * anchor[$0] + mu * (back[$0] + v[$0] - u[$0])
      }
      x = inverse.map { row in zip(row, sides).reduce(0) { $0 + $1.0 * $1.1 } }
      let slopes = gradient(x)
      for (i, p) in pixels.enumerated() {
        let (a, b) = (slopes[2 * i] + e[2 * i], slopes[2 * i + 1] + e[2 * i + 1])
        let length = (a * a + b * b).squareRoot()
        let t = lambda / 4 * pixelWeights[p] / mu
        let kept = length <= huber + t ? length * huber / (huber + t) : length - t
        let share = length > 0 ? kept / length : 0
        (d[2 * i], d[2 * i + 1]) = (share * a, share * b)
        (e[2 * i], e[2 * i + 1]) = (a - share * a, b - share * b)
      }
      for p in 0..<36 {
        let sum = x[p] + u[p]
        v[p] = isNonNegative ? max(sum, 0) : sum
        u[p] = sum - v[p]
      }
    }
    return isNonNegative ? v : x
  }

  private func inverted(_ matrix: [[Double]]) -> [[Double]] {
    let n = matrix.count
    var work = matrix.enumerated().map { i, row in row + (0..<n).map { $0 == i ? 1.0 : 0 } }
    for k in 0..<n {
      let pivot = work[k][k]
      work[k] = work[k].map { $0 / pivot }
      for i in 0..<n where i != k {
        let factor = work[i][k]
        for j in 0..<2 * n { work[i][j] -= factor * work[k][j] }
      }
    }
    return work.map { Array($0[n...]) }
  }
}
