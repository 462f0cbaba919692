import Compute
import Foundation
import Imaging
import Networks
import Training

/// A fit of a network to a picture, ready to run.
public final class ImageFit {
  public let configuration: ImageFitConfiguration
  /// The picture without noise.
  public let picture: Image
  /// What the network is fitted to: the picture, or the picture with noise.
  public let target: Image
  public let selection: PixelSelection
  /// The points of the field that the reconstruction shows.
  public let lattice: PixelLattice
  public let trainer: Trainer
  private let workers: Workers
  private var reached = false

  /// Reads the pictures and builds the network.
  ///
  /// - Throws: ``ImageFitError``, or ``ModelFileError`` of the initial model.
  public init(_ configuration: ImageFitConfiguration, workers: Workers = Workers()) throws {
    self.configuration = configuration
    self.workers = workers
    picture = try Self.readPicture(configuration.picture)
    target =
      configuration.noise?.applied(to: picture, seed: configuration.training.seed) ?? picture
    selection = try Self.select(picture, configuration)
    let factor = configuration.downsample
    let (width, height) = (picture.width * factor, picture.height * factor)
    guard width * height <= Int(Int32.max) else {
      throw ImageFitError.tooLarge(width: width, height: height, factor: factor)
    }
    lattice = PixelLattice(width: width, height: height, coordinates: configuration.coordinates)
    let network = try Self.makeNetwork(
      configuration, target: target, selection: selection)
    try MemoryCheck.run(of: network, configuration, points: width * height, workers: workers)
    let objective: Objective =
      factor == 1
      ? .pointwise(PixelData(picture: target, lattice: lattice), SquaredError())
      : .throughOperator(AreaAverageData(picture: target, lattice: lattice, factor: factor))
    try objective.check(network, configuration.training)
    trainer = Trainer(
      network, objective: objective, samples: selection.trained,
      configuration: configuration.training, workers: workers)
  }

  // MARK: Preparation

  /// A picture (or mask) of values that a fit takes.
  package static func readPicture(_ path: String) throws(ImageFitError) -> Image {
    let picture: Image
    do throws(ImageFileError) { picture = try Image.read(path) } catch { throw .picture(error) }
    // A little beyond black and white is noise; a whole white beyond is another unit.
    let range = (picture.samples.min() ?? 0, picture.samples.max() ?? 1)
    guard range.0 >= -1, range.1 <= 2 else { throw .wrongRange(path: path, range: range) }
    guard picture.pixelCount <= Int(Int32.max) else {
      throw .tooManyPixels(path: path, width: picture.width, height: picture.height)
    }
    return picture
  }

  private static func select(_ picture: Image, _ configuration: ImageFitConfiguration)
    throws(ImageFitError) -> PixelSelection
  {
    let mask: Image? = try configuration.mask.map { path throws(ImageFitError) in
      let mask = try readPicture(path)
      guard mask.width == picture.width, mask.height == picture.height else {
        throw .maskSize(
          path: path, found: (mask.width, mask.height),
          expected: (picture.width, picture.height))
      }
      return mask
    }
    let shown = PixelSelection(of: picture, mask: mask)
    guard !shown.trained.isEmpty else {
      throw .nothingShown(path: configuration.mask ?? configuration.picture)
    }
    let selection = shown.withholding(
      configuration.holdOut, width: picture.width, seed: configuration.training.seed)
    guard !selection.trained.isEmpty else { throw .nothingTrained(share: configuration.holdOut) }
    return selection
  }

  private static func makeNetwork(
    _ configuration: ImageFitConfiguration, target: Image, selection: PixelSelection
  ) throws -> Network {
    if let initial = configuration.initialModel {
      let network = try initial.read().network
      guard network.inputs == 2, network.outputs == target.channels else {
        throw ImageFitError.wrongModel(
          path: initial.path, inputs: network.inputs, outputs: network.outputs,
          channels: target.channels)
      }
      return network
    }
    try MemoryCheck.parameters(of: configuration.architecture, outputs: target.channels)
    let network = configuration.architecture.makeNetwork(
      inputs: 2, outputs: target.channels, seed: configuration.training.seed)
    switch configuration.outputBias {
    case .mean: return network.replacingOutputBias(mean(of: target, over: selection.trained))
    case .drawn: return network
    }
  }

  private static func mean(of picture: Image, over pixels: [Int32]) -> [Float] {
    (0..<picture.channels).map { c in
      let sum = pixels.reduce(0.0) { $0 + Double(picture.samples[Int($1) * picture.channels + c]) }
      return Float(sum / Double(pixels.count))
    }
  }

  // MARK: Running

  /// Takes a run up from a checkpoint's state.
  public func restore(_ state: TrainingState) { trainer.restore(state) }

  /// Trains.
  ///
  /// - Parameters:
  ///   - measures: for the history.
  ///   - afterStep: may end the run or ask for a checkpoint.
  ///   - save: writes a checkpoint.
  public func run(
    measuring measures: [RunMeasure] = [],
    afterStep: (TrainingProgress) throws -> Verdict, save: (TrainingState) throws -> Void
  ) throws -> StopReason {
    try trainer.run(
      measuring: measures,
      afterStep: { progress in
        if let limit = configuration.timeLimit, progress.seconds >= limit {
          return .stop(.timeLimit)
        }
        if let entry = progress.newEntry, reachesTarget(entry) { return .stop(.targetReached) }
        return try afterStep(progress)
      }, save: save)
  }

  /// Whether the trained pixels have the PSNR that the run is to stop at; they are evaluated only
  /// when the batches promise it.
  private func reachesTarget(_ entry: HistoryEntry) -> Bool {
    guard let wanted = configuration.targetDecibels else { return false }
    guard peakSignalToNoise(meanSquaredError: entry.loss) >= wanted - 0.5 else { return false }
    if configuration.downsample > 1 {
      return peakSignalToNoise(meanSquaredError: entry.loss) >= wanted
    }
    return decibels(of: reconstruction(), against: target, over: selection.trained) >= wanted
  }

  /// The field as trained so far, clipped to [0, 1], at the resolution of ``lattice``.
  public func reconstruction() -> Image {
    Image(
      width: lattice.width, height: lattice.height, channels: picture.channels,
      samples: trainer.values(at: lattice).map { min(max($0, 0), 1) }, bitDepth: picture.bitDepth)
  }
}

/// PSNR of a mean squared error, for a peak of 1.
public func peakSignalToNoise(meanSquaredError error: Double) -> Double { -10 * log10(error) }
