import Compute
import Foundation
import Imaging
import Networks
import Training

/// What a paper's public script does: all pixels in each step, with its own network, constants, rate
/// and schedule. Benchmarks/peers/quality_peer.py has the same ones under the same names.
struct PublicRecipe {
  let name: String
  /// Where it stands.
  let source: String
  let architecture: Architecture
  let rate: Double
  let schedule: Schedule
  let steps: Int
  /// What black and white are to the network.
  let range: ClosedRange<Float>
  /// The mean PSNR of 16 DIV2K pictures of 512 x 512 pixels in colour (FINER, arXiv:2312.02434), where the
  /// recipe is one of that protocol.
  let published: Double?
  /// The entry of ``QualityEntry/all`` with the same network, which is to overtake it.
  let rival: String

  static let all = [
    PublicRecipe(
      "public-siren", from: "siren, experiment_scripts/train_img.py", Sine.name,
      ["omega0": 30], layers: 3, rate: 1e-4, Schedule(.constant), steps: 10_000, range: -1...1,
      rival: "inr: sine, 2-256x4"),
    PublicRecipe(
      "public-finer", from: "FINER, run_finer.sh", FINER.name, ["omega0": 30], layers: 3,
      rate: 5e-4, Schedule(.exponential, finalRatio: 0.1), steps: 5000, range: -1...1,
      published: 40.8, rival: "inr: finer, 2-256x4"),
    PublicRecipe(
      "public-wire", from: "wire, wire_image_denoise.py, constants for image representation",
      ComplexGabor.name, ["omega0": 20, "sigma0": 30], width: 181, layers: 2, rate: 5e-3,
      Schedule(.exponential, finalRatio: 0.1), steps: 2000, range: 0...1, rival: "inr: wire"),
    PublicRecipe(
      "protocol-siren", from: "FINER, run_siren.sh", Sine.name, ["omega0": 30], layers: 3,
      rate: 5e-4, Schedule(.exponential, finalRatio: 0.1), steps: 5000, range: -1...1,
      published: 38.5, rival: "inr: sine, 2-256x4"),
    PublicRecipe(
      "protocol-wire", from: "FINER, run_wire.sh", ComplexGabor.name,
      ["omega0": 20, "sigma0": 10], width: 181, layers: 3, rate: 5e-3,
      Schedule(.exponential, finalRatio: 0.1), steps: 5000, range: -1...1, published: 28.8,
      rival: "inr: wire, 2-181x4"),
  ]

  private init(
    _ name: String, from source: String, _ activation: String, _ constants: [String: Float],
    width: Int = 256, layers: Int, rate: Double, _ schedule: Schedule, steps: Int,
    range: ClosedRange<Float>, published: Double? = nil, rival: String
  ) {
    self.name = name
    self.source = source
    var architecture = Architecture(activation: activation)
    architecture.constants = constants
    (architecture.width, architecture.hiddenLayers) = (width, layers)
    self.architecture = architecture
    (self.rate, self.schedule, self.steps) = (rate, schedule, steps)
    (self.range, self.published, self.rival) = (range, published, rival)
  }

  // MARK: In this engine

  /// The recipe's own curve, by this program's engine: the steps, and the PSNR after each.
  ///
  /// - Parameters:
  ///   - steps: how many of the recipe's are taken; the schedule is that of all of them.
  ///   - isHeldOut: only every second row and column is seen, and the PSNR is that of the others.
  ///   - checkpoint: a file that the run goes on from where it is there, written as it goes.
  ///   - isMeasured: after which steps, besides the last.
  ///   - report: called with the points of this call whenever there is one more.
  @discardableResult
  func curve(
    of picture: Image, steps: Int, isHeldOut: Bool, seed: UInt64, checkpoint: String? = nil,
    workers: Workers, isMeasured: (Int) -> Bool,
    report: ([RecipeCurve.Point]) throws -> Void = { _ in }
  ) throws -> [RecipeCurve.Point] {
    let data = ScaledPixels(picture, range: range)
    let network = architecture.makeNetwork(inputs: 2, outputs: picture.channels, seed: seed)
    let seen = (0..<picture.pixelCount).filter {
      !isHeldOut || Interpolation.isSample($0, width: picture.width)
    }
    let judged =
      isHeldOut
      ? (0..<picture.pixelCount).filter { !Interpolation.isSample($0, width: picture.width) } : seen
    var configuration = TrainingConfiguration()
    (configuration.learningRate, configuration.schedule) = (rate, schedule)
    (configuration.batch, configuration.steps) = (seen.count, self.steps)
    configuration.seed = seed
    let trainer = Trainer(
      network, objective: .pointwise(data, SquaredError()), samples: seen.map { Int32($0) },
      configuration: configuration, workers: workers)
    if let checkpoint, FileManager.default.fileExists(atPath: checkpoint) {
      trainer.restore(try Checkpoint.read(checkpoint).state)
    }
    func save(_ state: TrainingState) throws {
      guard let checkpoint else { return }
      try Checkpoint(state: state, configuration: "{}").write(to: checkpoint)
    }
    var curve: [RecipeCurve.Point] = []
    _ = try trainer.run(
      afterStep: { state in
        if isMeasured(state.step) || state.step == steps {
          let psnr = data.psnr(of: trainer.values(at: data.points), over: judged)
          curve.append(RecipeCurve.Point(step: state.step, psnr: (psnr * 100).rounded() / 100))
          try report(curve)
        }
        if state.step == steps { return .stop(.interrupted) }
        return state.step % 100 == 0 ? .save : .goOn
      }, save: save)
    try save(trainer.snapshot())
    return curve
  }
}

/// A picture's pixels at linspace(−1, 1), their values spread over a range as public scripts do.
private struct ScaledPixels: PointwiseData {
  let picture: Image
  let lattice: PixelLattice
  let range: ClosedRange<Float>

  init(_ picture: Image, range: ClosedRange<Float>) {
    self.picture = picture
    self.range = range
    lattice = PixelLattice(
      width: picture.width, height: picture.height, coordinates: .endpoints)
  }

  var points: any CoordinateSource { lattice }
  var channels: Int { picture.channels }
  private var extent: Float { range.upperBound - range.lowerBound }

  func copyTargets(
    of rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int
  ) {
    for (i, pixel) in rows.enumerated() {
      for c in 0..<channels {
        let value = picture.samples[Int(pixel) * channels + c]
        target[c * stride + i] = range.lowerBound + value * extent
      }
    }
  }

  /// PSNR of a network's values, clipped to black and white, over some pixels.
  func psnr(of values: [Float], over pixels: [Int]) -> Double {
    var sum = 0.0
    for pixel in pixels {
      for i in pixel * channels..<(pixel + 1) * channels {
        let shown = min(max((values[i] - range.lowerBound) / extent, 0), 1)
        let difference = Double(shown - picture.samples[i])
        sum += difference * difference
      }
    }
    return -10 * log10(sum / Double(pixels.count * channels))
  }
}
