import Compute
import Foundation
import Imaging

/// PSNR over seconds, a picture's entries as curves.
struct QualityChart {
  let result: PictureResult
  let paces: [RecipePace]
  let curves: RecipeCurves

  /// Curves that a chart can still show apart.
  private static let most = 10

  /// The best of ours and of the peer's at the longest budget that they share, and the public recipes.
  private var chart: LineChart {
    let runs = result.results.filter { $0.runs.count > 1 }
    let wanted = runs.filter { $0.entry.scope == .everywhere }
    let entries = (wanted.isEmpty ? runs : wanted).prefix(Self.most)
    var series = entries.map { entry in
      LineChart.Series(
        entry.entry.name, x: entry.runs.map(\.seconds), y: entry.runs.map(\.psnr))
    }
    for pace in paces {
      guard let curve = curves.curve(pace.recipe.name, result.picture.name) else { continue }
      series.append(
        LineChart.Series(
          pace.recipe.name + "*", x: curve.points.map { Double($0.step) * pace.secondsPerStep },
          y: curve.points.map(\.psnr)))
    }
    return LineChart(
      title: "\(result.picture.description): each point of inr and PyTorch is a run of its own",
      xAxis: LineChart.Axis("seconds of training", scale: .logarithmic),
      yAxis: LineChart.Axis("PSNR, dB"), series: series)
  }

  func write(to folder: String) throws -> String {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/\(result.picture.name).svg"
    try AtomicFile.write(Data(chart.svg.utf8), to: path)
    return path
  }
}
