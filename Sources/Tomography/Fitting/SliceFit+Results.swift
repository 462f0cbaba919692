import Compute
import Foundation
import Imaging
import Networks
import Training

/// What a fit to a sinogram came to, as run.json and `--json` have it.
public struct SliceFitMetrics: Sendable, Equatable, Codable {
  /// Against the reference, as ``ReferenceMeasures`` has them; 999 dB for a slice without error.
  public var psnr: Double?
  public var ssim: Double?
  public var rmse: Double?
  public var peak: Double?
  public var dataRange: Double?
  /// The root of the weighted mean square residual of the sinogram, over the rays trained on.
  public var residual: Double
  /// The same over the rays held out.
  public var residualHeldOut: Double?
  /// Strength of the total variation.
  public var totalVariation: Double
  public var seconds: Double
  public var steps: Int
  public var passes: Double
  public var rowsPerSecond: Double
  public var parameters: Int
  public var stop: String
}

extension SliceFit {
  /// The network of the result, with what rendering it needs to know.
  public var model: Model {
    Model(
      network: network, coordinates: .pixelCentres, axes: .xy,
      properties: [
        "task": .string("ct"), "width": .integer(configuration.grid.columns),
        "height": .integer(configuration.grid.rows), "channels": .integer(1),
        "pixel_size": .number(configuration.grid.pixelSize),
      ])
  }

  /// Projection of a slice in the caller's units, minus the sinogram.
  public func residual(of slice: Matrix) -> Matrix {
    let projector = Projector(
      configuration.scan, configuration.grid, model: configuration.projection,
      workers: problem.projector.workers)
    var projected = projector.project(slice)
    for i in projected.elements.indices { projected.elements[i] -= sinogram.elements[i] }
    return projected
  }

  /// - Parameter measures: how far the slice is from the true one; reported, never used.
  public func metrics(
    of slice: Matrix, measures: ReferenceMeasures?, stop: StopReason, rowsPerSecond: Double
  ) -> SliceFitMetrics {
    let residual = residual(of: slice)
    func rootMeanSquare(_ weights: Matrix) -> Double {
      var (sum, total) = (0.0, 0.0)
      for (r, w) in zip(residual.elements, weights.elements) {
        sum += Double(w) * Double(r) * Double(r)
        total += Double(w)
      }
      return total > 0 ? (sum / total).squareRoot() : 0
    }
    let samples =
      configuration.method == .split
      ? problem.mask?.count { $0 } ?? lattice.count : sinogram.rows
    let batch = min(configuration.training.batch, samples)
    return SliceFitMetrics(
      psnr: measures.map { min($0.psnr, 999) }, ssim: measures?.ssim, rmse: measures?.rmse,
      peak: measures?.peak, dataRange: measures?.dataRange,
      residual: rootMeanSquare(problem.weights),
      residualHeldOut: problem.heldOut.map(rootMeanSquare),
      totalVariation: strength.chosen, seconds: trainer.seconds, steps: trainer.step,
      passes: Double(trainer.step * batch) / Double(samples), rowsPerSecond: rowsPerSecond,
      parameters: network.parameterCount, stop: stop.rawValue)
  }

  /// Filtered back projection of many views of a slice, with the measured ones in their places.
  ///
  /// A slice that explains the data stands in for the views that are missing; where the truth itself
  /// is a filtered back projection, the result is nearer to it than the slice.
  ///
  /// - Parameter count: views over the arc of the scan.
  /// - Source: Wu et al., Self-supervised coordinate projection network for sparse-view computed
  ///   tomography (SCOPE), IEEE TCI 9 (2023), arXiv:2209.05483.
  public func reprojected(_ slice: Matrix, count: Int) -> Matrix {
    let scan = configuration.scan
    let arc: Double = scan.beam == .parallel ? .pi : 2 * .pi
    let first = scan.angles.min() ?? 0
    // Views that were measured take the place of those beside them.
    let spacing = arc / Double(count)
    let synthetic = ScanGeometry.angles(from: first, to: first + arc, count: count).filter {
      angle in
      !scan.angles.contains { measured in
        abs((measured - angle).remainder(dividingBy: arc)) < spacing / 2
      }
    }
    var dense = scan
    dense.angles = synthetic
    let workers = problem.projector.workers
    let projected = Projector(
      dense, configuration.grid, model: configuration.projection, workers: workers
    ).project(slice)
    dense.angles += scan.angles
    let all = Matrix(
      rows: dense.viewCount, columns: scan.binCount,
      elements: projected.elements + sinogram.elements)
    return FilteredBackprojection(dense, configuration.grid, workers: workers).reconstruct(all)
  }
}
