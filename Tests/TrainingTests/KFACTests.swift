import Compute
import Foundation
import Networks
import TestSupport
import Testing
import Training

/// Tiny networks against matrices made of the derivatives of every value at every point.
@Suite struct KFACTests {
  private static func network(_ activation: String, outputs: Int = 2) -> Network {
    SampleNetwork.make(activation, outputs: outputs, width: 4, hiddenLayers: 2, seed: 5)
  }

  /// All samples in each step, at full length, with constant damping for `interval` steps.
  private static func configuration(_ data: MatrixData, steps: Int, interval: Int, damping: Double)
    -> TrainingConfiguration
  {
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (data.samples.count, steps)
    (configuration.learningRate, configuration.schedule) = (1, Schedule(.constant))
    configuration.preconditioning = Preconditioning(.kfac, interval: interval, damping: damping)
    return configuration
  }

  /// What a run with K-FAC keeps.
  private struct State {
    let damping: Double
    /// The last step, shaped as the network.
    let step: ReferenceNetwork
    let parameters: ReferenceNetwork
    /// The factors of each layer, as real matrices.
    let factors: [(input: [Float], slope: [Float])]

    init(_ state: TrainingState, _ network: Network, _ twins: [ReferenceKFAC]) {
      func shaped(_ numbers: [Float]) -> ReferenceNetwork {
        let buffer = ParameterBuffer(network)
        buffer.restore(numbers)
        return ReferenceNetwork(buffer.makeNetwork())
      }
      var rest = state.preconditioner[...]
      func take(_ count: Int) -> [Float] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
      }
      damping = Double(take(2)[0])
      step = shaped(take(state.parameters.count))
      parameters = shaped(state.parameters)
      factors = twins.map { twin in
        let orders = [twin.inputOrder, twin.slopeOrder].map { $0 * (twin.isComplex ? 2 : 1) }
        return (take(orders[0] * orders[0]), take(orders[1] * orders[1]))
      }
      precondition(rest.isEmpty, "\(rest.count) numbers are left over")
    }
  }

  /// The states after each step.
  private func states(
    _ network: Network, _ data: MatrixData, _ configuration: TrainingConfiguration
  ) throws -> [State] {
    let trainer = Trainer(network, data, configuration)
    var states: [TrainingState] = []
    _ = try trainer.run(afterStep: { _ in .save }, save: { states.append($0) })
    let twins = twins(ReferenceNetwork(network), data)
    return states.map { State($0, network, twins) }
  }

  private func twins(_ network: ReferenceNetwork, _ data: MatrixData) -> [ReferenceKFAC] {
    network.layers.indices.map { ReferenceKFAC(network, layer: $0, at: data.coordinates) }
  }

  /// A complex matrix `P + iQ` as the real one `[[P, −Q], [Q, P]]`, transposed or not.
  private func realForm(_ matrix: [Complex], order: Int, isComplex: Bool, conjugated: Bool)
    -> [Double]
  {
    guard isComplex else { return matrix.map(\.real) }
    return (0..<4 * order * order).map { place in
      let (row, column) = (place / (2 * order), place % (2 * order))
      let c = matrix[row % order * order + column % order]
      if (row < order) == (column < order) { return c.real }
      return (row < order) == conjugated ? c.imaginary : -c.imaginary
    }
  }

  // MARK: The factors

  @Test(arguments: SampleNetwork.families, [1, 7, 130])
  func factorsAreThoseOfEveryDerivative(activation: String, count: Int) throws {
    let data = MatrixData.random(count, outputs: 2, seed: 321)
    let network = Self.network(activation)
    let state = try states(
      network, data, Self.configuration(data, steps: 1, interval: 5, damping: 1))[0]
    for (twin, found) in zip(twins(ReferenceNetwork(network), data), state.factors) {
      let input = realForm(
        twin.input, order: twin.inputOrder, isComplex: twin.isComplex, conjugated: true)
      let slope = realForm(
        twin.slope, order: twin.slopeOrder, isComplex: twin.isComplex, conjugated: false)
      // Sums of up to 130 products of numbers with a dozen roundings of 6e-8.
      #expect(relativeDeviation(found.input, from: input) <= 1e-5, "A of layer \(twin.layer)")
      #expect(relativeDeviation(found.slope, from: slope) <= 1e-5, "G of layer \(twin.layer)")
    }
  }

  /// The last layer's slopes are constant, and with one sample there is nothing to average: there the
  /// product of the factors is the block of the Gauss-Newton matrix. Hermitian factors hold the part of
  /// it that does not depend on phases, `½ J Jᴴ`.
  @Test(arguments: SampleNetwork.families, [1, 7])
  func theProductOfTheFactorsIsTheBlockWhereItIsExact(activation: String, count: Int) throws {
    let outputs = count == 1 ? 1 : 2
    let data = MatrixData.random(count, outputs: outputs, seed: 322)
    let network = ReferenceNetwork(Self.network(activation, outputs: outputs))
    for twin in twins(network, data) where count == 1 || twin.layer == network.layers.count - 1 {
      let size = twin.slopeOrder * twin.inputOrder
      var block = [Complex](repeating: Complex(0), count: size * size)
      for row in 0..<count {
        for output in 0..<outputs {
          let slopes = network.parameterSlopes(at: data.coordinates.row(row), output: output)
          let j = twin.matrix(slopes)
          let weight = 2 / Double(count * outputs) * (twin.isComplex ? 0.5 : 1)
          for a in 0..<size {
            for b in 0..<size { block[a * size + b] += Complex(weight) * j[a] * j[b].conjugate }
          }
        }
      }
      let m = twin.inputOrder
      let product = (0..<size * size).map { place in
        let (a, b) = (place / size, place % size)
        // J = g hᴴ, so the inputs' factor comes conjugated.
        return twin.slope[a / m * twin.slopeOrder + b / m] * twin.input[b % m * m + a % m]
      }
      #expect(relativeDeviation(product.map(\.real), from: block.map(\.real)) <= 1e-12)
      let imaginary = (product.map(\.imaginary), block.map(\.imaginary))
      #expect(!twin.isComplex || relativeDeviation(imaginary.0, from: imaginary.1) <= 1e-12)
    }
  }

  // MARK: The step

  /// The first step goes along the solution of the dense damped system alone, the second also along the
  /// first; both as far as the model with the brute-force Gauss-Newton matrix says.
  @Test(arguments: SampleNetwork.families, [0.1, 1])
  func stepsAreThoseOfTheDenseSystems(activation: String, damping: Double) throws {
    let data = MatrixData.random(7, outputs: 2, seed: 323)
    let network = Self.network(activation)
    let states = try states(
      network, data, Self.configuration(data, steps: 2, interval: 3, damping: damping))
    let factors = twins(ReferenceNetwork(network), data)
    var (twin, last) = (ReferenceNetwork(network), [Double]())
    // λ of the model; the inverses keep that of the first step.
    var current = damping
    for state in states {
      let gradient = twin.lossGradient(at: data.coordinates, targets: data.targets)
      var proposal = gradient
      for factor in factors {
        factor.store(factor.direction(along: gradient, damping: damping), in: &proposal)
      }
      let directions = [proposal.flatParameters] + (last.isEmpty ? [] : [last])
      let count = directions.count
      func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
      let model = (0..<count * count).map { place -> Double in
        let (v, w) = (directions[place / count], directions[place % count])
        return twin.curvature(at: data.coordinates, along: v, w) + current * dot(v, w)
      }
      let slopes = directions.map { -dot($0, gradient.flatParameters) }
      let coefficients = denseSolution(model, slopes)
      let expected = directions[0].indices.map { i in
        zip(coefficients, directions).reduce(0) { $0 + $1.0 * $1.1[i] }
      }
      // Inverses of matrices with a condition of up to a thousand, in single precision.
      #expect(relativeDeviation(state.step.flatParameters, from: expected) <= 1e-3)
      let moved = zip(state.parameters.flatParameters, twin.flatParameters).map { $0 - $1 }
      #expect(relativeDeviation(moved, from: expected) <= 1e-3)
      (twin, last, current) = (state.parameters, state.step.flatParameters, state.damping)
    }
  }

  /// The factor of the first layer's rate goes into the direction, that of the learning rate into the
  /// step as a whole.
  @Test func ratesShortenSteps() throws {
    let data = MatrixData.random(7, outputs: 2, seed: 324)
    let network = Self.network("sine")
    var configuration = Self.configuration(data, steps: 1, interval: 3, damping: 1)
    let full = try states(network, data, configuration)[0].step.flatParameters
    configuration.learningRate = 0.25
    let quarter = try states(network, data, configuration)[0].step.flatParameters
    #expect(relativeDeviation(quarter, from: full.map { $0 / 4 }) <= 1e-6)
  }

  /// λ becomes smaller where the model foretold the loss well, and larger where it did not.
  @Test(arguments: [(1.0, 1.0), (0.01, 1), (1e-4, 1), (1e-6, 1.9)])
  func dampingFollowsTheReductionRatio(damping: Double, rate: Double) throws {
    let data = MatrixData.random(40, outputs: 2, seed: 325)
    let network = Self.network("sine")
    var configuration = Self.configuration(data, steps: 1, interval: 1, damping: damping)
    configuration.learningRate = rate
    let state = try states(network, data, configuration)[0]
    let before = ReferenceNetwork(network)
    let step = state.step.flatParameters
    let gradient = before.lossGradient(at: data.coordinates, targets: data.targets).flatParameters
    let linear = zip(step, gradient).reduce(0) { $0 + $1.0 * $1.1 }
    let square = step.reduce(0) { $0 + $1 * $1 }
    let foretold =
      linear
      + (before.curvature(at: data.coordinates, along: step, step) + damping * square) / 2
    let change =
      state.parameters.loss(at: data.coordinates, targets: data.targets)
      - before.loss(at: data.coordinates, targets: data.targets)
    guard square > 0 else {
      #expect(state.damping == Double(4 * Float(damping)))
      return
    }
    let ratio = change / foretold
    #expect(abs(ratio - 0.75) > 0.01 && abs(ratio - 0.25) > 0.01)  // roundings decide nothing
    let factor = ratio > 0.75 ? 0.95 : ratio < 0.25 ? 1 / 0.95 : 1
    #expect(abs(state.damping - damping * factor) <= 1e-6 * damping, "the ratio is \(ratio)")
  }

  /// Many times as far as the model says, the loss is larger than it was.
  @Test(arguments: SampleNetwork.families)
  func aStepThatMakesTheLossLargerIsTakenBack(activation: String) throws {
    let data = MatrixData.random(40, outputs: 2, seed: 327)
    let network = Self.network(activation)
    var configuration = Self.configuration(data, steps: 1, interval: 5, damping: 0.1)
    configuration.learningRate = 32
    let state = try states(network, data, configuration)[0]
    #expect(state.parameters == ReferenceNetwork(network))
    #expect(state.step.flatParameters.allSatisfy { $0 == 0 })
    #expect(state.damping == Double(Float(0.1) * 4))
    // No step leads up.
    (configuration.steps, configuration.learningRate) = (12, 1)
    let later = try #require(try states(network, data, configuration).last)
    let losses = [ReferenceNetwork(network), later.parameters].map {
      $0.loss(at: data.coordinates, targets: data.targets)
    }
    #expect(losses[1] <= losses[0])
  }

  // MARK: What it cannot do

  @Test func whatHasNoCurvatureIsRefused() throws {
    let data = MatrixData.random(16, outputs: 1, seed: 326)
    let network = SampleNetwork.make("sine", outputs: 1)
    var configuration = Self.configuration(data, steps: 1, interval: 1, damping: 1)
    let refusals: [(Objective, String)] = [
      (
        .throughOperator(BoxMeans(data: data, size: 4)),
        "K-FAC needs a loss of single points, and this one looks at them through an operator; "
          + "use the optimizer adam or soap"
      ),
      (
        .signedDistance(data, SquaredError(), eikonal: 0.1),
        "K-FAC needs a loss of values alone, and an eikonal term is one of slopes; "
          + "use the optimizer adam or soap, or give the term the weight 0"
      ),
      (
        .pointwise(data, AbsoluteError()),
        "K-FAC needs a loss with a second derivative, and AbsoluteError has none; "
          + "use another loss, or the optimizer adam or soap"
      ),
    ]
    for (objective, text) in refusals {
      let error = #expect(throws: ObjectiveError.self) {
        try objective.check(network, configuration)
      }
      #expect(error?.description == text)
    }
    try data.objective.check(network, configuration)
    try Objective.signedDistance(data, SquaredError(), eikonal: 0).check(network, configuration)
    configuration.constants = .trained
    let error = #expect(throws: ObjectiveError.self) {
      try data.objective.check(network, configuration)
    }
    #expect(
      error?.description
        == "K-FAC trains weights and biases alone; keep the activations' constants fixed, "
        + "or use the optimizer adam or soap")
    configuration.constants = .fixed
    let grid = SampleNetwork.make("relu", outputs: 1, features: .init(SampleNetwork.grid))
    let refusal = #expect(throws: ObjectiveError.self) {
      try data.objective.check(grid, configuration)
    }
    #expect(
      refusal?.description
        == "K-FAC trains the weights and biases of layers alone, not the tables of a grid encoding; "
        + "take another encoding, or use the optimizer adam or soap")
    configuration.preconditioning = Preconditioning(.soap)
    for (objective, _) in refusals { try objective.check(network, configuration) }
  }
}
