import Compute
import Foundation
import Networks

/// Trains a network to fit an objective.
///
/// The result depends on the network, the objective and the configuration alone: not on the number
/// of threads, and not on where a run was interrupted and taken up again.
public final class Trainer {
  public let configuration: TrainingConfiguration
  public let objective: Objective
  private let engine: GradientEngine
  private let evaluator: FieldEvaluator
  private let moments: Moments
  private let preconditioner: (any Preconditioner)?
  private var sampler: BatchSampler
  /// The epoch whose samples ``ResampledData`` hold.
  private var drawnEpoch: Int?
  private var state = TrainingState()
  /// The parameters at the last line of the history.
  private var latest: [Float]
  /// The parameters that the best line of the history began with, for a run that loses its way:
  /// those at its end have not shown yet what they are worth.
  private var best: (loss: Double, parameters: [Float])
  /// What ``keep(score:)`` kept.
  private var kept: (score: Double, parameters: [Float])?

  /// - Parameters:
  ///   - samples: the points (or measurements) that take part, by number.
  /// - Precondition: the objective's ``Objective/check(_:_:)`` finds nothing.
  public init(
    _ network: Network, objective: Objective, samples: [Int32],
    configuration: TrainingConfiguration, workers: Workers = Workers()
  ) {
    do { try objective.check(network, configuration) } catch {
      preconditionFailure(error.description)
    }
    self.configuration = configuration
    self.objective = objective
    let parameters = ParameterBuffer(network)
    latest = parameters.allValues
    best = (.infinity, latest)
    engine = GradientEngine(
      parameters, workers: workers, firstTrainedLayer: configuration.firstTrainedLayer,
      rounding: configuration.rounding)
    evaluator = FieldEvaluator(parameters, workers: workers)
    moments = Moments(count: parameters.layout.count)
    preconditioner = configuration.preconditioning?.makePreconditioner(
      parameters.layout, firstTrainedLayer: configuration.firstTrainedLayer)
    sampler = BatchSampler(samples: samples, batch: configuration.batch, seed: configuration.seed)
  }

  /// What of a network its loss looks at.
  public enum LossTerms: Sendable { case values, valuesAndSlopes }

  /// Bytes that training takes: parameters, moments, gradients, each thread's tiles, and what a
  /// preconditioner keeps.
  public static func memory(
    _ network: Network, rowsPerStep: Int, workers: Workers, loss: LossTerms = .values,
    preconditioning: Preconditioning? = nil
  ) -> Int {
    let layout = ParameterLayout(network)
    let groups = BatchPartition(count: rowsPerStep).groups.count
    let rows = BatchPartition.largestTileRows
    var tiles = 2 * TilePass.memory(layout, capacity: rows)
    if loss == .valuesAndSlopes { tiles += TangentPass.memory(layout, capacity: rows) }
    let floats =
      5 * layout.count + groups * layout.layersCount + workers.count * tiles
      + TableGradient.memory(layout, rows: rowsPerStep)
      + (preconditioning?.memory(layout, groups: groups) ?? 0)
    return floats * MemoryLayout<Float>.stride
  }

  /// The network as trained so far.
  public var network: Network { engine.parameters.makeNetwork() }

  /// Samples of a step: as many as configured, or all there are.
  public var batch: Int { sampler.batch }

  public var history: [HistoryEntry] { state.history }
  public var step: Int { state.step }
  public var seconds: Double { state.seconds }

  /// The field's values as trained so far: `channels` numbers a point.
  public func values(at points: any CoordinateSource) -> [Float] { evaluator.values(at: points) }

  /// Lines of a run's history, about.
  private static let lines = 200
  /// Steps between two lines of the history, unless the run has a duration.
  private var historyInterval: Int { max(1, configuration.steps / Self.lines) }

  /// The share of the run that is over.
  private var progress: Double {
    configuration.progress(step: state.step, seconds: state.seconds)
  }

