import Compute
import Foundation
import ImageFitting
import Imaging
import Networks
import Testing
import Training

/// A folder that goes away with the test.
private struct Scratch: ~Copyable {
  let path = FileManager.default.temporaryDirectory.path + "/inr-fit-\(UUID().uuidString)"
  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

struct ImageFitTests {
  /// A smooth gray or colour picture that a small network can learn.
  private func picture(width: Int = 24, height: Int = 20, channels: Int = 1) -> Image {
    let samples = (0..<width * height * channels).map { i in
      let (pixel, c) = (i / channels, i % channels)
      let (x, y) = (Double(pixel % width) / Double(width), Double(pixel / width) / Double(height))
      return Float(0.5 + 0.3 * sin(5 * x + Double(c)) * cos(4 * y))
    }
    return Image(width: width, height: height, channels: channels, samples: samples)
  }

  private func configuration(_ path: String, steps: Int = 300) -> ImageFitConfiguration {
    var architecture = Architecture(activation: "sine")
    architecture.width = 24
    architecture.hiddenLayers = 1
    architecture.firstConstants = ["omega0": 20]
    var training = TrainingConfiguration()
    training.steps = steps
    training.batch = 120
    training.learningRate = 2e-3
    return ImageFitConfiguration(picture: path, architecture: architecture, training: training)
  }

  private func run(_ configuration: ImageFitConfiguration, threads: Int = 2) throws
    -> (fit: ImageFit, metrics: ImageFitMetrics)
  {
    let fit = try ImageFit(configuration, workers: Workers(count: threads))
    let stop = try fit.run(afterStep: { _ in .goOn }, save: { _ in })
    return (fit, fit.metrics(of: fit.reconstruction(), stop: stop, rowsPerSecond: 0))
  }

  @Test(arguments: [1, 2, 3, 4])
  func aSmoothPictureOfAnyChannelsIsLearned(channels: Int) throws {
    let scratch = try Scratch()
    let path = scratch.path + "/picture.npy"
    try picture(channels: channels).write(to: path)
    let metrics = try run(configuration(path)).metrics
    #expect(metrics.psnr > 35)
    #expect(metrics.steps == 300)
    #expect(metrics.epochs == 75)
    #expect(metrics.stop == "finished")
  }

  /// 577 parameters for 4096 pixels: a disc, and waves beside an edge.
  @Test func aNarrowNetworkLearnsMoreThanWithTheConstantsOfTheUsualOne() throws {
    let scratch = try Scratch()
    let (path, side) = (scratch.path + "/picture.npy", 64)
    let samples = (0..<side * side).map { i -> Float in
      let (x, y) = (Double(i % side) / Double(side), Double(i / side) / Double(side))
      let disc = (x - 0.4) * (x - 0.4) + (y - 0.6) * (y - 0.6) < 0.06 ? 0.3 : 0
      return Float(0.3 + disc + (x > y ? 0.2 * cos(20 * x + 9 * y) : 0))
    }
    let image = Image(width: side, height: side, channels: 1, samples: samples)
    try image.write(to: path)
    let target = FitTarget(image, PixelSelection(of: image, mask: nil))
    func psnr(_ settings: RecommendedSettings) throws -> Double {
      var (architecture, training) = (settings.architecture, settings.training)
      architecture.width = 16
      (training.batch, training.steps) = (128, 1000)
      return try run(
        ImageFitConfiguration(picture: path, architecture: architecture, training: training)
      ).metrics.psnr
    }
    let own = RecommendedSettings(
      activation: Sine.name, size: NetworkSize(width: 16), for: target)
    let usual = RecommendedSettings(activation: Sine.name, for: target)
    #expect(try psnr(own) > psnr(usual) + 6)
  }

  @Test func theModelRendersTheReconstruction() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/picture.npy"
    try picture().write(to: path)
    let fit = try run(configuration(path)).fit
    let values = FieldEvaluator(fit.model.network).values(at: fit.lattice)
    #expect(values.map { min(max($0, 0), 1) } == fit.reconstruction().samples)
  }

  @Test func maskedPixelsAreFilledIn() throws {
    let scratch = try Scratch()
    let (path, maskPath) = (scratch.path + "/picture.npy", scratch.path + "/mask.npy")
    try picture().write(to: path)
    let shown = (0..<24 * 20).map { Float(($0 / 24 + $0) % 3 == 0 ? 0 : 1) }
    try Image(width: 24, height: 20, channels: 1, samples: shown).write(to: maskPath)
    var configuration = configuration(path)
    configuration.mask = maskPath
    let (fit, metrics) = try run(configuration)
    #expect(fit.selection.trained.count == shown.count { $0 == 1 })
    #expect(try #require(metrics.psnrHeldOut) > 30)
    #expect(try #require(metrics.psnrTrained) > 33)
  }

