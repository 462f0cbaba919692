import Foundation
import Networks
import Training

/// Settings of a fit to a sinogram that were chosen by measurement, as
/// `Documentation/Decisions/0009-fits-to-sinograms.md` tells.
public struct RecommendedSliceSettings: Sendable, Equatable {
  /// The activation of choice of a network that takes coordinates.
  public static let activation = Sine.name

  public var architecture: Architecture
  public var training: TrainingConfiguration
  /// Of Fourier features, in periods per unit of the coordinates.
  public let fourierScale: Double
  public let grid: GridShape

  /// - Parameters:
  ///   - pixels: of the slice, or points of the field where a pixel has several.
  ///   - supersampling: points of the field along each side of a pixel.
  ///   - isNoisy: whether the data are known to have noise.
  public init(
    activation: String, method: SliceFitConfiguration.Method, pixels: Int, supersampling: Int = 1,
    views: Int, isNoisy: Bool = false
  ) {
    architecture = Architecture(activation: activation)
    training = TrainingConfiguration()
    let side = Double(max(pixels, 1)).squareRoot()
    fourierScale = min(max(0.02 * side, 1), 20)
    let rays = Double(max(views, 1)) * side / Double(supersampling)
    grid = Self.grid(side: side, rays: isNoisy ? rays : nil)
    switch activation {
    case Sine.name:
      architecture.firstConstants = ["omega0": Float(min(max(0.4 * side, 20), 400))]
    case FINER.name: architecture.firstBias = 1
    case ReLU.name, LeakyReLU.name, SoftReLU.name:
      architecture.features = Architecture.Features(.fourier, frequencies: 128, scale: fourierScale)
    default: break
    }
    training.firstLayerRate = 0.25
    switch method {
    case .split:
      training.batch = min(512, max(pixels, 1))
      // The larger ω₀ that many pixels need makes a step go further.
      training.learningRate = 4e-4 * min(1, 65_536 / Double(max(pixels, 1)))
      training.steps = Self.steps(pixels: Double(pixels))
    case .direct:
      training.batch = max(views, 1)
      training.learningRate = 5e-4
      training.steps = 400
    }
  }

  /// With noise, a vertex for four rays: finer lattices learn noise, and coarser ones miss what many
  /// views tell. Without, a vertex for each point.
  private static func grid(side: Double, rays: Double?) -> GridShape {
    let wanted = min(rays.map { $0.squareRoot() / 2 } ?? side, side)
    let cells = min(max(wanted.rounded(), 8), 4095)
    // Up to the 4096 points a side that 2²⁴ entries are for, no lattice shares them by a hash.
    let entries = max(log2((cells + 1) * (cells + 1)).rounded(.up), 16)
    return GridShape(finest: [Int(cells)], entries: 1 << Int(entries))
  }

  /// Whether a network behind a grid is the choice: with noise its slices are better than those of
  /// sines, at the pixels and between them, and take a fifth to a third of the training. Without, it
  /// is no better at the pixels, and worse between them.
  public static func prefersGrid(method: SliceFitConfiguration.Method, isNoisy: Bool) -> Bool {
    method == .split && isNoisy
  }

  /// A network behind a grid in place of one that takes coordinates.
  public mutating func takeGrid() {
    architecture = Architecture(grid, activation: architecture.activation)
    training.learnTables()
  }

  /// Points of the field along each side of a pixel: 256 points a side at least, but at most 4 a pixel.
  ///
  /// The error of a coarse grid looks like noise that no view averages away; a network has no grid.
  public static func supersampling(of grid: SliceGrid) -> Int {
    let side = min(grid.rows, grid.columns)
    return min(max((256 + side - 1) / side, 1), 4)
  }

  /// 60 passes over 256 × 256 pixels, and at least 4000 steps; beyond, steps grow with the side.
  private static func steps(pixels: Double) -> Int {
    let share = pixels / 65_536
    return max(4000, Int(60 * 128 * (share <= 1 ? share : share.squareRoot())))
  }
}
