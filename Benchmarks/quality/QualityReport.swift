import Compute
import Foundation

/// The section on quality per second of Benchmarks/RESULTS.md.
struct QualityReport {
  /// Where the section begins; it goes to the next heading of its rank.
  static let heading = "## Quality per second"
  static let targets = [30.0, 35, 40]

  var text: String
  let paces: [RecipePace]
  let curves: RecipeCurves

  init(
    _ options: QualityOptions, peer: Peer, threads: Int, paces: [RecipePace], curves: RecipeCurves
  ) {
    (self.paces, self.curves) = (paces, curves)
    let date = ISO8601DateFormatter().string(from: Date()).prefix(10)
    text = """
      \(Self.heading)

      Made by `make bench-quality` on \(date): \(Machine.processor), \(threads) threads for each program, which take \
      turns; \(peer.description). PSNR in dB over all pixels, clipped to black and white. Only training is \
      timed: starting, compiling (PyTorch), judging and writing are not.

      - `after N s`: a run of its own, of which N seconds is the length and the learning rate falls with the time.
      - `to N dB`: where the line through these runs, over the logarithm of the seconds, crosses it; `<` where the \
      shortest suffices.
      - `held out`: every second row and column is fitted, the PSNR is that of the other pixels; inr runs as long \
      as it does by default, PyTorch \(Int(QualityContest.heldOutSeconds)) s.
      - Products: \(Self.ownPrecision), PyTorch rounds them where its recipe is called so: in the layers behind the \
      first, by autocast. All else is in single precision, and numbers below 2⁻¹²⁶ are zeros for both.
      - Public recipes (`public-`, `protocol-`) have a length of their own, hours. Marked with *: their PSNR after each \
      step is that of this program's engine, kept in `Benchmarks/quality/curves.json`; times are steps by the seconds \
      that PyTorch takes for one here, in this run.


      """
    if options.scale != 1 {
      text += "**A trial: all times were multiplied by \(options.scale).**\n\n"
    }
  }

  private static let ownPrecision =
    FactorRounding.recommended == .bfloat16
    ? "inr rounds their factors to bfloat16 unless the row says otherwise"
    : "inr does not round their factors on this processor"

  // MARK: Tables

  mutating func add(_ result: PictureResult) {
    let budgets = result.budgets
    text += "### \(result.picture.description)\n\n"
    row(
      ["", "parameters"] + Self.targets.map { "to \(Int($0)) dB, s" }
        + budgets.map { "after \(short($0)) s" } + ["held out"])
    rule(3 + Self.targets.count + budgets.count)
    for entry in result.results {
      let times = Self.targets.map { target -> String in
        guard let time = entry.time(to: target) else { return "—" }
        return (entry.isImmediate(target) ? "< " : "") + format(time, time < 10 ? 1 : 0)
      }
      let psnrs = budgets.map { decibels(entry.psnr(after: $0)) }
      row(
        [entry.entry.name, "\(entry.parameters)"] + times + psnrs + [decibels(entry.heldOut)])
    }
    for pace in paces {
      guard let curve = curves.curve(pace.recipe.name, result.picture.name) else { continue }
      addPublic(pace, curve, result)
    }
    let blanks = Array(repeating: "", count: 1 + Self.targets.count + budgets.count)
    row(["bilinear interpolation"] + blanks + [decibels(result.bilinear)])
    row(["cubic interpolation"] + blanks + [decibels(result.cubic)])
    text += "\n"
  }

  private mutating func addPublic(
    _ pace: RecipePace, _ curve: RecipeCurve, _ result: PictureResult
  ) {
    let seconds = pace.secondsPerStep
    let times = Self.targets.map { target in
      curve.step(to: target).map { format(Double($0) * seconds, 0) } ?? "—"
    }
    let psnrs = result.budgets.map {
      decibels(curve.psnr(after: Int($0 / seconds), of: pace.recipe.steps))
    }
    let heldOut = curves.curve(pace.recipe.name, result.picture.name, heldOut: true)?.points.last
    row(["\(pace.recipe.name)*", ""] + times + psnrs + [decibels(heldOut?.psnr)])
  }

  mutating func addPaces() {
    guard !paces.isEmpty else { return }
    text += "### Public recipes\n\n"
    let compared = RecipePace.comparedSteps
    row([
      "recipe", "from", "steps", "seconds a step (PyTorch)", "hours",
      "published PSNR", "PSNR after \(compared) steps, PyTorch", "inr's engine",
    ])
    rule(8)
    for pace in paces {
      row([
        pace.recipe.name, pace.recipe.source, "\(pace.recipe.steps)",
        format(pace.secondsPerStep, 2),
        format(pace.secondsPerStep * Double(pace.recipe.steps) / 3600, 1),
        pace.recipe.published.map { format($0, 1) } ?? "",
        pace.peer.map { format($0, 2) }.joined(separator: " "),
        pace.ours.map { format($0, 2) }.joined(separator: " "),
      ])
    }
    text += """

      Published: the mean of 16 DIV2K pictures, 512 x 512 in colour (FINER, arXiv:2312.02434). The last two
      columns: the same recipe on the first picture at 128 x 128, three seeds each.


      """
  }

  /// How quiet the machine was.
  mutating func addLoad(_ peer: Peer) {
    guard !peer.otherLoads.isEmpty else { return }
    text +=
      "Other programs kept \(format(median(peer.otherLoads), 1)) cores busy while PyTorch ran "
      + "(median).\n\n"
  }

  // MARK: Goals

  mutating func addGoals(_ results: [PictureResult]) {
    text += "### Goals\n\n"
    row(["goal", "picture", "measured", "met"])
    rule(4)
    for goal in QualityGoals(results, paces, curves).all {
      row([goal.name, goal.picture, goal.measured, goal.isMet.map { $0 ? "yes" : "no" } ?? "open"])
    }
    text += "\n"
  }

  // MARK: Text

  mutating func row(_ cells: [String]) {
    text += "| " + cells.joined(separator: " | ") + " |\n"
  }

  mutating func rule(_ count: Int) { row(Array(repeating: "---", count: count)) }

  func format(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  func decibels(_ value: Double?) -> String { value.map { format($0, 2) } ?? "" }

  func short(_ value: Double) -> String { String(format: "%g", value) }
}
