import Compute
import Foundation
import Imaging

/// How good a public recipe was after how many steps, as Benchmarks/quality/curves.json keeps it: such
/// runs take hours, and their quality depends on the steps alone.
struct RecipeCurve: Codable {
  struct Point: Codable {
    let step: Int
    let psnr: Double
  }

  let recipe: String
  let picture: String
  /// Only every second row and column was seen; PSNR is that of the other pixels.
  let isHeldOut: Bool
  let seed: UInt64
  let points: [Point]
  /// What made it.
  let madeBy: String
  let date: String

  /// The first point at or above a PSNR.
  func step(to decibels: Double) -> Int? { points.first { $0.psnr >= decibels }?.step }

  /// The PSNR after a number of steps; nil before the first point, and beyond the last one unless
  /// that is the recipe's end.
  func psnr(after steps: Int, of total: Int) -> Double? {
    guard let last = points.last, steps <= last.step || last.step == total else { return nil }
    return points.last { $0.step <= steps }?.psnr
  }

  var best: Point? { points.max { $0.psnr < $1.psnr } }
}

/// The file of curves.
struct RecipeCurves {
  private(set) var curves: [RecipeCurve]
  private let path: String

  static let path =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
    + "/curves.json"

  init(_ path: String = Self.path) throws {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else {
      curves = []
      return
    }
    curves = try JSONDecoder().decode(
      [RecipeCurve].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  func curve(_ recipe: String, _ picture: String, heldOut: Bool = false) -> RecipeCurve? {
    curves.first { $0.recipe == recipe && $0.picture == picture && $0.isHeldOut == heldOut }
  }

  /// Takes a curve in place of the one that there was, and writes the file.
  mutating func add(_ curve: RecipeCurve) throws {
    curves.removeAll {
      ($0.recipe, $0.picture, $0.isHeldOut) == (curve.recipe, curve.picture, curve.isHeldOut)
    }
    curves.append(curve)
    curves.sort {
      ($0.picture, $0.recipe, $0.points.count) < ($1.picture, $1.recipe, $1.points.count)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try AtomicFile.write(try encoder.encode(curves) + Data("\n".utf8), to: path)
  }

  /// Makes the curves of public recipes on pictures with this program's engine, the pictures' own
  /// pixels and those between; those that are known already stay. Each point is written when it is
  /// known, and a run that was ended goes on at its checkpoint, which lies beside the charts.
  mutating func make(_ pictures: [QualityPicture], _ options: QualityOptions, _ workers: Workers)
    throws
  {
    let steps = options.curveSteps ?? .max
    for picture in pictures {
      for recipe in PublicRecipe.all where options.isWanted(recipe.name) {
        let count = min(steps, recipe.steps)
        for isHeldOut in [false, true] {
          let known = curve(recipe.name, picture.name, heldOut: isHeldOut)?.points.last?.step ?? 0
          guard known < count else { continue }
          progress("\(picture.name): \(recipe.name)\(isHeldOut ? ", held out" : "")")
          let run =
            [recipe.name, picture.name] + (isHeldOut ? ["held-out"] : [])
          let folder = "\(options.charts)/curves"
          try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
          let before = curve(recipe.name, picture.name, heldOut: isHeldOut)?.points ?? []
          try recipe.curve(
            of: picture.image, steps: count, isHeldOut: isHeldOut, seed: 0,
            checkpoint: folder + "/\(run.joined(separator: "-")).safetensors",
            workers: workers, isMeasured: Self.isMeasured
          ) { points in
            guard let last = points.last else { return }
            let steps = Set(points.map(\.step))
            let others = before.filter { !steps.contains($0.step) }
            progress("\(run.joined(separator: ", ")): step \(last.step), \(last.psnr) dB")
            try add(
              RecipeCurve(
                recipe: recipe.name, picture: picture.name, isHeldOut: isHeldOut, seed: 0,
                points: (others + points).sorted { $0.step < $1.step },
                madeBy: "inr's engine, \(Machine.processor)",
                date: String(ISO8601DateFormatter().string(from: Date()).prefix(10))))
          }
        }
      }
    }
  }

  /// After 1, 2, 3, 5, 7, 10, 14, 20, … steps: a factor of about 1.4 up to 100, then 1.1.
  static func isMeasured(_ step: Int) -> Bool {
    guard step > 1 else { return true }
    let ratio = step < 100 ? 1.4 : 1.1
    return Int(log(Double(step)) / log(ratio)) > Int(log(Double(step - 1)) / log(ratio))
  }
}

/// What a public recipe costs here, and whether the engine's curve is PyTorch's.
struct RecipePace {
  let recipe: PublicRecipe
  /// PyTorch's seconds for a step of all pixels of a 512 x 512 picture.
  let secondsPerStep: Double
  /// PSNR after the last of the compared steps, of each seed.
  let peer: [Double]
  let ours: [Double]

  static let comparedSteps = 30
  static let seeds: [UInt64] = [0, 1, 2]
}

extension QualityContest {
  /// Times a step of a public recipe in PyTorch, and compares some dozen steps on a small picture.
  func pace(_ recipe: PublicRecipe, _ picture: QualityPicture, _ workers: Workers) throws
    -> RecipePace
  {
    try withTemporaryFolder { folder in
      progress("\(recipe.name): seconds of a step")
      let (path, small) = (folder + "/picture.npy", folder + "/small.npy")
      try picture.image.write(to: path)
      let part = picture.image.areaAveraged(by: max(picture.image.width / 128, 1))
      try part.write(to: small)
      let reply = try peer.ask([
        "task": "pace", "recipe": recipe.name, "picture": path, "seconds": 10 * options.scale,
      ])
      let seconds = try JSONReply(reply).number("seconds_per_step")
      let steps = RecipePace.comparedSteps
      let peers = try RecipePace.seeds.map { seed in
        try JSONReply(
          peer.ask([
            "task": "start", "recipe": recipe.name, "picture": small, "steps": steps,
            "seed": Int(seed),
          ])
        ).number("psnr")
      }
      let ours = try RecipePace.seeds.map { seed in
        try recipe.curve(
          of: part, steps: steps, isHeldOut: false, seed: seed, workers: workers,
          isMeasured: { _ in false })[0].psnr
      }
      return RecipePace(recipe: recipe, secondsPerStep: seconds, peer: peers, ours: ours)
    }
  }
}
