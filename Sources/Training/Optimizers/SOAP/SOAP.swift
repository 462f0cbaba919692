import Compute
import Networks

/// Adam in the eigenbasis of Shampoo's preconditioner.
///
/// The weights of a layer are one matrix `[outputs, inputs]`, two maps one below the other. A complex
/// matrix counts as a real one, `[2 · outputs, inputs]`, its real parts above the imaginary ones: so the
/// left basis may turn the parts of a gradient into one another, as a unitary one would, and Adam's
/// second moments, which are of real numbers, stay what they are. Biases take Adam's own steps.
///
/// - Source: Vyas et al., "SOAP: Improving and Stabilizing Shampoo using Adam", arXiv:2409.11321,
///   algorithms 3 and 4. As in the authors' program the first step only finds the bases, so that no
///   gradient is seen in a basis of its own making, and the count of Adam's corrections begins behind
///   it. The first moments are kept in the eigenbasis, and turned with it.
final class SOAP: Preconditioner, @unchecked Sendable {
  private let matrices: [SOAPMatrix]
  private let blocks: [(matrix: SOAPMatrix, block: SOAPMatrix.Block)]
  private let interval: Int

  init(_ layout: ParameterLayout, interval: Int, firstTrainedLayer: Int) {
    self.interval = interval
    matrices = layout.layers.indices.filter { $0 >= firstTrainedLayer }.map {
      SOAPMatrix(layer: $0, layout.layers[$0])
    }
    blocks = matrices.flatMap { matrix in matrix.blocks.map { (matrix, $0) } }
  }

  func take(_ step: PreconditionedStep) {
    let (engine, adam, blocks) = (step.engine, step.elementwise, blocks)
    let isFirst = step.number == 1
    engine.workers.forEach(blocks.count) { _, i in
      blocks[i].matrix.load(engine.total, blocks[i].block)
    }
    engine.workers.forEach(blocks.count) { _, i in
      let (matrix, block) = blocks[i]
      matrix.addStatistics(block, beta: adam.beta2)
      if !isFirst { matrix.findStep(block, adam, step: step.number - 1) }
    }
    guard !isFirst else {
      forEachBasis(engine) { $0.findBasis($1) }
      return
    }
    engine.workers.forEach(blocks.count) { _, i in
      let (matrix, block) = blocks[i]
      let rate = step.rates[matrix.layer]
      matrix.apply(
        block, to: engine.parameters.values, rate: rate, keeping: 1 - rate * adam.weightDecay)
    }
    engine.parameters.updateSums()
    engine.stepAllButWeights(
      adam, step.moments, number: step.number - 1, rates: step.rates, tableRate: Float(step.rate))
    if step.number % interval == 0 { turnBases(engine) }
  }

  private func turnBases(_ engine: GradientEngine) {
    let matrices = matrices
    engine.workers.forEach(matrices.count) { _, i in matrices[i].leaveBases() }
    forEachBasis(engine) { $0.turnBasis($1) }
    engine.workers.forEach(matrices.count) { _, i in matrices[i].enterBases() }
  }

  private func forEachBasis(
    _ engine: GradientEngine, _ body: @Sendable (SOAPMatrix, SOAPMatrix.Side) -> Void
  ) {
    let (matrices, sides) = (matrices, SOAPMatrix.Side.allCases)
    engine.workers.forEach(sides.count * matrices.count) { _, i in
      body(matrices[i / sides.count], sides[i % sides.count])
    }
  }

  // MARK: Interruption

  var state: [Float] { matrices.flatMap(\.state) }

  var stateSize: Int { matrices.reduce(0) { $0 + $1.stateSize } }

  func restore(_ state: [Float]) {
    var rest = state[...]
    for matrix in matrices {
      matrix.restore(rest.prefix(matrix.stateSize))
      rest = rest.dropFirst(matrix.stateSize)
    }
  }

  /// Floats that it keeps.
  static func memory(_ layout: ParameterLayout) -> Int {
    layout.layers.reduce(0) { $0 + SOAPMatrix.memory($1) }
  }
}
