import Foundation
import Networks
import Training

extension RecommendedSettings {
  /// A network behind a grid in place of one that takes coordinates
  /// (`Documentation/Decisions/0017-grids-and-other-architectures.md`).
  public mutating func takeGrid(for target: FitTarget) {
    let activation = architecture.activation
    architecture = Architecture(grid, activation: activation)
    // The tables store the pixels, whatever the width behind them.
    training.rounding = RecommendedSettings(activation: activation, for: target).training.rounding
    switch target.aim {
    case .fit:
      training.learnTables(rate: 2e-2)
      training.batch = Int(bounded(8192 / Double(target.pointsPerPixel), 32...2048))
    case .generalise:
      training.learnTables()
      training.batch = Int(bounded(2048 / Double(target.pointsPerPixel), 32...512))
    }
    training.batch = min(training.batch, target.pixels)
    takePasses(10, over: target)
  }

  /// As many steps as make `passes` over the pixels, and not so few that nothing is learned.
  mutating func takePasses(_ passes: Int, over target: FitTarget) {
    training.steps = max(500, passes * (target.pixels / training.batch))
  }

  /// For the pixels alone, up to a vertex for each and about as many numbers as there are values;
  /// to be right between them, many lattices up to half of them. Pixels seen count, as if spread evenly,
  /// and with `--downsample` they are those of the given picture.
  static func grid(for target: FitTarget) -> GridShape {
    let sides = [
      target.side * target.aspect.squareRoot(), target.side / target.aspect.squareRoot(),
    ]
    let share = target.aim == .fit ? 1 : 0.5
    let finest = sides.map { max(8, Int(($0 * share).rounded())) }
    let entries = bounded(log2(Double(target.pixels) / 4).rounded(), 8...23)
    switch target.aim {
    case .fit:
      return GridShape(
        levels: 8, features: target.channels == 1 ? 2 : 4, coarsest: 16, finest: finest,
        entries: 1 << Int(entries))
    case .generalise:
      return GridShape(
        levels: 32, features: 1, coarsest: 8, finest: finest, entries: 1 << Int(entries + 1))
    }
  }
}
