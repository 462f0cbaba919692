import Compute
import Foundation
import Networks

/// Natural gradient steps with Kronecker-factored approximate curvature.
///
/// In each step the preconditioned gradient and the last step are the two directions whose best
/// combination the exact quadratic model of the batch says: its matrix is the Gauss-Newton matrix with
/// damping λ, which is adapted to how well the model predicted the loss. A step that made the loss of its
/// own batch larger is taken back, and λ is quadrupled. Every ``Preconditioning/interval`` steps the
/// factors get the batch's statistics and are inverted anew. The learning rate, 1 or less, shortens the
/// steps.
///
/// - Source: Martens and Grosse, "Optimizing neural networks with Kronecker-factored approximate
///   curvature", arXiv:1503.05671: running means of section 5, damping of 6.3 to 6.5, step and momentum
///   of 6.4 and 7.
/// - Deviation: no step of the paper's is taken back, and λ is adapted in every fifth; slopes are not sampled from the model's distribution, but those of every output, so the
///   factors are those of the Gauss-Newton matrix itself; γ is √λ, not searched for; complex layers have
///   Hermitian factors, and nothing of the kind stands in the paper. Derivation:
///   `Documentation/Math/curvature.md`.
final class KFAC: Preconditioner, @unchecked Sendable {
  private let factors: [KroneckerFactors]
  private let layout: ParameterLayout
  private let firstTrainedLayer: Int
  private let interval: Int
  private let statisticsCount: Int
  private var statistics: [FloatBuffer] = []
  private var scratch: [JacobianScratch] = []
  private let proposal: FloatBuffer
  /// The last step.
  private let last: FloatBuffer
  /// The parameters before the step.
  private let before: FloatBuffer
  /// λ
  private var damping: Float
  /// That of the inverses.
  private var inverseDamping: Float

  init(_ layout: ParameterLayout, _ configuration: Preconditioning, firstTrainedLayer: Int) {
    self.layout = layout
    self.firstTrainedLayer = firstTrainedLayer
    interval = configuration.interval
    damping = Float(configuration.damping ?? Preconditioning.usualDamping)
    inverseDamping = damping
    let (layers, count) = KroneckerLayer.layers(of: layout, from: firstTrainedLayer)
    factors = layers.map(KroneckerFactors.init)
    statisticsCount = count
    proposal = FloatBuffer(count: layout.count)
    last = FloatBuffer(count: layout.count)
    before = FloatBuffer(count: layout.count)
  }

  func take(_ step: PreconditionedStep) {
    guard let (data, loss) = step.objective.curved else {
      preconditionFailure("the objective has no second derivatives")
    }
    // 1. Statistics and inverses.
    if (step.number - 1) % interval == 0 {
      let count = (step.number - 1) / interval + 1
      gather(step, data, loss, keeping: min(1 - 1 / Double(count), 0.95))
    }
    // 2. The direction of the natural gradient.
    propose(step)
    // 3. How far to go along it and along the last step.
    let model = QuadraticModel(
      curvatures: curvatures(step, data, loss), slopes: slopes(step.engine),
      damping: Double(damping),
      products: (
        product(proposal.buffer, proposal.buffer), product(proposal.buffer, last.buffer),
        product(last.buffer, last.buffer)
      ))
    let scale = step.rate
    let (alpha, mu) = model.minimum
    let coefficients = (scale * alpha, scale * mu)
    move(step.engine, by: coefficients)
    // 4. Was the model right?
    let change = step.engine.loss(step.batch, of: data, loss) - step.loss
    guard change <= 0 else { return takeBack(step.engine) }
    let ratio = change / model.value(at: coefficients)
    if ratio > 0.75 { damping *= 0.95 } else if ratio < 0.25 { damping /= 0.95 }
  }

  private func takeBack(_ engine: GradientEngine) {
    engine.parameters.values.copy(from: before.buffer)
    last.buffer.fill(with: 0)
    damping *= 4
    invert(on: engine.workers)
  }

  // MARK: Statistics

  private func gather(
    _ step: PreconditionedStep, _ data: any PointwiseData, _ loss: any CurvedLoss,
    keeping keep: Double
  ) {
    let groupCount = GradientEngine.groupCount(step.batch)
    while statistics.count < groupCount { statistics.append(FloatBuffer(count: statisticsCount)) }
    let (statistics, factors, workers) = (statistics, factors, step.engine.workers)
    step.engine.forEachOutput(step.batch, of: data, loss) { slopes in
      let sums = statistics[slopes.group]
      if slopes.isFirstOfGroup { sums.buffer.fill(with: 0) }
      for factor in factors { factor.layer.add(slopes, to: &sums.buffer) }
    }
    statistics[0].add(statistics[1..<groupCount], on: workers)
    workers.forEach(factors.count) { _, k in
      factors[k].add(statistics[0].buffer, count: step.batch.count, keeping: keep)
    }
    invert(on: workers)
  }

