import Foundation
import Imaging
import Networks
import SplineGeometry
import Training

/// The regions of a network of the plane while it trains, as a sequence of pictures: `step-000123.png`
/// in the folder `regions` of the run.
///
/// A region's colour follows from its activation pattern, so that it stays while the region does.
struct RegionPictures {
  /// In pixels.
  static let longestSide = 400.0

  private let folder: String
  private let frame: ContourDrawing.Frame

  /// Makes the folder.
  ///
  /// Pictures of steps at which the history has no regions go away: those of an earlier run to the same
  /// folder, and those behind the checkpoint of a run that is taken up, which makes them again.
  init(
    in run: RunFolder, history: [HistoryEntry], domain: [ClosedRange<Double>], model: Model
  ) throws {
    folder = try RunFolder(path: run.file("regions")).path
    frame = ContourDrawing.Frame(
      box: domain, model: model, y: nil, longestSide: Self.longestSide)
    let counted = history.filter { $0.measures[TrackedMeasure.regions.rawValue] != nil }
    let kept = Set(counted.map { Self.name(step: $0.step) })
    for name in try FileManager.default.contentsOfDirectory(atPath: folder)
    where Self.isPicture(name) && !kept.contains(name) {
      try? FileManager.default.removeItem(atPath: folder + "/" + name)
    }
  }

  /// - Parameter layerCount: of hidden layers.
  func write(_ partition: PlanarPartition, layerCount: Int, step: Int) throws {
    let panel = RegionDrawing.Panel(caption: nil, partition: partition, lines: [])
    let drawing = RegionDrawing(
      panels: [panel], frame: frame, coloring: .pattern, layerCount: layerCount)
    try drawing.picture.image.write(to: folder + "/" + Self.name(step: step))
  }

  private static func name(step: Int) -> String { String(format: "step-%06d.png", step) }

  private static func isPicture(_ name: String) -> Bool {
    name.wholeMatch(of: /step-\d{6,}\.png/) != nil
  }
}
