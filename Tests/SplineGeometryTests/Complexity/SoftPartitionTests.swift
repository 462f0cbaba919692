import Compute
import Foundation
import Networks
import SplineGeometry
import TestSupport
import Testing

@Suite struct SoftPartitionTests {
  private static func points(_ count: Int, _ dimension: Int, seed: UInt64) -> [[Double]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in (0..<dimension).map { _ in random.nextNormal() } }
  }

  /// As it is defined, from both probabilities.
  private static func entropy(logOdds u: Double) -> Double {
    [1 / (1 + exp(-u)), 1 / (1 + exp(u))].reduce(0) { $0 - ($1 > 0 ? $1 * log2($1) : 0) }
  }

  @Test(arguments: [nil, Float(0.25), -1], [0.3, 0.5, 0.95])
  func entropiesAreThoseOfTheNeuronsChoices(slope: Float?, beta: Double) throws {
    let spline = try SplineNetwork(SampleSpline.random([2, 7, 5, 1], slope: slope, seed: 3))
    // Not a multiple of eight, and more than one chunk.
    let points = Self.points(301, 2, seed: 4)
    let found = SoftPartition(spline, beta: beta).entropies(at: points, workers: Workers(count: 3))
    let factor = beta / (1 - beta) * (1 - Double(slope ?? 0))
    for (point, found) in zip(points, found) {
      let expected = spline.preactivations(at: point).map { layer in
        layer.reduce(0) { $0 + Self.entropy(logOdds: factor * $1) }
      }
      #expect(found.count == 2)
      // The definition loses digits where a probability is next to 1.
      for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-13) }
    }
    let alone = SoftPartition(spline, beta: beta).entropies(at: points, workers: Workers(count: 1))
    #expect(alone == found)
  }

  @Test func aNeuronsEntropyIsOneBitOnItsBoundaryAndHasItsWidth() throws {
    // |x| − 1 of two neurons with the boundary x = 0.
    let spline = try SampleSpline.l1Ball(1)
    let partition = SoftPartition(spline, beta: 0.8)
    let found = partition.entropies(at: [[0], [1], [-1], [200]]).map { $0[0] }
    #expect(found[0] == 2 && found[1] == found[2] && found[3] < 1e-300)
    #expect(abs(found[1] - 2 * Self.entropy(logOdds: 4)) <= 1e-15)
    // Nothing is decided for β = 0.
    #expect(SoftPartition(spline, beta: 0).entropies(at: [[7]]) == [[2]])
  }

  @Test func unitsThatCarryValuesChooseNothing() throws {
    let plain = try SplineNetwork(SampleSpline.random([3, 6, 4, 1], seed: 5))
    let fixed = try plain.fixingFirstInputs(to: [0.5])
    #expect(fixed.neuronCount == 10)
    let points = Self.points(20, 2, seed: 6)
    let (a, b) = (
      SoftPartition(plain, beta: 0.7).entropies(at: points.map { [0.5] + $0 }),
      SoftPartition(fixed, beta: 0.7).entropies(at: points)
    )
    for (a, b) in zip(a.map(Self.sum), b.map(Self.sum)) { #expect(abs(a - b) <= 1e-12) }
  }

  private static func sum(_ numbers: [Double]) -> Double { numbers.reduce(0, +) }

  // MARK: Soft networks

  private static func soft(_ network: Network, beta: Float) throws -> Network {
    var layers = network.layers
    for k in layers.indices.dropLast() { layers[k].activation = SoftReLU(beta: beta) }
    return try Network(inputs: network.inputs, layers: layers)
  }

  @Test func aSoftNetworksChoicesFollowFromItsOwnValues() throws {
    let network = try Self.soft(SampleSpline.random([2, 5, 4, 1], seed: 7), beta: 0.75)
    for (point, found) in zip(
      Self.points(9, 2, seed: 8),
      try SoftPartition(network).entropies(at: Self.points(9, 2, seed: 8)))
    {
      var values = point
      for (k, layer) in network.layers.dropLast().enumerated() {
        let map = layer.maps[0]
        let z = (0..<map.outputs).map { unit in
          let products = zip(map.weight.row(unit), values).map { $0 * $1 }
          return Double(map.bias[unit]) + Self.sum(products)
        }
        #expect(abs(found[k] - z.reduce(0) { $0 + Self.entropy(logOdds: 3 * $1) }) <= 1e-13)
        values = z.map { $0 / (1 + exp(-3 * $0)) }
      }
    }
  }

  @Test func hardnessMakesTheSoftNetworkTheHardOne() throws {
    let hard = try SampleSpline.random([2, 9, 8, 1], seed: 9)
    let points = Self.points(50, 2, seed: 10)
    let beta: Float = 1 - 1 / 65_536
    let (soft, picture) = (
      try SoftPartition(Self.soft(hard, beta: beta)).entropies(at: points),
      SoftPartition(try SplineNetwork(hard), beta: Double(beta)).entropies(at: points)
    )
    // Values differ by 0.28/η a neuron, η = 65535, and with them log-odds by some tenths.
    for (a, b) in zip(soft, picture) {
      #expect(abs(a[0] - b[0]) <= 1e-13)
      #expect(abs(a[1] - b[1]) <= 0.5)
    }
  }

  @Test func otherNetworksAreRefusedByTheirActivation() throws {
    let hard = try SampleSpline.random([2, 3, 3, 1], seed: 11)
    var layers = try Self.soft(hard, beta: 0.5).layers
    layers[1].activation = Sine()
    let mixed = try Network(inputs: 2, layers: layers)
    let error = #expect(throws: SoftPartitionError.self) { try SoftPartition(mixed) }
    #expect(error == .notSoft(layer: 1, activation: "sine"))
    #expect(throws: SoftPartitionError.notSoft(layer: 0, activation: "relu")) {
      try SoftPartition(hard)
    }
    // And the hard regions of soft networks by theirs.
    let refusal = SplineNetworkError.notPiecewiseAffine(layer: 0, activation: "soft-relu")
    #expect(throws: refusal) { try SplineNetwork(try Self.soft(hard, beta: 0.5)) }
  }
}
