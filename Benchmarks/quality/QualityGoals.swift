import Foundation
import Imaging

/// What the documents promise, and what was measured.
struct QualityGoals {
  struct Goal {
    let name: String
    let picture: String
    let measured: String
    /// Nil where it was not measured.
    let isMet: Bool?
  }

  private let results: [PictureResult]
  private let paces: [RecipePace]
  private let curves: RecipeCurves

  init(_ results: [PictureResult], _ paces: [RecipePace], _ curves: RecipeCurves) {
    (self.results, self.paces, self.curves) = (results, paces, curves)
  }

  /// So many times sooner than a public recipe.
  static let publicFactor = 20.0

  /// Entries that a user gets without choosing a network.
  private static let defaults = ["inr: default", "inr: preset fast"]

  var all: [Goal] {
    var goals: [Goal] = []
    if let first = results.first {
      goals += [time(to: 35, within: 10, first), time(to: 40, within: 30, first)]
    }
    for result in results {
      goals += paces.map { overtaking($0, result) }.compactMap { $0 }
      for target in QualityReport.targets {
        goals += [against(.ofLikeSize, target, result), against(.ofAnySize, target, result)]
          .compactMap { $0 }
      }
      goals += heldOut(result)
    }
    return goals
  }

  private func time(to decibels: Double, within seconds: Double, _ result: PictureResult) -> Goal {
    let candidates = result.results.filter { Self.defaults.contains($0.entry.name) }
    let best = Self.fastest(candidates, to: decibels)
    return Goal(
      name: "\(Int(decibels)) dB within \(Int(seconds)) s by default or `--preset fast`",
      picture: result.picture.name,
      measured: best.map { "\(Self.format($0.time)) s (\($0.name))" }
        ?? "not within \(Self.format(result.budgets.last ?? 0)) s",
      isMet: candidates.isEmpty ? nil : best.map { $0.time <= seconds } ?? false)
  }

  /// A public recipe at its last known PSNR, against the entry with the same network.
  private func overtaking(_ pace: RecipePace, _ result: PictureResult) -> Goal? {
    guard let curve = curves.curve(pace.recipe.name, result.picture.name), let end = curve.best,
      let rival = result.results.first(where: { $0.entry.name == pace.recipe.rival })
    else { return nil }
    let seconds = Double(end.step) * pace.secondsPerStep
    let own = rival.time(to: end.psnr)
    let last = rival.runs.last.map {
      ", \(Self.format($0.psnr)) dB after \(Self.format($0.budget)) s"
    }
    let isWhole = curve.points.last?.step == pace.recipe.steps
    let place = isWhole ? "its best" : "what it has after \(end.step) of \(pace.recipe.steps) steps"
    return Goal(
      name:
        "\(pace.recipe.name) overtaken at \(place), \(Self.format(end.psnr)) dB, \(Int(Self.publicFactor)) times sooner",
      picture: result.picture.name,
      measured: own.map {
        "\(rival.isImmediate(end.psnr) ? "at least " : "")\(Self.format(seconds / $0)) times "
          + "(\(Self.format($0)) s, PyTorch \(Self.format(seconds)) s)"
      } ?? "not reached by \(pace.recipe.rival)\(last ?? "")",
      isMet: own.map { seconds / $0 >= Self.publicFactor } ?? false)
  }

  /// Which of PyTorch's recipes with small batches count.
  private enum Rivals: String {
    /// With fewer parameters than the picture has samples.
    case ofLikeSize = "PyTorch's best small-batch recipe with fewer parameters than samples"
    case ofAnySize = "PyTorch's best small-batch recipe of any size"
  }

  private func against(_ rivals: Rivals, _ decibels: Double, _ result: PictureResult) -> Goal? {
    let image = result.picture.image
    let samples = image.pixelCount * image.channels
    let allowed = result.results.filter { rivals == .ofAnySize || $0.parameters < samples }
    let ours = Self.fastest(allowed.filter(\.entry.isOurs), to: decibels)
    let peers = allowed.filter { !$0.entry.isOurs }
    let theirs = Self.fastest(peers, to: decibels)
    guard !peers.isEmpty, ours != nil || theirs != nil else { return nil }
    // A peer that does not get there within its longest run takes longer than that.
    let longest = peers.compactMap { $0.runs.last?.budget }.max() ?? 0
    let time = theirs?.time ?? longest
    let name = theirs.map { "\($0.name) \(Self.format($0.time)) s" }
    let ratio = ours.map { time / $0.time }
    // The shortest budget was more than enough: how much less would do is not known.
    let isImmediate = ours?.isImmediate ?? false
    let measured = ours.map {
      (theirs == nil ? "more than " : isImmediate ? "at least " : "")
        + "\(Self.format(time / $0.time)) times (\($0.name) "
        + "\(Self.format($0.time)) s, \(name ?? "PyTorch not within \(Self.format(longest)) s"))"
    }
    return Goal(
      name: "\(rivals.rawValue) at \(Int(decibels)) dB: 3 times sooner",
      picture: result.picture.name,
      measured: measured ?? "not reached within \(Self.format(result.budgets.last ?? 0)) s",
      isMet: ratio.map { $0 >= 3 ? true : theirs == nil || isImmediate ? nil : false } ?? false)
  }

  private func heldOut(_ result: PictureResult) -> [Goal] {
    guard
      let ours = result.results.first(where: { $0.entry.name == "inr: default" })?.heldOut
    else { return [] }
    let interpolation = max(result.bilinear, result.cubic)
    let recipes = paces.flatMap { pace -> [(String, Double)] in
      let curve = curves.curve(pace.recipe.name, result.picture.name, heldOut: true)
      guard let last = curve?.points.last, let best = curve?.best else { return [] }
      // Which step is the best, only the withheld pixels tell.
      return (best.step == last.step ? [last] : [last, best]).map { point in
        ("\(pace.recipe.name) after \(point.step) of \(pace.recipe.steps) steps", point.psnr)
      }
    }
    func goal(_ name: String, _ other: Double) -> Goal {
      Goal(
        name: "held out, the default at or above \(name)", picture: result.picture.name,
        measured: String(format: "%.2f and %.2f dB", ours, other), isMet: ours >= other)
    }
    return [goal("bilinear and cubic interpolation", interpolation)]
      + recipes.map { goal($0.0, $0.1) }
  }

  // MARK: Shared

  private static func fastest(_ results: [QualityResult], to decibels: Double)
    -> (name: String, time: Double, isImmediate: Bool)?
  {
    results.compactMap { result in
      result.time(to: decibels).map { (result.entry.name, $0, result.isImmediate(decibels)) }
    }.min { $0.1 < $1.1 }
  }

  private static func format(_ value: Double) -> String {
    String(format: value < 100 ? "%.1f" : "%.0f", value)
  }
}
