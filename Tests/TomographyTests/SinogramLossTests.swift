import Compute
import Foundation
import Networks
import TestSupport
import Testing
import Tomography

/// The loss of the direct method, as a function of the slice.
@Suite struct SinogramLossTests {
  private static let size = 14

  private static func configuration(_ loss: SliceFitConfiguration.Loss) -> SliceFitConfiguration {
    var configuration = FitSample.configuration(size: size, views: 9)
    configuration.scan.binWidth = 0.8
    configuration.scan.binCount = 23
    configuration.scan.center = 11.3
    configuration.isNonNegative = false
    configuration.loss = loss
    return configuration
  }

  /// The loss of some views, as a function of the slice's values in the problem's units.
  private struct Sample {
    let problem: SliceProblem
    let loss: SinogramLoss
    let measurements: [Int32]

    init(
      _ configuration: SliceFitConfiguration, weights: Matrix? = nil, lambda: Double = 0,
      measurements: [Int32]? = nil, sinogram: Matrix? = nil
    ) throws {
      let data =
        sinogram
        ?? FitSample.phantom.sinogram(
          of: configuration.scan, radius: 7 * configuration.grid.pixelSize)
      problem = try SliceProblem(
        data, configuration, weights: weights, workers: Workers(count: 2))
      let grid = problem.projector.grid
      loss = SinogramLoss(
        problem, configuration, lambda: lambda,
        points: PixelLattice(width: grid.columns, height: grid.rows))
      self.measurements = measurements ?? (0..<Int32(data.rows)).map { $0 }
    }

    func at(_ values: [Float], progress: Double = 0) -> (mean: Double, gradient: [Float]) {
      loss.loss(of: values, at: measurements[...], progress: progress)
    }

    func values(seed: UInt64) -> [Float] {
      var random = SplitMix64(seed: seed)
      return (0..<problem.projector.grid.pixelCount).map { _ in
        0.4 + random.nextUniform(bound: 1)
      }
    }

    /// The largest difference between slopes along random directions and those that the gradient
    /// foretells, relative to the latter. Slopes are central differences of fourth order.
    func worstSlope(step: Double, progress: Double = 0) -> Double {
      let values = values(seed: 3)
      let gradient = at(values, progress: progress).gradient
      return (0..<4).map { k in
        // The gradient itself is among the directions: a wrong factor cannot hide.
        var direction = k == 0 ? gradient : self.values(seed: 20 + UInt64(k)).map { $0 - 0.4 }
        let size = direction.reduce(0) { max($0, abs($1)) }
        direction = direction.map { $0 / size }
        func loss(_ h: Double) -> Double {
          at(zip(values, direction).map { $0 + Float(h) * $1 }, progress: progress).mean
        }
        let slope =
          (8 * (loss(step) - loss(-step)) - (loss(2 * step) - loss(-2 * step))) / (12 * step)
        let expected = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        return abs(slope - expected) / norm
      }.max() ?? .infinity
    }
  }

  private static var weights: Matrix {
    var random = SplitMix64(seed: 5)
    var weights = Matrix.random(9, 23, bound: 0.5, using: &random)
    for i in weights.elements.indices { weights.elements[i] += 0.7 }
    // Some rays do not count at all.
    for i in stride(from: 0, to: weights.elements.count, by: 7) { weights.elements[i] = 0 }
    return weights
  }

  // MARK: The gradient is the derivative
  //
  // Where the loss is quadratic, central differences are exact for every step, and rounding leaves
  // about 1e-5; elsewhere steps are small, and the total variation's bends and rounding leave 2e-3.

  @Test(arguments: SliceFitConfiguration.Loss.allCases, [false, true])
  func theGradientIsTheDerivative(loss: SliceFitConfiguration.Loss, isWeighted: Bool) throws {
    let sample = try Sample(
      Self.configuration(loss), weights: isWeighted ? Self.weights : nil)
    #expect(sample.worstSlope(step: 0.3) < 1e-4)
  }

  @Test(arguments: SliceFitConfiguration.Loss.allCases)
  func theGradientOfSomeViewsIsTheDerivative(loss: SliceFitConfiguration.Loss) throws {
    let sample = try Sample(
      Self.configuration(loss), weights: Self.weights, measurements: [7, 2, 5])
    #expect(sample.worstSlope(step: 0.3) < 1e-4)
  }

