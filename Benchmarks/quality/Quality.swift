import Compute
import Foundation

/// `make bench-quality`: how good fits to pictures are after how long, beside PyTorch.
enum Quality {
  /// The section of the results; nil if only curves were made.
  static func run(_ options: Options, python: String) throws -> QualityReport? {
    let quality = options.quality
    let pictures = try pictures(quality)
    var curves = try RecipeCurves()
    let workers = quality.threads.map { Workers(count: $0) } ?? Workers()
    if quality.curveSteps != nil {
      try curves.make(pictures, quality, workers)
      return nil
    }
    let peer = try Peer(named: "quality", python: python, threads: workers.count)
    let contest = QualityContest(options: quality, peer: peer, threads: workers.count)
    var paces: [RecipePace] = []
    for recipe in PublicRecipe.all where quality.isWanted(recipe.name) {
      let isKnown = pictures.contains { curves.curve(recipe.name, $0.name) != nil }
      let isOfProtocol = recipe.published != nil && pictures.contains { $0.isInColour }
      guard isKnown || isOfProtocol else { continue }
      paces.append(try contest.pace(recipe, pictures[0], workers))
    }
    var report = QualityReport(
      quality, peer: peer, threads: workers.count, paces: paces, curves: curves)
    var results: [PictureResult] = []
    for (i, picture) in pictures.enumerated() {
      let result = try contest.run(picture, isFirst: i == 0, paces, curves)
      report.add(result)
      results.append(result)
      let chart = QualityChart(result: result, paces: paces, curves: curves)
      progress("drawn: \(try chart.write(to: quality.charts))")
    }
    report.addProtocol(results)
    report.addPaces()
    report.addGoals(results)
    report.addLoad(peer)
    return report
  }

  /// The user's pictures, or cameraman and the colour pictures that are there.
  private static func pictures(_ options: QualityOptions) throws -> [QualityPicture] {
    if !options.pictures.isEmpty {
      return try options.pictures.map { try QualityPicture($0, side: options.side) }
    }
    var paths = ["data/cameraman.png"]
    if let folder = options.data {
      paths += QualityPicture.colourNames.map { folder + "/" + $0 }
    }
    return try paths.map { try QualityPicture($0, side: options.side) }
  }
}