  /// Trains until the steps are done or `afterStep` ends the run.
  ///
  /// - Parameters:
  ///   - measures: with names of their own; their time is not counted as training.
  ///   - save: called with the state when the verdict is to save.
  /// - Throws: ``TrainingError`` when the loss stops being finite, with the best parameters so far
  ///   put back; and what `afterStep` and `save` throw.
  public func run(
    measuring measures: [RunMeasure] = [],
    afterStep: (TrainingProgress) throws -> Verdict, save: (TrainingState) throws -> Void
  ) throws -> StopReason {
    let clock = ContinuousClock()
    let (secondsBefore, stepsBefore) = (state.seconds, state.step)
    var latest = state.history.reduce(into: [:]) { $0.merge($1.measures) { $1 } }
    let start = state.step == 0 ? take(measures) : [:]
    var began = clock.now
    while progress < 1 {
      let loss = takeStep()
      guard loss.isFinite else { throw loseWay(loss) }
      state.seconds = secondsBefore + (clock.now - began) / .seconds(1)
      if state.step == 1, !measures.isEmpty {
        state.history.append(HistoryEntry(step: 0, seconds: 0, loss: loss, measures: start))
        latest.merge(start) { $1 }
      }
      state.lossSum += loss
      state.lossCount += 1
      let entry = recordHistory()
      if entry != nil, !measures.isEmpty {
        began += clock.measure {
          let taken = take(measures)
          state.history[state.history.count - 1].measures = taken
          latest.merge(taken) { $1 }
        }
      }
      let rows = Double((state.step - stepsBefore) * sampler.batch)
      let progress = TrainingProgress(
        step: state.step, steps: configuration.duration == nil ? configuration.steps : nil,
        share: self.progress, seconds: state.seconds,
        rowsPerSecond: rows / max(state.seconds - secondsBefore, 1e-9),
        loss: entry?.loss ?? state.lossSum / Double(state.lossCount), measures: latest,
        newEntry: entry == nil ? nil : state.history.last)
      switch try afterStep(progress) {
      case .goOn: break
      case .save: try save(snapshot())
      case .stop(let reason):
        try checkLastStep()
        return reason
      }
    }
    try checkLastStep()
    return .finished
  }

  /// What the measures that are due after this step give.
  private func take(_ measures: [RunMeasure]) -> [String: Double] {
    let timed = configuration.duration != nil
    let (place, end) = timed ? (line(progress), Self.lines) : (state.step, configuration.steps)
    let interval = timed ? 1 : historyInterval
    return measures.reduce(into: [:]) { taken, measure in
      if measure.schedule.includes(place, of: end, interval: interval) {
        taken.merge(measure.taken(of: self)) { $1 }
      }
    }
  }

  /// Throws if the last step led astray, which only the next loss would show.
  private func checkLastStep() throws {
    // Any samples will do; a run taken up at its end has none yet.
    if drawnEpoch == nil { drawSamples(ofStep: state.step) }
    let loss = engine.accumulate(sampler.samples(ofStep: state.step), of: objective, progress: 1)
    guard loss.isFinite else { throw loseWay(loss) }
  }

  /// Sees to it that resampled data hold the samples of a step's epoch.
  private func drawSamples(ofStep step: Int) {
    let epoch = sampler.epoch(ofStep: step)
    guard epoch != drawnEpoch else { return }
    objective.resampled?.draw(epoch: epoch)
    drawnEpoch = epoch
  }

  /// One step; returns the batch's mean loss before it.
  private func takeStep() -> Double {
    drawSamples(ofStep: state.step)
    if case .following(let data, _) = objective, state.step % data.interval == 0 {
      data.update(from: values(at: data.points), step: state.step)
    }
    let batch = sampler.samples(ofStep: state.step)
    let loss = engine.accumulate(
      batch, of: objective, progress: progress)
    guard loss.isFinite else { return loss }
    let rates = configuration.rates(
      step: state.step, seconds: state.seconds, layers: engine.parameters.layout.layers.count)
    let number = state.step + 1
    if configuration.constants == .trained || preconditioner != nil { engine.sumGradient() }
    if configuration.constants == .trained {
      // Weight decay is for weights: a frequency has no reason to shrink.
      var optimizer = configuration.optimizer
      optimizer.weightDecay = 0
      engine.stepConstants(optimizer, moments, number: number, rates: rates)
    }
    let rate = configuration.rate(step: state.step, seconds: state.seconds)
    if let preconditioner {
      preconditioner.take(
        PreconditionedStep(
          engine: engine, number: number, rates: rates, rate: rate,
          firstLayerFactor: configuration.firstLayerRate, batch: batch, objective: objective,
          loss: loss, elementwise: configuration.optimizer, moments: moments))
    } else {
      engine.step(
        configuration.optimizer, moments, number: number, rates: rates, tableRate: Float(rate))
    }
    if configuration.constants == .trained { engine.parameters.updateActivations() }
    state.step = number
    return loss
  }