  @Test(arguments: [0, 0.4, 1]) func theGradientOnTheWayToAnotherWindowIsTheDerivative(
    progress: Double
  ) throws {
    var configuration = Self.configuration(.filtered)
    configuration.annealsWindow = true
    let sample = try Sample(configuration)
    #expect(sample.worstSlope(step: 0.3, progress: progress) < 1e-4)
    // Where it begins and ends.
    configuration.annealsWindow = false
    configuration.window = progress == 1 ? .ramLak : .hann
    let expected = try Sample(configuration).at(sample.values(seed: 1)).mean
    let found = sample.at(sample.values(seed: 1), progress: progress).mean
    if progress == 0.4 {
      #expect(abs(found - expected) > 0.01 * expected)
    } else {
      #expect(abs(found - expected) < 1e-6 * expected)
    }
  }

  @Test(arguments: SliceFitConfiguration.Loss.allCases)
  func theGradientWithPriorsAndAMaskIsTheDerivative(loss: SliceFitConfiguration.Loss) throws {
    var configuration = Self.configuration(loss)
    configuration.isNonNegative = true
    configuration.isCircle = true
    let sample = try Sample(configuration, weights: Self.weights, lambda: 0.5)
    #expect(sample.worstSlope(step: 2e-3) < 5e-3)
    let values = sample.values(seed: 3)
    let gradient = sample.at(values).gradient
    let mask = try #require(sample.problem.mask)
    #expect(mask.contains(false) && values.contains { $0 < 0 })
    #expect(zip(mask, gradient).allSatisfy { $0 || $1 == 0 })
    // What stands outside the mask does not show.
    let moved = zip(mask, values).map { $0 ? $1 : $1 + 1 }
    #expect(sample.at(moved).mean == sample.at(values).mean)
  }

  @Test(arguments: SliceFitConfiguration.Loss.allCases)
  func theGradientWithHubersLimitIsTheDerivative(loss: SliceFitConfiguration.Loss) throws {
    var configuration = Self.configuration(loss)
    // About the middle of the residuals, so that many are on either side.
    configuration.huber = 1.5
    let sample = try Sample(configuration, weights: Self.weights)
    #expect(sample.worstSlope(step: 2e-3) < 2e-3)
    // With a limit beyond all residuals it is the square.
    configuration.huber = 1e6
    let values = sample.values(seed: 3)
    let wide = try Sample(configuration, weights: Self.weights).at(values)
    configuration.huber = nil
    let square = try Sample(configuration, weights: Self.weights).at(values)
    #expect(wide.mean == square.mean && wide.gradient == square.gradient)
    #expect(sample.at(values).mean < 0.98 * square.mean)
  }

  // MARK: Values

  @Test func theProjectionLossIsTheWeightedMeanSquare() throws {
    let sample = try Sample(Self.configuration(.projection), weights: Self.weights)
    let values = sample.values(seed: 8)
    let problem = sample.problem
    let slice = problem.slice(of: values, isNonNegative: false)
    let expected = problem.residual(of: slice, weights: problem.weights)
    #expect(abs(sample.at(values).mean - expected * expected) < 1e-5 * expected * expected)
  }

  @Test func beyondHubersLimitTheSlopeIsConstant() throws {
    var configuration = Self.configuration(.projection)
    configuration.huber = 1e-3
    let sample = try Sample(configuration)
    // Residuals of hundreds: doubling the slice doubles the loss, but not the gradient.
    let (near, far) = (
      sample.at([Float](repeating: 100, count: 196)), sample.at([Float](repeating: 200, count: 196))
    )
    #expect(abs(far.mean / near.mean - 2) < 0.05)
    // Rays that only touch the slice differ a little.
    let expected = near.gradient.map(Double.init)
    #expect(relativeDeviation(far.gradient, from: expected) < 1e-3)
  }

  @Test(arguments: SliceFitConfiguration.Loss.allCases)
  func theMeanOverPartsOfTheViewsIsTheWhole(loss: SliceFitConfiguration.Loss) throws {
    let configuration = Self.configuration(loss)
    let values = try Sample(configuration).values(seed: 2)
    let parts = try [[0, 3, 6], [1, 4, 7], [8, 2, 5]].map {
      try Sample(configuration, measurements: $0).at(values)
    }
    let whole = try Sample(configuration).at(values)
    #expect(abs(parts.reduce(0) { $0 + $1.mean / 3 } - whole.mean) < 1e-5 * whole.mean)
    let gradient = values.indices.map { i in
      parts.reduce(0.0) { $0 + Double($1.gradient[i]) / 3 }
    }
    #expect(relativeDeviation(whole.gradient, from: gradient) < 1e-4)
    // The order of the views does not matter.
    let turned = try Sample(configuration, measurements: [8, 7, 6, 5, 4, 3, 2, 1, 0]).at(values)
    #expect(abs(turned.mean - whole.mean) < 1e-6 * whole.mean)
    #expect(relativeDeviation(turned.gradient, from: whole.gradient.map(Double.init)) < 1e-5)
  }

