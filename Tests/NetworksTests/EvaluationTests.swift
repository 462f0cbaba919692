import Compute
import Networks
import TestSupport
import Testing

@Suite struct EvaluationTests {
  @Test(arguments: SampleNetwork.activations, SampleNetwork.features)
  func valuesAreTheTwins(activation: String, features: Architecture.Features) {
    let network = SampleNetwork.make(activation, hiddenLayers: 2, features: features)
    var random = SplitMix64(seed: 31)
    let points = Matrix.random(150, 2, using: &random)
    let values = network.values(at: points)
    #expect(values.rows == 150 && values.columns == 3)
    // Some tens of roundings of 6e-8, amplified by frequencies of up to 5 in three layers.
    let expected = ReferenceNetwork(network).values(at: points)
    #expect(relativeDeviation(values.elements, from: expected) <= 1e-5)
  }

  @Test(arguments: SampleNetwork.activations, SampleNetwork.features)
  func jacobiansAreTheTwins(activation: String, features: Architecture.Features) {
    let network = SampleNetwork.make(activation, hiddenLayers: 2, features: features)
    var random = SplitMix64(seed: 32)
    let points = Matrix.random(150, 2, using: &random)
    let jacobian = network.jacobian(at: points)
    #expect(jacobian.rows == 150 && jacobian.columns == 6)
    let expected = ReferenceNetwork(network).jacobian(at: points)
    #expect(relativeDeviation(jacobian.elements, from: expected) <= 1e-4)
  }

  @Test func jacobianOfFINERIsExactAlthoughItsTrainingIsNot() throws {
    let network = SampleNetwork.make("finer")
    let point = Matrix(rows: 1, columns: 2, elements: [0.3, -0.6])
    let jacobian = network.jacobian(at: point).elements
    let twin = ReferenceNetwork(network)
    #expect(relativeDeviation(jacobian, from: twin.jacobian(at: point)) <= 1e-5)
    #expect(relativeDeviation(jacobian, from: twin.jacobian(at: point, .training)) > 0.01)
  }

  /// Tiles hold 128 points and chunks 4096.
  @Test(arguments: [0, 1, 15, 16, 17, 127, 128, 129, 4_096, 4_097, 9_000], [1, 3])
  func valuesDoNotDependOnTheCompany(count: Int, threads: Int) {
    let network = SampleNetwork.make("wire", outputs: 2)
    var random = SplitMix64(seed: 33)
    let points = Matrix.random(9_000, 2, using: &random)
    let all = FieldEvaluator(network, workers: Workers(count: 1)).values(at: points)
    #expect(all.count == 18_000)

    let evaluator = FieldEvaluator(network, workers: Workers(count: threads))
    let start = (9_000 - count) / 2
    let range = evaluator.values(at: points, of: .range(start..<start + count))
    #expect(range == Array(all[2 * start..<2 * (start + count)]))

    let order = Array(random.permutation(of: 9_000).prefix(count))
    let shuffled = evaluator.values(at: points, of: .numbered(order))
    #expect(shuffled == order.flatMap { [all[2 * Int($0)], all[2 * Int($0) + 1]] })
  }

  @Test(arguments: [1, 2, 3, 4])
  func jacobiansDoNotDependOnTheThreads(threads: Int) {
    let network = SampleNetwork.make("wire2d")
    var random = SplitMix64(seed: 34)
    let points = Matrix.random(5_000, 2, using: &random)
    let alone = network.jacobian(at: points, workers: Workers(count: 1))
    #expect(network.jacobian(at: points, workers: Workers(count: threads)) == alone)
  }

  @Test(arguments: [1, 3, 4])
  func pointsMayHaveAnyNumberOfCoordinates(inputs: Int) {
    let network = SampleNetwork.make("sine", inputs: inputs, outputs: 1)
    var random = SplitMix64(seed: 35)
    let points = Matrix.random(40, inputs, using: &random)
    let twin = ReferenceNetwork(network)
    let (values, jacobian) = (network.values(at: points), network.jacobian(at: points))
    #expect(relativeDeviation(values.elements, from: twin.values(at: points)) <= 1e-5)
    #expect(relativeDeviation(jacobian.elements, from: twin.jacobian(at: points)) <= 1e-4)
  }

  @Test func aNetworkOfOneLayerIsAffine() throws {
    let map = LinearMap(
      weight: Matrix(rows: 2, columns: 2, elements: [1, 2, 3, 4]), bias: [10, 20])
    let network = try Network(inputs: 2, layers: [Layer(map)])
    let points = Matrix(rows: 2, columns: 2, elements: [1, 0, 0.5, -1])
    #expect(network.values(at: points).elements == [11, 23, 8.5, 17.5])
    #expect(network.jacobian(at: points).elements == [1, 2, 3, 4, 1, 2, 3, 4])
  }
}
