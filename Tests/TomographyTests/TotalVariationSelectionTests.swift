import Compute
import Foundation
import TestSupport
import Testing
import Tomography

@Suite struct TotalVariationSelectionTests {
  private let wide = SmallScan(size: 32, views: 30)
  private let noise = 0.5

  private func noisySinogram() -> Matrix {
    var random = SplitMix64(seed: 21)
    var sinogram = wide.projector.project(wide.blob())
    for i in sinogram.elements.indices {
      sinogram.elements[i] += Float(noise * random.nextNormal())
    }
    return sinogram
  }

  private func error(_ slice: Matrix) -> Double {
    zip(slice.elements, wide.blob().elements).reduce(0) {
      $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
    }.squareRoot()
  }

  /// The error of the best of a ladder that is chosen by the truth.
  private func leastError(_ sinogram: Matrix) throws -> Double {
    try [0.25, 0.5, 1, 2, 4, 8, 16].map { lambda in
      error(
        try TotalVariationReconstruction(lambda: lambda, iterations: 150).reconstruct(
          sinogram, with: wide.projector))
    }.min() ?? 0
  }

  @Test func heldOutViewsChooseNearlyAsWellAsTheTruth() throws {
    let sinogram = noisySinogram()
    let result = try TotalVariationSelection(
      TotalVariationReconstruction(lambda: 0, iterations: 150)
    ).reconstruct(sinogram, with: wide.projector)
    #expect(result.rungs.count > 3)
    // A fifth of 30 views of 63 rays: the curve is flat, λ within a factor of four or so.
    #expect(error(result.slice) < 1.25 * (try leastError(sinogram)))
    // 6 of 30 views held out.
    #expect(abs(result.lambda - result.ladderLambda * 30 / 24) < 1e-9 * result.lambda)
  }

  @Test func byDiscrepancyTheResidualIsTheNoise() throws {
    let sinogram = noisySinogram()
    var selection = TotalVariationSelection(
      TotalVariationReconstruction(lambda: 0, iterations: 200),
      criterion: .discrepancy(noise: noise))
    let result = try selection.reconstruct(sinogram, with: wide.projector)
    let values = wide.projector.project(result.slice).elements
    let squares = zip(values, sinogram.elements).reduce(0.0) {
      $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
    }
    let found = (squares / Double(values.count)).squareRoot()
    // Between two rungs the residual is not quite log-linear.
    #expect(abs(found - noise) < 0.01 * noise)

    // The same variance by way of the weights.
    let weights = [Float](repeating: Float(1 / (noise * noise)), count: values.count)
    selection.reconstruction.weights = Matrix(rows: 30, columns: 63, elements: weights)
    selection.criterion = .discrepancy(noise: 1)
    let same = try selection.reconstruct(sinogram, with: wide.projector)
    #expect(abs(same.lambda * noise * noise - result.lambda) < 0.01 * result.lambda)
  }

  @Test func theLadderFallsByItsRatioAndCanBeEnded() throws {
    var selection = TotalVariationSelection(firstLambda: 8)
    (selection.rungIterations, selection.ratio, selection.reconstruction.iterations) = (3, 4, 3)
    var seen: [Double] = []
    let result = try selection.reconstruct(noisySinogram(), with: wide.projector) {
      seen.append($0.lambda)
      return seen.count < 2
    }
    #expect(seen == [8, 2] && result.rungs.map(\.lambda) == [8, 2])
  }

  @Test func theResultDoesNotDependOnTheThreads() throws {
    let sinogram = noisySinogram()
    let results = try (1...3).map { count in
      var selection = TotalVariationSelection(maximumRungs: 3)
      (selection.rungIterations, selection.reconstruction.iterations) = (5, 5)
      let scan = SmallScan(size: 32, views: 30, workers: Workers(count: count))
      return try selection.reconstruct(sinogram, with: scan.projector)
    }
    #expect(results.allSatisfy { $0.slice == results[0].slice && $0.lambda == results[0].lambda })
  }

  @Test func tooFewViewsAreRefused() throws {
    let one = SmallScan(size: 8, views: 1)
    #expect(throws: IterativeReconstructionError.tooFewViews(found: 1, needed: 3)) {
      try TotalVariationSelection().reconstruct(
        Matrix(rows: 1, columns: 15), with: one.projector)
    }
    #expect(throws: IterativeReconstructionError.self) {
      try TotalVariationSelection(criterion: .discrepancy(noise: 0)).reconstruct(
        Matrix(rows: 1, columns: 15), with: one.projector)
    }
  }
}
