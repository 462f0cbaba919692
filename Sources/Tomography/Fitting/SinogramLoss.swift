import Compute
import Foundation
import Networks
import Training

/// A loss of a slice's sinogram, and its gradient with respect to the pixels.
///
/// - `projection`: `Σ w r² / Σ w` of the residual `r = A x − b`. With a limit for Huber's function,
///   the number whose square that is takes the place of r, in both losses.
/// - `filtered`: `1/pixels · Σ_views Δθ Δs ⟨√w r, R √w r⟩` with the ramp filter R, which by the
///   Fourier slice theorem is nearly the mean squared error of the slice; its gradient, times half the
///   number of pixels, is the filtered back projection (by the adjoint) of the residual.
/// - To either: `λ/pixels · TV(x)`, smoothed near zero, and a penalty on negative values.
///
/// - Shapes: slices `[rows, columns]`; measurements are views, by number.
/// - Derivation: `Documentation/Math/filtered-backprojection.md`.
package final class SinogramLoss: OperatorData, Sendable {
  package let points: any CoordinateSource
  package let channels = 1
  private let problem: SliceProblem
  private let configuration: SliceFitConfiguration
  /// The filter at the beginning and at the end of the run.
  private let filters: (first: RampFilter, last: RampFilter)?
  private let angleWeights: [Double]
  private let allPoints: [Int32]
  /// λ, of sums over pixels of squared residuals and of lengths of gradients.
  private let lambda: Double
  private let huber: Float?

  package init(
    _ problem: SliceProblem, _ configuration: SliceFitConfiguration, lambda: Double,
    points: any CoordinateSource
  ) {
    self.problem = problem
    self.configuration = configuration
    self.lambda = lambda
    self.points = points
    let scan = problem.projector.scan
    func filter(_ window: RampFilter.Window) -> RampFilter {
      RampFilter(
        window, binCount: scan.binCount, binWidth: scan.binWidth * scan.magnificationToAxis)
    }
    switch configuration.loss {
    case .projection: filters = nil
    case .filtered:
      filters = (
        filter(configuration.window),
        filter(configuration.annealsWindow ? .ramLak : configuration.window)
      )
    }
    angleWeights = scan.reconstructionWeights.map {
      scan.beam == .parallel ? $0 : $0 / 2
    }
    allPoints = (0..<Int32(problem.projector.grid.pixelCount)).map { $0 }
    huber = configuration.huber.map {
      Float(
        $0 / (problem.scale * configuration.grid.pixelSize / Double(configuration.supersampling)))
    }
  }

  package func rows(seenBy measurements: ArraySlice<Int32>) -> [Int32] { allPoints }

  package func loss(of values: [Float], at measurements: ArraySlice<Int32>, progress: Double)
    -> (mean: Double, gradient: [Float])
  {
    let slice = problem.slice(of: values, isNonNegative: false)
    let views = measurements.map { Int($0) }
    let isAll = views == Array(0..<problem.sinogram.rows)
    let projector = isAll ? problem.projector : problem.projector.keeping(views: views)
    var (loss, gradient) = dataTerm(slice, projector, views, progress)
    loss += addVariation(of: slice, to: &gradient)
    if configuration.isNonNegative { loss += addNegativity(of: slice, to: &gradient) }
    if let mask = problem.mask {
      for i in gradient.elements.indices where !mask[i] { gradient.elements[i] = 0 }
    }
    return (loss, gradient.elements)
  }

  // MARK: Data

  private func dataTerm(_ slice: Matrix, _ projector: Projector, _ views: [Int], _ progress: Double)
    -> (Double, Matrix)
  {
    var residual = projector.project(slice)
    let columns = residual.columns
    // ∂u/∂r of what takes the place of the residual, u(r).
    var slopes = residual.elements
    var (total, sum) = (0.0, 0.0)
    for (row, view) in views.enumerated() {
      for bin in 0..<columns {
        let i = row * columns + bin
        let r = residual.elements[i] - problem.sinogram.elements[view * columns + bin]
        let weight = problem.weights.elements[view * columns + bin]
        let (value, slope) = softened(r)
        total += Double(weight)
        sum += Double(weight) * Double(value * value)
        slopes[i] = weight.squareRoot() * slope
        residual.elements[i] = weight.squareRoot() * value
      }
    }
    let pixels = Double(problem.projector.grid.pixelCount)
    var dual = residual
    var loss = sum / max(total, 1)
    var scale = 2 / max(total, 1)
    if let filters {
      dual = filtered(residual, filters, progress)
      let share = Double(problem.sinogram.rows) / Double(views.count)
      scale = 2 * share / pixels
      loss = 0
      for (row, view) in views.enumerated() {
        let weight =
          angleWeights[view] * problem.projector.scan.binWidth
          * problem.projector.scan.magnificationToAxis
        for i in row * columns..<(row + 1) * columns {
          loss += weight * Double(residual.elements[i]) * Double(dual.elements[i])
          dual.elements[i] *= Float(weight)
        }
      }
      loss *= share / pixels
    }
    for i in slopes.indices { dual.elements[i] *= Float(scale) * slopes[i] }
    return (loss, projector.backproject(dual))
  }

  /// A number whose square is Huber's function of the residual, quadratic up to the limit and linear
  /// beyond it, and its derivative.
  private func softened(_ residual: Float) -> (value: Float, slope: Float) {
    guard let huber, abs(residual) > huber else { return (residual, 1) }
    let size = (huber * (2 * abs(residual) - huber)).squareRoot()
    return (residual < 0 ? -size : size, huber / size)
  }

  private func filtered(
    _ residual: Matrix, _ filters: (first: RampFilter, last: RampFilter), _ progress: Double
  ) -> Matrix {
    let workers = problem.projector.workers
    let first = filters.first.apply(to: residual, workers: workers)
    guard filters.first != filters.last, progress > 0 else { return first }
    let last = filters.last.apply(to: residual, workers: workers)
    var mixed = first
    for i in mixed.elements.indices {
      mixed.elements[i] += Float(progress) * (last.elements[i] - mixed.elements[i])
    }
    return mixed
  }

  // MARK: Prior

  /// Differences below it hardly count.
  private static let smoothing: Float = 1e-3

  private func addVariation(of slice: Matrix, to gradient: inout Matrix) -> Double {
    guard lambda > 0 else { return 0 }
    let (rows, columns) = (slice.rows, slice.columns)
    let x = slice.elements.span
    let factor = Float(lambda) / Float(rows * columns)
    var slopes = gradient.elements.mutableSpan
    var sum = 0.0
    for row in 0..<rows {
      for column in 0..<columns {
        let i = row * columns + column
        let dx = column + 1 < columns ? x[i + 1] - x[i] : 0
        let dy = row + 1 < rows ? x[i + columns] - x[i] : 0
        let length = (dx * dx + dy * dy + Self.smoothing * Self.smoothing).squareRoot()
        sum += Double(length - Self.smoothing)
        if dx != 0 {
          slopes[i + 1] += factor * dx / length
          slopes[i] -= factor * dx / length
        }
        if dy != 0 {
          slopes[i + columns] += factor * dy / length
          slopes[i] -= factor * dy / length
        }
      }
    }
    return sum * Double(factor)
  }

  /// The mean square of what is below zero.
  private func addNegativity(of slice: Matrix, to gradient: inout Matrix) -> Double {
    let factor = 1 / Float(slice.elements.count)
    var sum = 0.0
    for i in slice.elements.indices where slice.elements[i] < 0 {
      sum += Double(slice.elements[i] * slice.elements[i])
      gradient.elements[i] += 2 * factor * slice.elements[i]
    }
    return sum * Double(factor)
  }
}
