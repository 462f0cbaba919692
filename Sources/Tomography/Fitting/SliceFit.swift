import Compute
import Foundation
import Imaging
import Networks
import Training

/// A fit of a network to a sinogram, ready to run.
public final class SliceFit {
  public let configuration: SliceFitConfiguration
  public let sinogram: Matrix
  /// The points of the field that are the slice's pixels (or parts of them).
  public let lattice: PixelLattice
  public let trainer: Trainer
  /// Strength of the total variation, and the rungs of the ladder that it was chosen from with the
  /// root mean square residuals of the rays withheld; whether the search was not ended before it had
  /// found it.
  public let strength:
    (chosen: Double, rungs: [(strength: Double, error: Double)], isComplete: Bool)
  package let problem: SliceProblem
  private let targets: SplitTargets?

  /// - Parameters:
  ///   - sinogram: `[views, bins]`, with the views that `configuration` uses alone.
  ///   - weights: what each ray is worth: inverse variances, up to a factor.
  ///   - initial: a network to start from.
  ///   - preparing: gets the share of the preparation that is done, and ends the search for the
  ///     strength of the total variation by returning false.
  /// - Throws: ``SliceFitError``.
  public init(
    _ configuration: SliceFitConfiguration, sinogram: Matrix, weights: Matrix? = nil,
    initial: Network? = nil, workers: Workers = Workers(),
    preparing: ((_ share: Double) -> Bool)? = nil
  ) throws(SliceFitError) {
    try Self.check(sinogram, weights, configuration)
    self.configuration = configuration
    self.sinogram = sinogram
    let problem = try SliceProblem(sinogram, configuration, weights: weights, workers: workers)
    self.problem = problem
    let grid = problem.projector.grid
    let points = PixelLattice(width: grid.columns, height: grid.rows)
    lattice = points
    let training = configuration.training
    let isNonNegative = configuration.isNonNegative
    let unit = problem.scale * configuration.grid.pixelSize / Double(configuration.supersampling)
    let settings = { (strength: Double) in
      SplitTargets.Settings(
        variation: strength, similarity: configuration.similarity, anchor: configuration.anchor,
        views: sinogram.rows)
    }
    let search: VariationSearch
    do throws(IterativeReconstructionError) {
      search = try VariationSearch(
        problem, given: configuration.totalVariation ?? (configuration.method == .direct ? 0 : nil),
        noise: configuration.noiseLevel.map { $0 / unit }, isNonNegative: isNonNegative,
        seed: training.seed, settings: configuration.method == .split ? settings : nil,
        afterRung: preparing)
    } catch { throw .solver(error) }
    strength = (
      search.strength, search.rungs.map { ($0.strength, $0.error * unit) }, search.isComplete
    )

    let network = try Self.makeNetwork(configuration, initial, problem, points, workers)
    switch configuration.method {
    case .split:
      let pixels = (0..<Int32(grid.pixelCount)).filter { problem.mask?[Int($0)] ?? true }
      let targets: SplitTargets
      do throws(IterativeReconstructionError) {
        targets = try SplitTargets(
          problem, settings(search.strength), isNonNegative: isNonNegative,
          interval: Self.interval(pixels: pixels.count, training),
          steps: training.steps, points: points, start: search.slice)
      } catch { throw .solver(error) }
      self.targets = targets
      trainer = try Self.trainer(
        network, .following(targets, Self.loss(isNonNegative: isNonNegative)), samples: pixels,
        training, workers)
    case .direct:
      targets = nil
      let loss = SinogramLoss(problem, configuration, lambda: search.strength, points: points)
      trainer = try Self.trainer(
        network, .throughOperator(loss), samples: (0..<Int32(sinogram.rows)).map { $0 }, training,
        workers)
    }
  }