  private func recordHistory() -> HistoryEntry? {
    guard isAtLine else { return nil }
    let mean = state.lossSum / Double(state.lossCount)
    let entry = HistoryEntry(step: state.step, seconds: state.seconds, loss: mean)
    state.history.append(entry)
    (state.lossSum, state.lossCount) = (0, 0)
    if mean < best.loss { best = (mean, latest) }
    latest = engine.parameters.allValues
    return entry
  }

  private var isAtLine: Bool {
    if progress >= 1 { return true }
    guard configuration.duration != nil else { return state.step % historyInterval == 0 }
    let last = state.history.last.map {
      configuration.progress(step: $0.step, seconds: $0.seconds)
    }
    return line(progress) > line(last ?? 0)
  }

  /// The line of the history that a share of the run belongs to.
  private func line(_ share: Double) -> Int { Int(min(share, 1) * Double(Self.lines)) }

  private func loseWay(_ loss: Double) -> TrainingError {
    engine.parameters.restore(best.parameters)
    let names = Set(
      engine.parameters.activations.compactMap { $0 }.flatMap { constantNames(of: $0) })
    return .lossNotFinite(
      step: state.step + 1, loss: loss.isNaN ? "nan" : "\(loss)",
      learningRate: configuration.learningRate,
      constants: names.sorted().map { "--\($0)" }.joined(separator: ", "))
  }

  private func constantNames(of activation: any Activation) -> [String] {
    type(of: activation).constants.map(\.name)
  }

  // MARK: The best so far

  /// Keeps the parameters as they are if no lower score has been seen.
  public func keep(score: Double) {
    guard score < kept?.score ?? .infinity else { return }
    kept = (score, engine.parameters.allValues)
  }

  /// The network that ``keep(score:)`` kept, with its score.
  public var keptNetwork: (score: Double, network: Network)? {
    guard let kept else { return nil }
    let current = engine.parameters.allValues
    engine.parameters.restore(kept.parameters)
    defer { engine.parameters.restore(current) }
    return (kept.score, engine.parameters.makeNetwork())
  }

  // MARK: Interruption

  /// The state after the steps taken so far.
  public func snapshot() -> TrainingState {
    var copy = state
    let all = 0..<engine.parameters.layout.count
    copy.parameters = engine.parameters.allValues
    copy.firstMoments = moments.first.elements(all)
    copy.secondMoments = moments.second.elements(all)
    copy.preconditioner = preconditioner?.state ?? []
    if case .following(let data, _) = objective { copy.targets = data.state }
    (copy.kept, copy.keptScore) = (kept?.parameters ?? [], kept?.score ?? .infinity)
    if best.loss.isFinite { (copy.best, copy.bestLoss) = (best.parameters, best.loss) }
    return copy
  }

  /// How many numbers ``TrainingState/parameters`` has for this network.
  public var stateSize: Int { engine.parameters.layout.count }

  /// Whether a state belongs to a network of this shape, and a run as long as this one.
  public func canRestore(_ state: TrainingState) -> Bool {
    state.parameters.count == stateSize && state.step <= configuration.steps
      && state.preconditioner.count == preconditioner?.stateSize ?? 0
  }

  /// Takes a run up where a snapshot of the same network and configuration was made.
  public func restore(_ snapshot: TrainingState) {
    precondition(
      snapshot.parameters.count == stateSize,
      "the state has \(snapshot.parameters.count) parameters, the network \(stateSize)")
    precondition(
      snapshot.preconditioner.count == preconditioner?.stateSize ?? 0,
      "the state has \(snapshot.preconditioner.count) numbers for another optimizer")
    engine.parameters.restore(snapshot.parameters)
    latest = snapshot.parameters
    best = snapshot.best.isEmpty ? (.infinity, latest) : (snapshot.bestLoss, snapshot.best)
    moments.first.copy(snapshot.firstMoments)
    moments.second.copy(snapshot.secondMoments)
    preconditioner?.restore(snapshot.preconditioner)
    if case .following(let data, _) = objective, !data.restore(snapshot.targets) {
      preconditionFailure("the state has \(snapshot.targets.count) numbers for other targets")
    }
    drawnEpoch = nil
    kept = snapshot.kept.isEmpty ? nil : (snapshot.keptScore, snapshot.kept)
    state = snapshot
    (state.parameters, state.firstMoments, state.secondMoments) = ([], [], [])
    (state.targets, state.kept, state.best, state.preconditioner) = ([], [], [], [])
  }
}
