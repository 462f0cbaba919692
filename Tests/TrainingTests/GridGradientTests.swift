import Compute
import Networks
import TestSupport
import Testing
import Training

/// The tables of a grid are parameters like any other.
@Suite struct GridGradientTests {
  /// Tables of multiples of 2⁻¹² take steps of 2⁻⁷ exactly in single precision; the differences' own
  /// error is h⁴/30 of the fifth derivative, some 1e-8. (Of ReLU there would be kinks inside the steps.)
  private static let step = 1.0 / 128

  @Test(arguments: ["gauss", "sine", "wire"], [1, 2])
  func theGradientIsTheCentralDifference(activation: String, outputs: Int) throws {
    let network = SampleNetwork.make(
      activation, outputs: outputs, features: .init(SampleNetwork.grid))
    let data = MatrixData.random(150, outputs: outputs, seed: 71)
    let found = tableGradient(of: network, data, threads: 2)
    guard case .grid(let grid) = network.encoding else { return }
    func loss(_ entry: Int, _ shift: Double) throws -> Double {
      var grid = grid
      grid.tables[entry] += Float(shift)
      let shifted = try Network(inputs: 2, encoding: .grid(grid), layers: network.layers)
      return ReferenceNetwork(shifted).loss(at: data.coordinates, targets: data.targets)
    }
    // One entry in seven: of each level, and of both features.
    let entries = stride(from: 0, to: grid.tables.count, by: 7)
    let h = Self.step
    let expected = try entries.map { entry in
      let near = try loss(entry, h) - loss(entry, -h)
      let far = try loss(entry, 2 * h) - loss(entry, -2 * h)
      return (8 * near - far) / (12 * h)
    }
    #expect(expected.contains { abs($0) > 1e-3 })
    #expect(relativeDeviation(entries.map { found[$0] }, from: expected) <= 1e-4)
  }

  /// What fills up the last vector must not count, and no sample may be lost between tiles.
  @Test(arguments: [1, 15, 17, 64, 65, 500, 513, 700])
  func everySampleCountsOnceWhateverTheBatch(batch: Int) {
    let network = SampleNetwork.make("sine", outputs: 1, features: .init(SampleNetwork.grid))
    let data = MatrixData.random(batch, outputs: 1, seed: 72)
    let whole = tableGradient(of: network, data, threads: 2)
    var sum = [Double](repeating: 0, count: whole.count)
    for sample in 0..<batch {
      let one = tableGradient(of: network, data.picking([Int32(sample)]))
      for i in sum.indices { sum[i] += Double(one[i]) / Double(batch) }
    }
    #expect(relativeDeviation(whole, from: sum) <= 1e-5)
  }

  /// Adam's first step is the rate times the sign of the gradient, and nothing where that is zero.
  @Test(arguments: [SampleNetwork.grid, SampleNetwork.largeGrid])
  func aStepTrainsTheTablesByTheSlopesOfThisBatchAlone(grid: GridShape) throws {
    let network = SampleNetwork.make("sine", outputs: 1, features: .init(grid))
    let data = MatrixData.random(20, outputs: 1, seed: 73)
    let gradient = tableGradient(of: network, data)
    #expect(gradient.contains(0))
    let parameters = ParameterBuffer(network)
    let engine = GradientEngine(parameters, workers: Workers(count: 2))
    // A batch whose step was never taken, summed or not, leaves nothing behind.
    _ = engine.accumulate([3, 4], of: data.objective)
    _ = engine.accumulate([0, 1], of: data.objective)
    engine.sumGradient()
    _ = engine.accumulate(data.samples[...], of: data.objective)
    engine.step(
      Adam(epsilon: 1e-30), Moments(count: parameters.layout.count), number: 1,
      rates: [0, 0, 0], tableRate: 0.25)
    guard case .grid(let old) = network.encoding,
      case .grid(let new) = parameters.makeNetwork().encoding
    else { return }
    let steps = gradient.map { $0 == 0 ? 0 : $0 > 0 ? 0.25 : -0.25 }
    let taken = zip(old.tables, new.tables).map { Double($0 - $1) }
    #expect(zip(taken, steps).allSatisfy { abs($0 - $1) <= 1e-6 })
  }

  @Test func anEikonalTermBehindAGridIsRefused() {
    let network = SampleNetwork.make("sine", outputs: 1, features: .init(SampleNetwork.grid))
    let data = MatrixData.random(4, outputs: 1, seed: 74)
    let objective = Objective.signedDistance(data, SquaredError(), eikonal: 0.1)
    let error = #expect(throws: ObjectiveError.self) {
      try objective.check(network, TrainingConfiguration())
    }
    #expect(error?.description.contains("behind a grid encoding") == true)
  }

  private func tableGradient(
    of network: Network, _ data: MatrixData, threads: Int = 1
  ) -> [Float] {
    let parameters = ParameterBuffer(network)
    let engine = GradientEngine(parameters, workers: Workers(count: threads))
    _ = engine.accumulate(data.samples[...], of: data.objective)
    engine.sumGradient()
    let gradient = ParameterBuffer(network)
    gradient.restore(engine.total.elements(0..<parameters.layout.count))
    guard case .grid(let grid) = gradient.makeNetwork().encoding else { return [] }
    return grid.tables
  }
}