  /// A field whose 2 × 2 averages are the picture is a picture of twice the size.
  @Test func superResolutionMatchesTheAveragesAndTheFinerPicture() throws {
    let scratch = try Scratch()
    let fine = picture(width: 48, height: 40)
    let path = scratch.path + "/coarse.npy"
    try fine.areaAveraged(by: 2).write(to: path)
    var configuration = configuration(path)
    configuration.downsample = 2
    let (fit, metrics) = try run(configuration)
    #expect(metrics.psnr > 35)
    #expect(psnr(fit.reconstruction(), fine) > 33)
  }

  @Test func theFactorOneOperatorIsThePointwiseFit() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/picture.npy"
    try picture().write(to: path)
    let configuration = configuration(path, steps: 20)
    let pointwise = try run(configuration).fit
    let data = AreaAverageData(picture: pointwise.target, lattice: pointwise.lattice, factor: 1)
    let network = try ImageFit(configuration).trainer.network
    let trainer = Trainer(
      network, objective: .throughOperator(data), samples: pointwise.selection.trained,
      configuration: configuration.training)
    _ = try trainer.run(afterStep: { _ in .goOn }, save: { _ in })
    let difference =
      zip(
        trainer.values(at: pointwise.lattice), pointwise.trainer.values(at: pointwise.lattice)
      ).map { abs($0 - $1) }.max() ?? 1
    #expect(difference < 1e-5)  // the same sums in another order, over 20 steps
  }

  @Test func denoisingIsJudgedByTheCleanPicture() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/picture.npy"
    try picture().write(to: path)
    var configuration = configuration(path, steps: 60)
    configuration.noise = PictureNoise(photons: 60, readout: 2)
    let (fit, metrics) = try run(configuration)
    #expect(fit.target != fit.picture)
    // A smooth fit of a smooth picture averages the noise away.
    #expect(metrics.psnr > (try #require(metrics.psnrInput)) + 3)
  }

  @Test(arguments: [(1, 1), (1, 17), (9, 1), (3, 2)])
  func theSmallestPicturesWork(width: Int, height: Int) throws {
    let scratch = try Scratch()
    let path = scratch.path + "/picture.npy"
    try picture(width: width, height: height).write(to: path)
    let metrics = try run(configuration(path, steps: 400)).metrics
    #expect(metrics.psnr > 30)
    #expect(metrics.ssim == nil)
  }

  @Test func aTargetEndsTheRunWhenItIsReached() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/picture.npy"
    try picture().write(to: path)
    var configuration = configuration(path, steps: 2000)
    configuration.targetDecibels = 28
    let metrics = try run(configuration).metrics
    #expect(metrics.stop == "target-reached")
    #expect(metrics.psnr >= 28)
    #expect(metrics.steps < 2000)
  }

  @Test func aConfigurationSurvivesItsJSON() throws {
    var configuration = configuration("/a/b.png")
    configuration.noise = PictureNoise(photons: 30, readout: 2)
    configuration.mask = "/a/mask.png"
    configuration.timeLimit = 1.5
    configuration.targetDecibels = 40
    configuration.training.optimizer.weightDecay = 0.01
    configuration.training.schedule = Schedule(.exponential, finalRatio: 0.1, warmUp: 0.05)
    configuration.architecture.features = .init(.fourier, frequencies: 64, scale: 12.5)
    configuration.architecture.firstBias = 0.7
    #expect(ImageFitConfiguration(json: configuration.json) == configuration)
  }

  @Test func badInputIsNamed() throws {
    let scratch = try Scratch()
    let (path, maskPath) = (scratch.path + "/picture.npy", scratch.path + "/mask.npy")
    try picture().write(to: path)
    try Image(width: 5, height: 4, channels: 1, filledWith: 1).write(to: maskPath)
    var wrong = configuration(path)
    wrong.mask = maskPath
    let size = #expect(throws: ImageFitError.self) { try run(wrong) }
    #expect(
      size?.description
        == "\(maskPath): found a mask of 5 x 4 pixels, expected 24 x 20 as the picture has")
    try Image(width: 24, height: 20, channels: 1, filledWith: 0).write(to: maskPath)
    let empty = #expect(throws: ImageFitError.self) { try run(wrong) }
    #expect(empty?.description.contains("found no pixel") == true)
  }

  @Test func recommendedStepsGrowWithThePicture() {
    let small = RecommendedSettings(activation: "sine", trainedPixels: 64)
    let usual = RecommendedSettings(activation: "sine", trainedPixels: 262_144)
    let large = RecommendedSettings(activation: "sine", trainedPixels: 16_777_216)
    #expect(small.training.batch == 64)
    #expect(usual.training.steps == 10_240)  // 20 passes
    #expect(large.training.steps == 8 * usual.training.steps)
  }
}