  private func invert(on workers: Workers) {
    inverseDamping = damping
    let (factors, damping) = (factors, Double(damping))
    workers.forEach(factors.count) { _, k in factors[k].invert(damping: damping) }
  }

  // MARK: The step

  private func propose(_ step: PreconditionedStep) {
    let (engine, factors, proposal) = (step.engine, factors, proposal)
    engine.workers.forEach(factors.count) { _, k in
      let factor = factors[k].layer.index == 0 ? step.firstLayerFactor : 1
      factors[k].precondition(engine.total, factor: Float(factor), into: proposal.buffer)
    }
    for plan in layout.layers { plan.updateSums(&proposal.buffer) }
  }

  /// `vᵀ F w` of the Gauss-Newton matrix F for the proposal and the last step.
  private func curvatures(
    _ step: PreconditionedStep, _ data: any PointwiseData, _ loss: any CurvedLoss
  ) -> QuadraticModel.Symmetric {
    let engine = step.engine
    while scratch.count < engine.passes.count {
      scratch.append(JacobianScratch(engine.passes[scratch.count]))
    }
    let groups = (0..<GradientEngine.groupCount(step.batch)).map { _ in CurvatureSum() }
    let (scratch, proposal, last, first) = (scratch, proposal, last, firstTrainedLayer)
    engine.forEachOutput(step.batch, of: data, loss) { slopes in
      let memory = scratch[slopes.worker]
      slopes.pass.multiplyJacobian(
        by: proposal.buffer, from: first, width: slopes.width, scratch: &memory.products,
        into: &memory.proposal)
      slopes.pass.multiplyJacobian(
        by: last.buffer, from: first, width: slopes.width, scratch: &memory.products,
        into: &memory.last)
      groups[slopes.group].add(memory.proposal, memory.last, width: slopes.width)
    }
    return groups.reduce((0, 0, 0)) { ($0.0 + $1.sum.0, $0.1 + $1.sum.1, $0.2 + $1.sum.2) }
  }

  /// The loss's slopes along both directions.
  private func slopes(_ engine: GradientEngine) -> (Double, Double) {
    (product(proposal.buffer, engine.total), product(last.buffer, engine.total))
  }

  private func product(_ a: borrowing AlignedBuffer, _ b: borrowing AlignedBuffer) -> Double {
    let (a, b) = (a.floats, b.floats)
    var sum = 0.0
    for factor in factors {
      for piece in factor.layer.pieces {
        for i in piece { sum += Double(a[i]) * Double(b[i]) }
      }
    }
    return sum
  }

  private func move(_ engine: GradientEngine, by coefficients: (Double, Double)) {
    let (alpha, mu) = (Float(coefficients.0), Float(coefficients.1))
    last.buffer.combine(mu, plus: alpha, times: proposal.buffer)
    for plan in layout.layers { plan.updateSums(&last.buffer) }
    before.buffer.copy(from: engine.parameters.values)
    engine.parameters.values.combine(1, plus: 1, times: last.buffer)
    engine.parameters.updateSums()
  }

  // MARK: Interruption

  var state: [Float] {
    [damping, inverseDamping] + last.buffer.elements(0..<layout.count) + factors.flatMap(\.state)
  }

  var stateSize: Int { 2 + layout.count + factors.reduce(0) { $0 + $1.stateSize } }

  func restore(_ state: [Float]) {
    (damping, inverseDamping) = (state[0], state[1])
    last.buffer.copy(Array(state[2..<2 + layout.count]))
    var rest = state.dropFirst(2 + layout.count)
    for factor in factors {
      factor.restore(rest.prefix(factor.stateSize))
      rest = rest.dropFirst(factor.stateSize)
      factor.invert(damping: Double(inverseDamping))
    }
  }

  /// Floats that it keeps.
  static func memory(_ layout: ParameterLayout, groups: Int) -> Int {
    let (layers, count) = KroneckerLayer.layers(of: layout, from: 0)
    let factors = layers.reduce(0) {
      $0 + 2 * ($1.inputOrder * $1.inputOrder + $1.slopeOrder * $1.slopeOrder)
    }
    return 5 * layout.count + groups * count + factors
  }
}
