import Compute
import Foundation
import Networks
import TestSupport
import Testing
import Training

/// Losses with an eikonal term.
@Suite struct SignedDistanceTests {
  private static func objective(_ data: MatrixData, eikonal: Float) -> Objective {
    .signedDistance(data, SquaredError(), eikonal: eikonal)
  }

  private static func samples(_ count: Int) -> [Int32] { (0..<Int32(count)).map { $0 } }

  // MARK: Gradients

  @Test(arguments: SampleNetwork.activations, SampleNetwork.smoothFeatures)
  func lossAndGradientAreTheTwins(activation: String, features: Architecture.Features) {
    let network = SampleNetwork.make(
      activation, outputs: 1, width: 4, hiddenLayers: 2, features: features, seed: 8)
    let data = MatrixData.random(5, outputs: 1, seed: 31)
    let found = engineGradient(
      of: network, Self.objective(data, eikonal: 0.7), batch: data.samples)
    let loss = { (twin: ReferenceNetwork) in
      twin.signedDistanceLoss(
        at: data.coordinates, targets: data.targets, eikonal: Double(Float(0.7)))
    }
    let twin = ReferenceNetwork(network)
    #expect(relativeDeviation([found.loss], from: [loss(twin)]) <= 1e-5)
    for (found, expected) in zip(found.gradient.parameters, twin.differences(of: loss))
    where !found.name.hasSuffix("constants") || Self.trainsConstants(activation) {
      // Rounding by 6e-8, amplified by frequencies of up to 5 and once more by their squares.
      let deviation = relativeDeviation(found.values, from: expected.values)
      #expect(deviation <= 2e-4, "\(found.name)")
    }
  }

  /// Leaky ReLU's slope never is trained, and FINER's frequency not with an eikonal term.
  private static func trainsConstants(_ activation: String) -> Bool {
    !["leaky-relu", "soft-relu", "finer"].contains(activation)
  }

  /// As for tiles without slopes: what fills up vectors, tiles and groups must not count.
  @Test(arguments: SampleNetwork.families, [1, 15, 17, 64, 65, 100, 513, 700])
  func aBatchIsTheMeanOfItsSamples(activation: String, batch: Int) {
    let network = SampleNetwork.make(activation, outputs: 1, width: 3)
    let data = MatrixData.random(batch, outputs: 1, seed: 32)
    let objective = Self.objective(data, eikonal: 0.3)
    let whole = engineGradient(of: network, objective, batch: data.samples, threads: 2)
    var (loss, sums): (Double, [[Double]]) = (0, [])
    for sample in data.samples {
      let one = engineGradient(of: network, objective, batch: [sample])
      loss += one.loss / Double(batch)
      let values = one.gradient.weightsAndBiases.map(\.values)
      sums =
        sums.isEmpty
        ? values : zip(sums, values).map { zip($0, $1).map { $0 + $1 } }
    }
    #expect(abs(whole.loss - loss) <= 1e-6 * loss)
    for (found, sum) in zip(whole.gradient.weightsAndBiases, sums) {
      let deviation = relativeDeviation(found.values, from: sum.map { $0 / Double(batch) })
      #expect(deviation <= 5e-5, "\(found.name)")
    }
  }

  @Test(arguments: SampleNetwork.activations)
  func theWeightZeroIsPointwiseFitting(activation: String) {
    let network = SampleNetwork.make(activation, outputs: 1)
    let data = MatrixData.random(200, outputs: 1, seed: 33)
    let plain = engineGradient(of: network, data)
    let found = engineGradient(of: network, Self.objective(data, eikonal: 0), batch: data.samples)
    #expect(found.loss == plain.loss && found.gradient == plain.gradient)
  }

  /// With a weight that rounds away, both ways to the gradient are ways to the same one.
  @Test(arguments: SampleNetwork.activations.filter { $0 != "finer" })
  func aTinyWeightIsPointwiseFitting(activation: String) {
    let network = SampleNetwork.make(activation, outputs: 1)
    let data = MatrixData.random(200, outputs: 1, seed: 33)
    let plain = engineGradient(of: network, data)
    let found = engineGradient(
      of: network, Self.objective(data, eikonal: 1e-20), batch: data.samples)
    #expect(abs(found.loss - plain.loss) <= 1e-9 * plain.loss)
    for (a, b) in zip(found.gradient.parameters, plain.gradient.parameters) {
      #expect(relativeDeviation(a.values, from: b.values) <= 1e-6, "\(a.name)")
    }
  }

  // MARK: Fields that are known