  private static func trainer(
    _ network: Network, _ objective: Objective, samples: [Int32],
    _ training: TrainingConfiguration, _ workers: Workers
  ) throws(SliceFitError) -> Trainer {
    do throws(ObjectiveError) { try objective.check(network, training) } catch {
      throw .training(error)
    }
    return Trainer(
      network, objective: objective, samples: samples, configuration: training, workers: workers)
  }

  private static func loss(isNonNegative: Bool) -> any Loss {
    isNonNegative ? NonNegativeSquaredError() : SquaredError()
  }

  private static func check(
    _ sinogram: Matrix, _ weights: Matrix?, _ configuration: SliceFitConfiguration
  ) throws(SliceFitError) {
    let expected = (configuration.scan.viewCount, configuration.scan.binCount)
    guard (sinogram.rows, sinogram.columns) == expected else {
      throw .shape(
        path: configuration.sinogram, found: (sinogram.rows, sinogram.columns), expected: expected,
        what: "a sinogram")
    }
    if let i = sinogram.elements.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(view: i / sinogram.columns, bin: i % sinogram.columns)
    }
    if let weights, (weights.rows, weights.columns) != expected {
      throw .shape(
        path: configuration.weights ?? "the weights", found: (weights.rows, weights.columns),
        expected: expected, what: "weights")
    }
    try check(weights)
  }

  private static func check(_ weights: Matrix?) throws(SliceFitError) {
    guard let weights else { return }
    if let i = weights.elements.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      let (view, bin) = (i / weights.columns, i % weights.columns)
      let value = weights.elements[i]
      throw .solver(
        value.isFinite
          ? .negativeWeight(view: view, bin: bin, value: value)
          : .notFinite("weights", row: view, column: bin))
    }
    guard weights.elements.contains(where: { $0 > 0 }) else { throw .solver(.noWeight) }
  }

  private static func makeNetwork(
    _ configuration: SliceFitConfiguration, _ initial: Network?, _ problem: SliceProblem,
    _ points: PixelLattice, _ workers: Workers
  ) throws(SliceFitError) -> Network {
    let network: Network
    if let initial {
      guard initial.inputs == 2, initial.outputs == 1 else {
        throw .wrongModel(
          path: configuration.initialModel?.path ?? "the model", inputs: initial.inputs,
          outputs: initial.outputs)
      }
      network = initial.scalingOutputs(by: Float(1 / problem.scale))
    } else {
      let area = Double(problem.projector.grid.pixelCount)
      let scan = problem.projector.scan
      let mass =
        problem.filled.elements.reduce(0.0) { $0 + Double($1) } * scan.binWidth
        * scan.magnificationToAxis / Double(max(scan.viewCount, 1))
      // Parameters, moments, gradient and copies are the least that training holds.
      let needed = 12 * 4 * configuration.architecture.floatCount(inputs: 2, outputs: 1)
      if let available = Machine.availableMemory, needed >= available {
        throw SliceFitError.memory(needed: needed, available: available)
      }
      network = configuration.architecture.makeNetwork(
        inputs: 2, outputs: 1, seed: configuration.training.seed
      ).replacingOutputBias([Float(mass / area)])
    }
    guard configuration.method == .direct, configuration.start == .fbp else { return network }
    return fitted(network, to: problem, configuration, points, workers)
  }

  /// The network after a few passes over the filtered back projection.
  private static func fitted(
    _ network: Network, to problem: SliceProblem, _ configuration: SliceFitConfiguration,
    _ points: PixelLattice, _ workers: Workers
  ) -> Network {
    let slice = FilteredBackprojection(
      problem.projector.scan, problem.projector.grid, window: configuration.window,
      workers: workers
    ).reconstruct(problem.filled)
    let pixels = problem.slice(of: slice.elements, isNonNegative: configuration.isNonNegative)
    var training = TrainingConfiguration()
    training.seed = configuration.training.seed
    training.learningRate = configuration.training.learningRate
    training.firstLayerRate = configuration.training.firstLayerRate
    training.optimizer = configuration.training.optimizer
    training.rounding = configuration.training.rounding
    training.batch = min(512, pixels.elements.count)
    training.steps = 10 * (pixels.elements.count / training.batch)
    let trainer = Trainer(
      network, objective: .pointwise(SliceData(slice: pixels, points: points), SquaredError()),
      samples: (0..<Int32(pixels.elements.count)).map { $0 }, configuration: training,
      workers: workers)
    // Nothing interrupts these few passes; a loss that is not finite leaves the network as it was.
    _ = try? trainer.run(afterStep: { _ in .goOn }, save: { _ in })
    return trainer.network
  }

  /// Steps between two updates of the targets: a pass, but at most 60 updates a run.
  private static func interval(pixels: Int, _ training: TrainingConfiguration) -> Int {
    max(1, pixels / min(training.batch, pixels), training.steps / 60)
  }

  // MARK: Running

  /// Steps from one look at the rays held out to the next.
  private var judgingInterval: Int {
    targets?.interval ?? max(1, configuration.training.steps / 100)
  }

  /// Takes a run up from a checkpoint's state.
  public func restore(_ state: TrainingState) { trainer.restore(state) }

  /// Whether a state belongs to a network of this shape.
  public func canRestore(_ state: TrainingState) -> Bool {
    trainer.canRestore(state)
      && (targets?.isOwn(state.targets, step: state.step) ?? state.targets.isEmpty)
  }

  /// Trains. With rays held out, the parameters that predict them best are those of the result.
  ///
  /// - Parameters:
  ///   - measures: for the history.
  ///   - afterStep: may end the run or ask for a checkpoint.
  ///   - save: writes a checkpoint.
  public func run(
    measuring measures: [RunMeasure] = [],
    afterStep: (TrainingProgress) throws -> Verdict, save: (TrainingState) throws -> Void
  ) throws -> StopReason {
    let steps = configuration.training.steps
    return try trainer.run(
      measuring: measures,
      afterStep: { progress in
        if problem.heldOut != nil,
          progress.step % judgingInterval == 0 || progress.step == steps
        {
          judge()
        }
        if let limit = configuration.timeLimit, progress.seconds >= limit {
          return .stop(.timeLimit)
        }
        return try afterStep(progress)
      }, save: save)
  }

  private func judge() {
    guard let heldOut = problem.heldOut else { return }
    trainer.keep(score: problem.residual(of: field(of: trainer.network), weights: heldOut))
  }

  // MARK: Results

  /// The network of the result, in the problem's units.
  private var chosenNetwork: Network { trainer.keptNetwork?.network ?? trainer.network }

  private func field(of network: Network) -> Matrix {
    let values = FieldEvaluator(network, workers: problem.projector.workers).values(at: lattice)
    return problem.slice(of: values, isNonNegative: configuration.isNonNegative)
  }

  /// The network whose values are those of the slice, in the sinogram's unit over length.
  public var network: Network { chosenNetwork.scalingOutputs(by: Float(problem.scale)) }

  /// The slice: the field's averages over pixels, zero outside the circle and not negative if that was
  /// asked for.
  public func slice() -> Matrix {
    var fine = field(of: chosenNetwork)
    for i in fine.elements.indices { fine.elements[i] *= Float(problem.scale) }
    let factor = configuration.supersampling
    guard factor > 1 else { return fine }
    let image = Image(
      width: fine.columns, height: fine.rows, channels: 1, samples: fine.elements
    ).areaAveraged(by: factor)
    return Matrix(rows: image.height, columns: image.width, elements: image.samples)
  }
}

/// A slice's pixels as samples of the field.
private struct SliceData: PointwiseData {
  let slice: Matrix
  let points: any CoordinateSource
  let channels = 1

  func copyTargets(
    of rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int
  ) {
    for (i, pixel) in rows.enumerated() { target[i] = slice.elements[Int(pixel)] }
  }
}
