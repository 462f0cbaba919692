import Foundation

/// The protocol by which papers of the field compare activations: colour pictures of 512 x 512 pixels,
/// about 199,000 real parameters, 5000 steps of all pixels (FINER, arXiv:2312.02434).
extension QualityReport {
  /// The recipes of the protocol beside our fits with the same networks, on the colour pictures among the
  /// results.
  mutating func addProtocol(_ results: [PictureResult]) {
    let paces = paces.filter { $0.recipe.published != nil }
    let results = results.filter { $0.picture.isInColour }
    guard !paces.isEmpty, !results.isEmpty else { return }
    text += """
      ### The field's protocol

      Colour pictures of 512 x 512 pixels, about 199,000 real parameters, 5000 steps of all pixels. Published: the mean of
      16 DIV2K pictures after these steps (FINER, arXiv:2312.02434), which are other pictures. `here` is the recipe's best on
      the picture named, by this program's engine, with the step where it is not known to its end; hours are PyTorch's
      for all steps on this machine. `inr` is `inr fit image` with the same network and as many parameters; times are read off between its runs.


      """
    let budgets = results[0].budgets.filter { $0 >= 5 }
    row(
      ["recipe", "published", "picture", "here", "hours (PyTorch)", "inr, parameters"]
        + budgets.map { "inr after \(short($0)) s" }
        + ["inr to the recipe's, s", "times sooner", "inr to the published, s"])
    rule(9 + budgets.count)
    for pace in paces {
      for result in results { addProtocol(pace, result, budgets) }
    }
    text += "\n"
  }

  private mutating func addProtocol(
    _ pace: RecipePace, _ result: PictureResult, _ budgets: [Double]
  ) {
    let recipe = pace.recipe
    guard let published = recipe.published,
      let ours = result.results.first(where: { $0.entry.name == recipe.rival })
    else { return }
    func seconds(to psnr: Double) -> String { ours.time(to: psnr).map { format($0, 1) } ?? "—" }
    var (found, reached, sooner) = ("", "", "")
    if let curve = curves.curve(recipe.name, result.picture.name), let best = curve.best {
      let isWhole = curve.points.last?.step == recipe.steps
      found = decibels(best.psnr) + (isWhole ? "" : " (step \(best.step))")
      reached = seconds(to: best.psnr)
      let whole = Double(best.step) * pace.secondsPerStep
      sooner = ours.time(to: best.psnr).map { format(whole / $0, 0) } ?? "—"
    }
    let hours = pace.secondsPerStep * Double(recipe.steps) / 3600
    var cells = [recipe.name, format(published, 1), result.picture.name, found, format(hours, 1)]
    cells.append("\(ours.parameters)")
    cells += budgets.map { decibels(ours.psnr(after: $0)) }
    cells += [reached, sooner, seconds(to: published)]
    row(cells)
  }
}