  /// `a₀ max(x, 0) + a₁ max(−x, 0)`.
  private static func wedge(_ a: [Float]) throws -> Network {
    let hidden = LinearMap(weight: Matrix(rows: 2, columns: 1, elements: [1, -1]), bias: [0, 0])
    let last = LinearMap(weight: Matrix(rows: 1, columns: 2, elements: a), bias: [0])
    return try Network(inputs: 1, layers: [Layer(hidden, activation: ReLU()), Layer(last)])
  }

  @Test func aSignedDistanceHasNoLoss() throws {
    // |x| is the distance from the origin.
    let x: [Float] = [-0.9, -0.25, 0.5, 0.75]
    let data = MatrixData(
      coordinates: Matrix(rows: 4, columns: 1, elements: x),
      targets: Matrix(rows: 4, columns: 1, elements: x.map { abs($0) }))
    let found = engineGradient(
      of: try Self.wedge([1, 1]), Self.objective(data, eikonal: 3), batch: data.samples)
    #expect(found.loss == 0)
    #expect(found.gradient.parameters.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
  }

  @Test func theTermOfReLUsIsThatOfTheirSlopes() throws {
    // f = a₀ x for positive x and −a₁ x elsewhere; the targets are met.
    let data = MatrixData(
      coordinates: Matrix(rows: 4, columns: 1, elements: [0.5, 0.25, 0.125, -0.5]),
      targets: Matrix(rows: 4, columns: 1, elements: [1.5, 0.75, 0.375, 0.25]))
    let found = engineGradient(
      of: try Self.wedge([3, 0.5]), Self.objective(data, eikonal: 2), batch: data.samples)
    // 2 · (3 · (3 − 1)² + (½ − 1)²) / 4.
    #expect(found.loss == 6.125)
    // ∂/∂a₀ = 2 · 2 (3 − 1) · ¾ and ∂/∂w₀ = 3 ∂/∂a₀ for the weight w₀ = 1 behind a₀; ∂/∂a₁ =
    // 2 · 2 (½ − 1) · ¼ and ∂/∂w₁ = −½ ∂/∂a₁. No bias changes a slope.
    #expect(found.gradient.parameters.map(\.values) == [[18, 0.25], [0, 0], [6, -0.5], [0]])
  }

  @Test func aFieldWithoutSlopesHasTheWholeTermAndNoGradient() throws {
    let data = MatrixData.random(20, outputs: 1, seed: 34)
    var flat = data
    flat.targets.elements = flat.targets.elements.map { _ in 0 }
    let network = SampleNetwork.make("sine", outputs: 1).scalingOutputs(by: 0)
    let found = engineGradient(of: network, Self.objective(flat, eikonal: 0.5), batch: data.samples)
    #expect(abs(found.loss - 0.5) <= 1e-12)
    #expect(found.gradient.weightsAndBiases.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
  }

  // MARK: Training

