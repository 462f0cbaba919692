import Compute
import Networks
import TestSupport
import Testing

@Suite struct NetworkTests {
  private static func map(_ inputs: Int, _ outputs: Int, _ field: Field = .real) -> LinearMap {
    let weight = Matrix(rows: outputs, columns: inputs)
    let bias = [Float](repeating: 0, count: outputs)
    return LinearMap(
      weight: weight, bias: bias,
      imaginary: field == .real ? nil : .init(weight: weight, bias: bias))
  }

  /// Layers for two coordinates, what is wrong with them, and how the error says it.
  static let mistakes: [(layers: [Layer], error: NetworkError, text: String)] = [
    ([], .noLayers, "a network needs at least one layer"),
    (
      [Layer(map(2, 0), activation: ReLU()), Layer(map(0, 1))], .noUnits(layer: 0),
      "layer 0 has no units"
    ),
    (
      [Layer(map(2, 4), activation: RealGabor()), Layer(map(4, 1))],
      .mapCount(layer: 0, found: 1, expected: 2),
      "layer 0 has 1 linear maps; its activation combines 2"
    ),
    (
      [Layer(maps: [map(2, 4), map(2, 4)], activation: ReLU()), Layer(map(4, 1))],
      .mapCount(layer: 0, found: 2, expected: 1),
      "layer 0 has 2 linear maps; its activation combines 1"
    ),
    (
      [Layer(maps: [map(2, 4), map(2, 5)], activation: RealGabor()), Layer(map(4, 1))],
      .unequalMaps(layer: 0),
      "the linear maps of layer 0 differ in shape, or one is real and one complex"
    ),
    (
      [Layer(map(2, 4), activation: ReLU()), Layer(map(5, 1))],
      .inputCount(layer: 1, found: 5, expected: 4),
      "layer 1 takes 5 inputs; what stands before it gives 4"
    ),
    (
      [Layer(map(3, 4), activation: ReLU()), Layer(map(4, 1))],
      .inputCount(layer: 0, found: 3, expected: 2),
      "layer 0 takes 3 inputs; what stands before it gives 2"
    ),
    (
      [Layer(map(2, 4), activation: ComplexGabor()), Layer(map(4, 1))],
      .field(layer: 1, found: .real),
      "the weights of layer 1 are real; the values before it need complex ones"
    ),
    (
      [Layer(map(2, 4, .complex), activation: ComplexGabor()), Layer(map(4, 1, .complex))],
      .field(layer: 0, found: .complex),
      "the weights of layer 0 are complex; the values before it need real ones"
    ),
    (
      [Layer(map(2, 4)), Layer(map(4, 1))], .activationPlace(layer: 0),
      "layer 0: every layer but the last has an activation, and the last has none"
    ),
    (
      [Layer(map(2, 4), activation: ReLU())], .activationPlace(layer: 0),
      "layer 0: every layer but the last has an activation, and the last has none"
    ),
  ]

  @Test(arguments: mistakes.indices)
  func layersThatDoNotFitAreRefused(index: Int) {
    let mistake = Self.mistakes[index]
    #expect(throws: mistake.error) { try Network(inputs: 2, layers: mistake.layers) }
    #expect(mistake.error.description == mistake.text)
  }

  @Test(arguments: SampleNetwork.activations)
  func parametersComeBackFromTheBufferAsTheyWere(activation: String) {
    let network = SampleNetwork.make(activation, hiddenLayers: 2)
    let back = ParameterBuffer(network).makeNetwork()
    #expect(back.layers.map(\.maps) == network.layers.map(\.maps))
    #expect(
      back.layers.map { $0.activation?.values } == network.layers.map { $0.activation?.values })

    let other = ParameterBuffer(SampleNetwork.make(activation, hiddenLayers: 2, seed: 99))
    other.restore(ParameterBuffer(network).allValues)
    #expect(other.makeNetwork().layers.map(\.maps) == network.layers.map(\.maps))
  }

  @Test(arguments: SampleNetwork.activations, [0.125, -40] as [Float])
  func scaledOutputsAreTheValuesTimesTheFactor(activation: String, factor: Float) {
    let network = SampleNetwork.make(activation)
    let scaled = network.scalingOutputs(by: factor)
    let points = PixelLattice(width: 5, height: 3)
    let values = FieldEvaluator(network).values(at: points)
    let expected = values.map { Double(factor * $0) }
    #expect(expected.contains { abs($0) > 1e-3 })
    #expect(relativeDeviation(FieldEvaluator(scaled).values(at: points), from: expected) < 1e-5)
    // Powers of two come back as they were.
    let back = network.scalingOutputs(by: 0.125).scalingOutputs(by: 8)
    #expect(back.layers.map(\.maps) == network.layers.map(\.maps))
  }

  @Test func restoredConstantsReachTheActivations() {
    let network = SampleNetwork.make("wire")
    let changed = network.replacingConstants(["omega0": 6.5], firstLayer: ["sigma0": 3])
    let buffer = ParameterBuffer(network)
    buffer.restore(ParameterBuffer(changed).allValues)
    let values = buffer.makeNetwork().layers.map { $0.activation?.values }
    #expect(values == [[6.5, 3], [6.5, 1.5], nil])
  }

  @Test func theTableKnowsEveryActivationAndItsConstants() {
    #expect(
      ActivationTable.names == [
        "relu", "leaky-relu", "soft-relu", "sine", "finer", "split-sine",
        "gauss", "gabor", "wire", "wire2d",
      ])
    #expect(ActivationTable.constantNames == ["slope", "beta", "omega0", "sigma0"])
    #expect(ActivationTable.make("tanh") == nil)
    for type in ActivationTable.all {
      let activation = ActivationTable.make(type.name)
      #expect(activation?.values == type.constants.map(\.defaultValue))
      for (i, constant) in type.constants.enumerated() {
        let changed = ActivationTable.make(type.name, constants: [constant.name: 0.25])
        #expect(changed?.value(of: constant.name) == 0.25)
        #expect(changed?.values[i] == 0.25)
      }
      #expect(activation?.value(of: "no such constant") == nil)
    }
  }
}
