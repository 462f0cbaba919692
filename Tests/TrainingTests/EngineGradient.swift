import Compute
import Networks
import TestSupport
import Training

/// The engine's loss of a batch, and its gradient, shaped as the network.
func engineGradient(
  of network: Network, _ data: MatrixData, batch: [Int32]? = nil, threads: Int = 1,
  firstTrainedLayer: Int = 0, rounding: FactorRounding? = nil
) -> (loss: Double, gradient: ReferenceNetwork) {
  engineGradient(
    of: network, data.objective, batch: batch ?? data.samples, threads: threads,
    firstTrainedLayer: firstTrainedLayer, rounding: rounding)
}

func engineGradient(
  of network: Network, _ objective: Objective, batch: [Int32], threads: Int = 1,
  firstTrainedLayer: Int = 0, rounding: FactorRounding? = nil
) -> (loss: Double, gradient: ReferenceNetwork) {
  let parameters = ParameterBuffer(network)
  let engine = GradientEngine(
    parameters, workers: Workers(count: threads), firstTrainedLayer: firstTrainedLayer,
    rounding: rounding)
  let loss = engine.accumulate(batch[...], of: objective)
  engine.sumGradient()
  engine.stepConstants(
    NoStep(), Moments(count: parameters.layout.count), number: 1,
    rates: network.layers.map { _ in 0 })
  let gradient = ParameterBuffer(network)
  gradient.restore(engine.total.elements(0..<parameters.layout.count))
  return (loss, ReferenceNetwork(gradient.makeNetwork()))
}

/// Leaves the parameters as they are.
struct NoStep: Optimizer {
  func update(
    _ parameters: inout MutableSpan<Vector>, along gradient: Span<Vector>,
    moments first: inout MutableSpan<Vector>, _ second: inout MutableSpan<Vector>,
    step: Int, learningRate: Float
  ) {}
}