  // MARK: Filtered

  @Test(arguments: [0.8, 1]) func aStepFromZeroIsTheFilteredBackProjection(binWidth: Double) throws
  {
    var configuration = FitSample.configuration(size: 32, views: 60)
    configuration.isNonNegative = false
    configuration.scan.binWidth = binWidth
    configuration.scan.binCount = 61
    configuration.scan.center = 30
    configuration.window = .ramLak
    let disc = Disc(x: 2, y: -1, radius: 8)
    let sinogram = disc.sinogram(configuration.scan)
    let sample = try Sample(configuration, sinogram: sinogram)
    let pixels = Float(configuration.grid.pixelCount)
    let gradient = sample.at([Float](repeating: 0, count: 1024)).gradient
    let step = gradient.map { -pixels / 2 * $0 * Float(sample.problem.scale) }

    // By hand: π / views · Aᵀ R b, with bins of this width.
    let projector = sample.problem.projector
    var filtered = RampFilter(.ramLak, binCount: 61, binWidth: binWidth).apply(to: sinogram)
    for i in filtered.elements.indices { filtered.elements[i] *= Float(.pi / 60 * binWidth) }
    let expected = projector.backproject(filtered).elements.map(Double.init)
    #expect(relativeDeviation(step, from: expected) < 1e-5)

    // The value of a disc is right, as it is with the other back projection.
    let slice = Matrix(rows: 32, columns: 32, elements: step)
    let found = disc.statistics(of: slice, configuration.grid)
    #expect(abs(found.mean - 1) < 0.01 && found.deviation < 0.03, "\(found)")
    let usual = FilteredBackprojection(configuration.scan, configuration.grid).reconstruct(sinogram)
    let difference = zip(step, usual.elements).reduce(0.0) {
      $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
    }
    #expect((difference / 1024).squareRoot() < 0.05)
  }

  @Test func theFilteredLossIsNearlyTheMeanSquaredErrorOfTheSlice() throws {
    func blob(_ grid: SliceGrid, _ width: Double) -> Matrix {
      var slice = Matrix(rows: grid.rows, columns: grid.columns)
      for row in 0..<grid.rows {
        for column in 0..<grid.columns {
          let (x, y) = grid.position(row: row, column: column)
          slice[row, column] = Float(exp(-((x - 1) * (x - 1) + (y + 2) * (y + 2)) / width))
        }
      }
      return slice
    }
    var configuration = FitSample.configuration(size: 32, views: 90)
    configuration.isNonNegative = false
    configuration.window = .ramLak
    let grid = configuration.grid
    let (truth, other) = (blob(grid, 18), blob(grid, 30))
    let sinogram = Projector(configuration.scan, grid).project(truth)
    let sample = try Sample(configuration, sinogram: sinogram)
    let scale = Float(sample.problem.scale)
    let error = zip(truth.elements, other.elements).reduce(0.0) {
      $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
    }
    let found = sample.at(other.elements.map { $0 / scale }).mean * Double(scale * scale)
    // Joseph's interpolation smooths a little, and so does the ramp at the highest frequencies.
    #expect(abs(found - error / 1024) < 0.03 * error / 1024)
    // The loss of the projections knows nothing of that.
    configuration.loss = .projection
    let plain = try Sample(configuration, sinogram: sinogram)
    #expect(plain.at(other.elements.map { $0 / scale }).mean > 10 * error / 1024)
  }

  @Test func theFilteredLossOfAFanIsNearlyTheMeanSquaredErrorToo() throws {
    var configuration = FitSample.configuration(size: 32, views: 120)
    configuration.scan = ScanGeometry(
      beam: .fan(sourceToOrigin: 120, sourceToDetector: 240),
      angles: ScanGeometry.angles(from: 0, to: 2 * .pi, count: 120), binCount: 63, binWidth: 2)
    configuration.isNonNegative = false
    configuration.window = .ramLak
    let disc = Disc(x: 2, y: -1, radius: 8)
    let sample = try Sample(configuration, sinogram: disc.sinogram(configuration.scan))
    let gradient = sample.at([Float](repeating: 0, count: 1024)).gradient
    let step = gradient.map { -512 * $0 * Float(sample.problem.scale) }
    let found = disc.statistics(
      of: Matrix(rows: 32, columns: 32, elements: step), configuration.grid)
    // Without the cosines of the fan's angles, which are 0.99 and more here.
    #expect(abs(found.mean - 1) < 0.03 && found.deviation < 0.05, "\(found)")
  }
}