  @Test(arguments: SampleNetwork.families, [17, 300, 700])
  func theNumberOfThreadsDoesNotShow(activation: String, batch: Int) throws {
    let data = MatrixData.random(700, outputs: 1, seed: 35)
    let network = SampleNetwork.make(activation, outputs: 1, width: 20)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps, configuration.learningRate) = (batch, 4, 0.01)
    configuration.constants = .trained
    let results = try (1...4).map { threads in
      let trainer = Trainer(
        network, objective: Self.objective(data, eikonal: 0.1), samples: data.samples,
        configuration: configuration, workers: Workers(count: threads))
      try trainer.run()
      return trainer.snapshot().parameters
    }
    #expect(results[0] != ParameterBuffer(network).allValues)
    #expect(results.dropFirst().allSatisfy { $0 == results[0] })
  }

  @Test(arguments: [1, 3, 4, 7])
  func aRunOnDrawnSamplesGoesOnInTheSameBits(stop: Int) throws {
    let network = SampleNetwork.make("wire", outputs: 1)
    var configuration = TrainingConfiguration()
    (configuration.batch, configuration.steps) = (30, 8)
    func trainer() -> Trainer {
      let data = DrawnData(seed: 2)
      return Trainer(
        network, objective: .signedDistance(data, AbsoluteError(), eikonal: 0.1),
        samples: data.samples, configuration: configuration, workers: Workers(count: 2))
    }
    let (whole, resumed) = (trainer(), trainer())
    _ = try whole.run(
      afterStep: { $0.step == stop ? .save : .goOn }, save: { resumed.restore($0) })
    try resumed.run()
    #expect(resumed.snapshot().parameters == whole.snapshot().parameters)
    #expect(resumed.history.map(\.loss) == whole.history.map(\.loss))
  }

  /// A SIREN for the signed distance of a circle, known at few points.
  @Test func theTermBringsSlopesCloserToOne() throws {
    let data = DrawnData(seed: 3, count: 4_000)
    let results = try [0, 0.1].map { (weight: Float) in
      var architecture = Architecture(activation: "sine")
      (architecture.width, architecture.hiddenLayers) = (32, 1)
      var configuration = TrainingConfiguration()
      (configuration.batch, configuration.steps, configuration.learningRate) = (200, 400, 1e-3)
      let trainer = Trainer(
        architecture.makeNetwork(inputs: 2, outputs: 1, seed: 4),
        objective: .signedDistance(data, AbsoluteError(), eikonal: weight),
        samples: data.samples, configuration: configuration, workers: Workers(count: 2))
      try trainer.run()
      return try errors(of: trainer.network)
    }
    #expect(results[1].slope < 0.6 * results[0].slope, "\(results)")
    #expect(results[1].value < 0.02, "\(results)")
  }

  /// The means of `|‖∇f‖ − 1|` and of the error on a lattice, the circle's centre not among its points.
  private func errors(of network: Network) throws -> (slope: Double, value: Double) {
    let lattice = MatrixData.smooth(size: 32).coordinates
    let (values, slopes) = (network.values(at: lattice), network.jacobian(at: lattice))
    let count = Double(lattice.rows)
    return (0..<lattice.rows).reduce((0, 0)) { sums, i in
      let norm = Double(hypot(slopes[i, 0], slopes[i, 1]))
      let distance = hypot(lattice[i, 0], lattice[i, 1]) - 0.5
      return (
        sums.0 + abs(norm - 1) / count, sums.1 + Double(abs(values[i, 0] - distance)) / count
      )
    }
  }

  @Test func slopesTakeMoreMemory() {
    let network = SampleNetwork.make("gabor", outputs: 1)
    let memory = [Trainer.LossTerms.values, .valuesAndSlopes].map {
      Trainer.memory(network, rowsPerStep: 500, workers: Workers(count: 2), loss: $0)
    }
    #expect(memory[0] > 0 && memory[1] > memory[0])
  }

  // MARK: What cannot be trained

  @Test func networksThatDoNotFitAreRefused() {
    let data = MatrixData.random(4, outputs: 1, seed: 36)
    let three = MatrixData.random(4, outputs: 3, seed: 36)
    var trained = TrainingConfiguration()
    trained.constants = .trained
    let (one, colours) = (
      SampleNetwork.make("sine", outputs: 1), SampleNetwork.make("sine", outputs: 3)
    )
    let finer = SampleNetwork.make("finer", outputs: 1)
    let mistakes: [(Network, Objective, ObjectiveError, String)] = [
      (
        colours, data.objective, .shape(inputs: 2, outputs: 3, dimensions: 2, channels: 1),
        "the network takes 2 coordinates and gives 3 values; the data have 2 and 1"
      ),
      (
        SampleNetwork.make("sine", inputs: 3, outputs: 1), data.objective,
        .shape(inputs: 3, outputs: 1, dimensions: 2, channels: 1),
        "the network takes 3 coordinates and gives 1 values; the data have 2 and 1"
      ),
      (
        colours, Self.objective(three, eikonal: 1), .severalDistances(channels: 3),
        "the data have 3 values a point; a signed distance is one"
      ),
      (
        one, Self.objective(data, eikonal: -1), .eikonalWeight(-1),
        "the eikonal term has the weight -1.0; it must be a number of at least 0"
      ),
      (
        finer, Self.objective(data, eikonal: 1), .fixedConstantsOnly(activation: "finer"),
        "the constants of finer cannot be trained together with an eikonal term; "
          + "keep them fixed, or give the term the weight 0"
      ),
    ]
    for (network, objective, error, text) in mistakes {
      #expect(throws: error) { try objective.check(network, trained) }
      #expect(error.description == text)
    }
    for weight in [Float.nan, .infinity] {
      #expect(throws: ObjectiveError.self) {
        try Self.objective(data, eikonal: weight).check(one, trained)
      }
    }
    #expect(throws: Never.self) {
      try Self.objective(data, eikonal: 1).check(one, trained)
      try Self.objective(data, eikonal: 0).check(finer, trained)
      try Self.objective(data, eikonal: 1).check(finer, TrainingConfiguration())
    }
  }
}
