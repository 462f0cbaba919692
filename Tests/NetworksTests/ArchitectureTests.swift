import Compute
import Networks
import TestSupport
import Testing

@Suite struct ArchitectureTests {
  /// Bounds of weights in the first, hidden and last layer, as the papers give them.
  ///
  /// With 2 coordinates, width 200: PyTorch draws from ±1/√inputs; He et al. from ±√(6/inputs)
  /// (leaky: √(6/(1 + slope²)/inputs)); SIREN from ±1/inputs, then ±√(6/inputs)/ω₀.
  static let bounds: [(String, [Double])] = {
    let (first, hidden) = (0.5.squareRoot(), 1 / 200.0.squareRoot())
    let he = 6.0.squareRoot()
    let leaky = (6 / 1.01).squareRoot()
    let siren = 0.03.squareRoot()  // √(6/200)
    return [
      ("relu", [he * first, he * hidden, hidden]),
      ("soft-relu", [he * first, he * hidden, hidden]),
      ("leaky-relu", [leaky * first, leaky * hidden, hidden]),
      ("sine", [0.5, siren / 5, siren / 5]),
      ("finer", [0.5, siren / 2, siren / 2]),
      ("split-sine", [0.5, siren / 4 * 2.0.squareRoot(), siren / 4 * 2.0.squareRoot()]),
      ("gauss", [first, hidden, hidden]),
      ("gabor", [first, hidden, hidden]),
      ("wire", [first, hidden, hidden]),
      ("wire2d", [first, hidden, hidden]),
    ]
  }()

  @Test(arguments: bounds)
  func parametersFillTheBoundsOfTheirPaper(activation: String, weights: [Double]) {
    let network = SampleNetwork.make(activation, outputs: 200, width: 200)
    for (k, layer) in network.layers.enumerated() {
      for map in layer.maps {
        for plane in [map.weight.elements, map.imaginary?.weight.elements].compactMap({ $0 }) {
          expect(plane, fill: weights[k], "weights of layer \(k)")
        }
        // Biases are PyTorch's in all of them.
        let bias = 1 / Double(map.inputs).squareRoot()
        for plane in [map.bias, map.imaginary?.bias].compactMap({ $0 }) {
          expect(plane, fill: bias, "biases of layer \(k)")
        }
      }
    }
  }

  /// The largest of n numbers uniform in ±b is below 0.9 b with probability 0.9ⁿ: 7e-10 for 200.
  private func expect(_ numbers: [Float], fill bound: Double, _ what: String) {
    let largest = numbers.reduce(0) { max($0, abs(Double($1))) }
    #expect(numbers.count >= 200)
    #expect(largest <= bound * (1 + 1e-6) && largest >= 0.9 * bound, "\(what)")
    let mean = numbers.reduce(0) { $0 + Double($1) } / Double(numbers.count)
    #expect(abs(mean) <= 5 * bound / (3 * Double(numbers.count)).squareRoot(), "\(what)")
  }

  @Test(arguments: SampleNetwork.activations)
  func layersHaveTheShapesAskedFor(activation: String) {
    let network = SampleNetwork.make(
      activation, outputs: 3, width: 11, hiddenLayers: 2,
      features: .init(.positional, frequencies: 4))
    let type = type(of: SampleNetwork.activation(activation))
    #expect(network.layers.map(\.inputs) == [18, 11, 11, 11])
    #expect(network.layers.map(\.units) == [11, 11, 11, 3])
    #expect(network.layers.map(\.maps.count) == [type.mapCount, type.mapCount, type.mapCount, 1])
    #expect(network.layers.map(\.field) == [.real, type.field, type.field, type.field])
    #expect(network.activationName == activation)
    let reals = network.layers.reduce(0) { sum, layer in
      let numbers = layer.maps.count * layer.units * (layer.inputs + 1)
      return sum + (layer.field == .complex ? 2 : 1) * numbers
    }
    #expect(network.parameterCount == reals)
  }

  @Test func sameSeedGivesTheSameNetwork() {
    let a = SampleNetwork.make("wire2d", seed: 5)
    let b = SampleNetwork.make("wire2d", seed: 5)
    let c = SampleNetwork.make("wire2d", seed: 6)
    #expect(a.layers.map(\.maps) == b.layers.map(\.maps))
    for k in a.layers.indices { #expect(a.layers[k].maps != c.layers[k].maps, "layer \(k)") }
  }

  @Test func gainsScaleTheWeightsLayerByLayer() {
    func network(_ gains: [Double]) -> Network {
      var architecture = Architecture(activation: "sine")
      architecture.width = 9
      architecture.weightGains = gains
      return architecture.makeNetwork(inputs: 2, outputs: 1, seed: 1)
    }
    let plain = network([])
    // Powers of two scale without rounding. The last gain holds for all further hidden layers, not
    // for the linear one.
    let cases: [(given: [Double], meant: [Float])] = [
      ([], [1, 1, 1, 1]), ([2, 0.5], [2, 0.5, 0.5, 1]), ([1, 1, 4, 0.25], [1, 1, 4, 0.25]),
    ]
    for (given, meant) in cases {
      let scaled = network(given)
      for (k, gain) in meant.enumerated() {
        let (before, after) = (plain.layers[k].maps[0], scaled.layers[k].maps[0])
        #expect(after.weight.elements == before.weight.elements.map { $0 * gain }, "layer \(k)")
        #expect(after.bias == before.bias)
      }
    }
  }

  @Test func theFirstLayerCanHaveConstantsAndBiasesOfItsOwn() {
    var architecture = Architecture(activation: "sine")
    architecture.constants = ["omega0": 5]
    architecture.firstConstants = ["omega0": 60]
    architecture.firstBias = 7
    architecture.width = 300
    architecture.hiddenLayers = 1
    let network = architecture.makeNetwork(inputs: 2, outputs: 1, seed: 1)
    #expect(network.layers[0].activation?.values == [60])
    #expect(network.layers[1].activation?.values == [5])
    expect(network.layers[0].maps[0].bias, fill: 7, "first biases")
    expect(network.layers[1].maps[0].bias, fill: 1 / 300.0.squareRoot(), "hidden biases")
    let hidden = (6 / 300.0).squareRoot() / 5
    expect(network.layers[1].maps[0].weight.elements, fill: hidden, "hidden weights")
  }

  @Test func constantsAreReplacedByNameAndTheFirstLayersApart() {
    let network = SampleNetwork.make("wire", hiddenLayers: 2)
      .replacingConstants(["omega0": 7, "slope": 1], firstLayer: ["omega0": 20])
    #expect(
      network.layers.map { $0.activation?.values } == [[20, 1.5], [7, 1.5], [7, 1.5], nil])
  }
}
