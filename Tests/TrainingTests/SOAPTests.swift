import Compute
import Foundation
import Networks
import TestSupport
import Testing
import Training

/// The sources of the formulas are named in the types under test.
@Suite struct SOAPTests {
  private static func configuration(batch: Int, steps: Int) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (batch, steps)
    configuration.schedule = Schedule(.constant)
    configuration.learningRate = 0x1p-8
    configuration.preconditioning = Preconditioning(.soap, interval: 8)
    return configuration
  }

  /// A layer's weights as one matrix, row by row: its maps, and below them their imaginary parts.
  private func matrix(_ layer: ReferenceNetwork.Layer) -> [Double] {
    let parts = layer.maps.flatMap(\.weight)
    let isComplex = layer.maps[0].field == .complex
    return parts.map(\.real) + (isComplex ? parts.map(\.imaginary) : [])
  }

  /// Real, real pair, complex, complex pair. By the eighth step, when the bases first turn, statistics of
  /// different batches have full rank; without it Gram and Schmidt would make a basis of roundings.
  @Test(arguments: SampleNetwork.families)
  func stepsAreThoseOfTheTwin(activation: String) throws {
    let data = MatrixData.random(60, outputs: 3, seed: 301)
    let network = SampleNetwork.make(activation, width: 4, hiddenLayers: 2)
    var configuration = Self.configuration(batch: 12, steps: 18)
    (configuration.optimizer.beta1, configuration.optimizer.beta2) = (0.75, 0.875)
    let trainer = Trainer(network, data, configuration)
    var states: [TrainingState] = []
    _ = try trainer.run(afterStep: { _ in .save }, save: { states.append($0) })

    var sampler = BatchSampler(samples: data.samples, batch: 12, seed: configuration.seed)
    func gradient(_ state: TrainingState, step: Int) -> ReferenceNetwork {
      let parameters = ParameterBuffer(network)
      parameters.restore(state.parameters)
      let batch = data.picking(Array(sampler.samples(ofStep: step)))
      return ReferenceNetwork(parameters.makeNetwork()).lossGradient(
        at: batch.coordinates, targets: batch.targets)
    }
    // The first step leaves the parameters and finds the bases.
    #expect(states[0].parameters == ParameterBuffer(network).allValues)
    var rest = states[0].preconditioner[...]
    let start = gradient(states[0], step: 0)
    var weights = ReferenceNetwork(network).layers.map(matrix)
    var twins = start.layers.map { layer -> ReferenceSOAP in
      let (gradient, columns) = (matrix(layer), layer.maps[0].inputs)
      let rows = gradient.count / columns
      func take(_ count: Int) -> [Double] {
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count).map { Double($0) }
      }
      let (_, leftBasis) = (take(rows * rows), take(rows * rows))
      let (_, rightBasis) = (take(columns * columns), take(columns * columns))
      _ = take(2 * rows * columns)
      return ReferenceSOAP(
        rows: rows, columns: columns, rate: configuration.learningRate, beta1: 0.75, beta2: 0.875,
        epsilon: 1e-8, interval: 8, gradient: gradient, leftBasis: leftBasis,
        rightBasis: rightBasis)
    }
    #expect(rest.isEmpty)
    for step in 1..<18 {
      // Gradients at the engine's own parameters, so that rounding does not add up.
      let slopes = gradient(states[step - 1], step: step)
      let parameters = ParameterBuffer(network)
      parameters.restore(states[step].parameters)
      let found = ReferenceNetwork(parameters.makeNetwork()).layers.map(matrix)
      for k in twins.indices {
        let before = weights[k]
        twins[k].update(&weights[k], along: matrix(slopes.layers[k]), number: step + 1)
        let moved = zip(weights[k], before).map { $0 - $1 }
        let engineMoved = zip(found[k], before).map { $0 - $1 }
        // Bases of nearly equal eigenvalues turn by the gradient's rounding over their distance.
        #expect(
          relativeDeviation(engineMoved, from: moved) <= 5e-3, "step \(step + 1), layer \(k)")
        weights[k] = found[k]
      }
    }
  }

  /// Points ±e₁, ±e₂ and targets without mixed parts: gradients of the weights are diagonal, and
  /// those of the biases zero, so the eigenbasis is that of the axes.
  @Test func inTheBasisOfTheAxesItIsAdam() throws {
    let data = MatrixData(
      coordinates: Matrix(rows: 4, columns: 2, elements: [1, 0, -1, 0, 0, 1, 0, -1]),
      targets: Matrix(rows: 4, columns: 2, elements: [3, 0, -3, 0, 0, -5, 0, 5]))
    let map = LinearMap(weight: Matrix(rows: 2, columns: 2), bias: [0, 0])
    let network = try Network(inputs: 2, layers: [Layer(map)])
    var configuration = Self.configuration(batch: 4, steps: 21)
    let soap = Trainer(network, data, configuration)
    try soap.run()
    configuration.preconditioning = nil
    configuration.steps = 20
    let adam = Trainer(network, data, configuration)
    try adam.run()
    let (found, expected) = (soap.network.layers[0].maps[0], adam.network.layers[0].maps[0])
    #expect(expected.weight[0, 0] > 0.05 && expected.weight[1, 1] < -0.05)
    // Two ways of rounding, 20 times.
    #expect(
      relativeDeviation(found.weight.elements, from: expected.weight.elements.map(Double.init))
        <= 1e-5)
    #expect(found.bias == [0, 0] && expected.bias == [0, 0])
  }

  @Test func weightDecayTakesItsShareOfWeights() throws {
    let data = MatrixData.random(60, outputs: 3, seed: 302)
    let network = SampleNetwork.make("sine", width: 5)
    var configuration = Self.configuration(batch: 60, steps: 2)
    let plain = Trainer(network, data, configuration)
    try plain.run()
    configuration.optimizer.weightDecay = 0.5
    let decaying = Trainer(network, data, configuration)
    try decaying.run()
    let keep = Float(1 - configuration.learningRate * 0.5)
    for k in network.layers.indices {
      let (before, without, with) = (
        network.layers[k], plain.network.layers[k], decaying.network.layers[k]
      )
      let expected = zip(before.maps[0].weight.elements, without.maps[0].weight.elements).map {
        Double($1 - $0 * (1 - keep))
      }
      #expect(relativeDeviation(with.maps[0].weight.elements, from: expected) <= 1e-6)
    }
  }
}
