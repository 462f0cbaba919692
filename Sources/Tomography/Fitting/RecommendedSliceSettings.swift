import Compute
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
  ///   - size: of the network.
  ///   - pixels: of the slice, or points of the field where a pixel has several.
  ///   - supersampling: points of the field along each side of a pixel.
  ///   - photons: counts of an unattenuated ray, where they are known.
  public init(
    activation: String, size: NetworkSize = NetworkSize(), method: SliceFitConfiguration.Method,
    pixels: Int, supersampling: Int = 1, views: Int, photons: Double? = nil
  ) {
    architecture = Architecture(activation: activation)
    let scaling = architecture.resize(to: size)
    training = TrainingConfiguration()
    let side = Double(max(pixels, 1)).squareRoot()
    fourierScale = min(max(0.02 * side, 1), 20)
    grid = Self.grid(
      side: side,
      wanted: photons.map {
        Self.cells(side: side / Double(supersampling), views: views, photons: $0)
      })
    switch activation {
    case Sine.name:
      let frequency = 0.4 * side * scaling.frequency(samples: pixels)
      architecture.firstConstants = ["omega0": Float(min(max(frequency, 20), 400))]
    case FINER.name: architecture.firstBias = 1
    case ReLU.name, LeakyReLU.name, SoftReLU.name:
      architecture.features = Architecture.Features(.fourier, frequencies: 128, scale: fourierScale)
    default: break
    }
    training.firstLayerRate = 0.25
    training.rounding = .recommended
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
    training.learningRate *= scaling.rate
  }

  /// Cells along a side with which a grid learns a noisy slice best: a vertex for four rays of 10⁴
  /// photons, and more or fewer as rays are worth the root of their counts. Finer lattices learn noise,
  /// and coarser ones miss what the views tell.
  private static func cells(side: Double, views: Int, photons: Double) -> Double {
    let rays = Double(max(views, 1)) * side
    return (rays * photons.squareRoot() / 400).squareRoot()
  }

  /// A grid with so many cells, or with a vertex for each point, which is also the most.
  private static func grid(side: Double, wanted: Double?) -> GridShape {
    let cells = min(max(min(wanted ?? side, side).rounded(), 8), 4095)
    // Up to the 4096 points a side that 2²⁴ entries are for, no lattice shares them by a hash.
    let entries = max(log2((cells + 1) * (cells + 1)).rounded(.up), 16)
    return GridShape(finest: [Int(cells)], entries: 1 << Int(entries))
  }

  /// Whether a network behind a grid is the choice: with so much noise that half as many cells as
  /// pixels along a side are enough. Its slices are then as good as those of sines or better, better
  /// between the pixels, and take a fifth to two fifths of the training. Finer grids are no better than
  /// sines at the pixels, and worse between them.
  public static func prefersGrid(
    method: SliceFitConfiguration.Method, pixels: Int, supersampling: Int = 1, views: Int,
    photons: Double?
  ) -> Bool {
    guard method == .split, let photons else { return false }
    let side = Double(max(pixels, 1)).squareRoot() / Double(supersampling)
    return cells(side: side, views: views, photons: photons) <= side / 2
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
