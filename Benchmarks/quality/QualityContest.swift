import Compute
import Foundation
import Imaging

/// A run whose schedule ends with its budget, and how good it was then.
struct BudgetRun {
  /// Seconds of training that were allowed, and that it took.
  let budget: Double
  let seconds: Double
  let steps: Int
  let psnr: Double
}

/// What an entry did with a picture.
struct QualityResult {
  let entry: QualityEntry
  /// By growing budgets.
  var runs: [BudgetRun] = []
  var heldOut: Double?
  /// Real numbers of the network.
  var parameters = 0

  /// Seconds to a PSNR: where the line through (log seconds, PSNR) of the runs crosses it. The first
  /// budget where it suffices already; nil where none does.
  func time(to decibels: Double) -> Double? {
    guard let last = runs.firstIndex(where: { $0.psnr >= decibels }) else { return nil }
    guard last > 0 else { return runs[0].budget }
    let (low, high) = (runs[last - 1], runs[last])
    let share = (decibels - low.psnr) / (high.psnr - low.psnr)
    return low.budget * pow(high.budget / low.budget, share)
  }

  /// Whether the first run was better than that already.
  func isImmediate(_ decibels: Double) -> Bool { runs.first.map { $0.psnr >= decibels } ?? false }

  func psnr(after budget: Double) -> Double? { runs.first { $0.budget == budget }?.psnr }
}

/// All that was measured on a picture.
struct PictureResult {
  let picture: QualityPicture
  let results: [QualityResult]
  let budgets: [Double]
  let bilinear: Double
  let cubic: Double
}

/// Programs take turns at fitting pictures in given times.
struct QualityContest {
  let options: QualityOptions
  let peer: Peer
  let threads: Int

  /// Seconds of the peer's runs on a quarter of the pixels.
  static let heldOutSeconds = 10.0

  struct Failure: Error, CustomStringConvertible { let description: String }

  /// - Parameters:
  ///   - isFirst: whether all entries are wanted.
  ///   - paces: of public recipes, which entries with the same networks are to overtake.
  func run(
    _ picture: QualityPicture, isFirst: Bool, _ paces: [RecipePace], _ curves: RecipeCurves
  ) throws -> PictureResult {
    try withTemporaryFolder { folder in
      let path = folder + "/picture.npy"
      try picture.image.write(to: path)
      let entries = QualityEntry.all.filter {
        options.isWanted($0.name) && (isFirst || options.isLong || $0.scope != .firstPicture)
      }
      var results = entries.map { QualityResult(entry: $0) }
      let budgets = options.budgets
      for budget in budgets {
        for i in results.indices where options.hasBudget(budget, entries[i].scope, isFirst) {
          progress("\(picture.name), \(budget.formatted()) s: \(entries[i].name)")
          let run = try fit(entries[i], path, folder, seconds: budget * options.scale)
          results[i].parameters = run.parameters
          results[i].runs.append(
            BudgetRun(budget: budget, seconds: run.seconds, steps: run.steps, psnr: run.psnr))
        }
      }
      for pace in paces {
        guard let end = curves.curve(pace.recipe.name, picture.name)?.best,
          let i = results.firstIndex(where: { $0.entry.name == pace.recipe.rival }),
          results[i].time(to: end.psnr) == nil
        else { continue }
        // Twice the time until it is there, or would be too late.
        let most = Double(end.step) * pace.secondsPerStep / QualityGoals.publicFactor
        while let last = results[i].runs.last, last.psnr < end.psnr, last.budget < most {
          let seconds = min(2 * last.budget, most)
          progress("\(picture.name), \(Int(seconds)) s: \(entries[i].name)")
          let run = try fit(entries[i], path, folder, seconds: seconds * options.scale)
          results[i].runs.append(
            BudgetRun(budget: seconds, seconds: run.seconds, steps: run.steps, psnr: run.psnr))
        }
      }
      for i in results.indices {
        progress("\(picture.name), held out: \(entries[i].name)")
        results[i].heldOut = try heldOut(entries[i], path, folder, picture.image)
      }
      return PictureResult(
        picture: picture, results: results, budgets: budgets,
        bilinear: Interpolation.heldOutPSNR(of: picture.image, weights: Interpolation.linear),
        cubic: Interpolation.heldOutPSNR(of: picture.image, weights: Interpolation.cubic))
    }
  }

  // MARK: One run

  private struct Run {
    let seconds: Double
    let steps: Int
    let psnr: Double
    let parameters: Int
  }

  private func fit(_ entry: QualityEntry, _ path: String, _ folder: String, seconds: Double) throws
    -> Run
  {
    switch entry.program {
    case .inr(let words):
      let metrics = try inr(words + " --time-limit \(seconds)", path, folder)
      return try Run(
        seconds: metrics.number("seconds"), steps: Int(metrics.number("steps")),
        psnr: metrics.number("psnr"), parameters: Int(metrics.number("parameters")))
    case .pytorch(let recipe):
      let result = folder + "/result.npy"
      let reply = JSONReply(
        try peer.ask([
          "task": "fit", "recipe": recipe, "picture": path, "result": result, "seconds": seconds,
        ]))
      return try Run(
        seconds: reply.number("seconds"), steps: Int(reply.number("steps")),
        psnr: psnr(try Image.read(result), try Image.read(path)),
        parameters: Int(reply.number("parameters")))
    }
  }

  /// PSNR of the pixels between the samples. inr takes as long as it does by default, the peer ten
  /// seconds.
  private func heldOut(
    _ entry: QualityEntry, _ path: String, _ folder: String, _ picture: Image
  ) throws -> Double {
    switch entry.program {
    case .inr(let words):
      let limit = options.scale < 1 ? " --time-limit \(Self.heldOutSeconds * options.scale)" : ""
      return try inr(words + " --hold-out 0.75" + limit, path, folder).number("psnr_held_out")
    case .pytorch(let recipe):
      let result = folder + "/result.npy"
      let reply = try peer.ask([
        "task": "fit", "recipe": recipe, "picture": path, "result": result, "held_out": true,
        "seconds": Self.heldOutSeconds * options.scale,
      ])
      _ = try JSONReply(reply).number("steps")
      return Interpolation.heldOutPSNR(of: try Image.read(result), against: picture)
    }
  }

  /// The metrics that `inr fit image` prints.
  private func inr(_ words: String, _ path: String, _ folder: String) throws -> JSONReply {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: options.inr)
    process.arguments =
      ["fit", "image", path] + words.split(separator: " ").map(String.init)
      + ["--threads", "\(threads)", "--quiet", "--json", "--output", folder + "/run"]
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    let message = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0,
      let object = try JSONSerialization.jsonObject(with: text) as? [String: Any]
    else {
      throw Failure(
        description: "inr fit image \(words): \(String(decoding: message, as: UTF8.self))")
    }
    return JSONReply(object)
  }
}

/// An object whose numbers are needed.
struct JSONReply {
  let object: [String: Any]

  init(_ object: [String: Any]) { self.object = object }

  func number(_ name: String) throws -> Double {
    guard let number = object[name] as? Double else {
      throw QualityContest.Failure(
        description: "expected the number \(name), found \(object["error"] ?? object)")
    }
    return number
  }
}
