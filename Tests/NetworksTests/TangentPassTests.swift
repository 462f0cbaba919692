import Compute
import Networks
import TestSupport
import Testing

@Suite struct TangentPassTests {
  private static func network(_ activation: String, _ features: Architecture.Features = .init())
    -> Network
  {
    SampleNetwork.make(
      activation, outputs: 1, width: 4, hiddenLayers: 2, features: features, seed: 6)
  }

  /// A pass that went forward over all points as one tile.
  private func forward(_ network: Network, at points: Matrix) -> (TangentPass, ParameterBuffer) {
    let parameters = ParameterBuffer(network)
    let pass = TangentPass(parameters, capacity: points.rows)
    points.load(
      (0..<Int32(points.rows)).map { $0 }[...], into: &pass.coordinates, width: pass.width)
    pass.forward(parameters, width: pass.width)
    return (pass, parameters)
  }

  @Test(arguments: SampleNetwork.activations, SampleNetwork.smoothFeatures)
  func valuesAndSlopesAreTheTwins(activation: String, features: Architecture.Features) {
    let network = Self.network(activation, features)
    var random = SplitMix64(seed: 21)
    let points = Matrix.random(37, 2, using: &random)
    let (pass, _) = forward(network, at: points)
    let stride = pass.capacity
    let values = pass.outputs.transposed(rows: 1, columns: 37, stride: stride)
    let slopes = pass.slopes.transposed(rows: 2, columns: 37, stride: stride)
    let twin = ReferenceNetwork(network)
    #expect(relativeDeviation(values, from: twin.values(at: points)) <= 1e-5)
    #expect(relativeDeviation(slopes, from: twin.jacobian(at: points)) <= 1e-4)
  }

  @Test(arguments: SampleNetwork.activations, SampleNetwork.smoothFeatures)
  func gradientsAreTheTwinsDifferences(activation: String, features: Architecture.Features) {
    expectTwinsGradient(of: Self.network(activation, features))
  }

  @Test(arguments: SampleNetwork.families, [1, 3])
  func pointsMayHaveAnyNumberOfCoordinates(activation: String, inputs: Int) {
    expectTwinsGradient(
      of: SampleNetwork.make(activation, inputs: inputs, outputs: 1, width: 4, hiddenLayers: 1))
  }

  /// Of `Σ a f + v · ∇f` for fixed numbers a and vectors v, one of each for a point.
  private func expectTwinsGradient(
    of network: Network, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var random = SplitMix64(seed: 22)
    let points = Matrix.random(5, network.inputs, using: &random)
    let a = (0..<5).map { _ in random.nextUniform(bound: 1) }
    let v = Matrix.random(5, network.inputs, using: &random)

    let (pass, parameters) = forward(network, at: points)
    let gradient = parameterGradient(pass, parameters, a, v)
    let expected = ReferenceNetwork(network).differences { twin in
      (0..<5).reduce(0) { sum, i in
        let slopes = twin.jacobian(at: points.row(i))
        return sum + Double(a[i]) * twin.values(at: points.row(i))[0]
          + slopes.indices.reduce(0) { $0 + v.row(i)[$1] * slopes[$1] }
      }
    }
    for (found, expected) in zip(gradient.parameters, expected)
    where !found.name.hasSuffix("constants") {
      // Rounding by 6e-8, amplified by frequencies of up to 5 and once more by their squares.
      let deviation = relativeDeviation(found.values, from: expected.values)
      #expect(deviation <= 1e-4, "\(found.name)", sourceLocation: sourceLocation)
    }
  }

  /// The gradient of `Σ a f + v · ∇f`, shaped as the network.
  private func parameterGradient(
    _ pass: TangentPass, _ parameters: ParameterBuffer, _ a: [Float], _ v: Matrix,
    from first: Int = 0
  ) -> ReferenceNetwork {
    pass.outputGradient.fill(with: 0)
    pass.outputGradient.copy(a)
    pass.slopes.fill(with: 0)
    for d in 0..<v.columns {
      pass.slopes.copy((0..<v.rows).map { v[$0, d] }, to: d * pass.capacity)
    }
    var sum = AlignedBuffer(count: parameters.layout.count)
    pass.backward(parameters, from: first, width: pass.width, accumulating: false, into: &sum)
    sum.combineComplexProducts(parameters.layout)
    let gradient = ParameterBuffer(parameters.makeNetwork())
    gradient.restore(sum.elements(0..<parameters.layout.count))
    return ReferenceNetwork(gradient.makeNetwork())
  }

  @Test(arguments: SampleNetwork.activations)
  func frozenLayersChangeNoOtherGradient(activation: String) {
    var random = SplitMix64(seed: 23)
    let points = Matrix.random(5, 2, using: &random)
    let v = Matrix.random(5, 2, using: &random)
    let gradients = [0, 1, 3].map { first in
      let (pass, parameters) = forward(Self.network(activation), at: points)
      return parameterGradient(pass, parameters, [1, 2, 3, 4, 5], v, from: first)
    }
    for (gradient, first) in zip(gradients, [0, 1, 3]) {
      #expect(gradient.layers.count == 4)
      #expect(
        gradient.layers[first...].map(\.maps) == gradients[0].layers[first...].map(\.maps))
      let frozen = gradient.layers[..<first].flatMap(\.maps)
      #expect(frozen.allSatisfy { $0.bias.allSatisfy { $0 == Complex(0) } })
      #expect(frozen.allSatisfy { $0.weight.allSatisfy { $0 == Complex(0) } })
    }
  }

  @Test func aNetworkOfOneLayerHasItsWeightsForSlopes() throws {
    let map = LinearMap(weight: Matrix(rows: 1, columns: 2, elements: [3, -2]), bias: [10])
    let network = try Network(inputs: 2, layers: [Layer(map)])
    let points = Matrix(rows: 2, columns: 2, elements: [1, 0, 0.5, -1])
    let (pass, parameters) = forward(network, at: points)
    #expect(pass.outputs.elements(0..<2) == [13, 13.5])
    #expect(pass.slopes.transposed(rows: 2, columns: 2, stride: 16) == [3, -2, 3, -2])
    let v = Matrix(rows: 2, columns: 2, elements: [1, 2, 4, 8])
    let gradient = parameterGradient(pass, parameters, [1, 10], v)
    // Σ a x + v for the weights, Σ a for the bias.
    #expect(gradient.parameters.map(\.values) == [[11, 0], [11]])
  }
}

extension TangentPass {
  /// Vectors of a whole tile.
  fileprivate var width: Int { capacity / Vector.scalarCount }
}

extension AlignedBuffer {
  /// The gradients of complex matrices from their three products, as an update of the parameters
  /// makes them.
  fileprivate mutating func combineComplexProducts(_ layout: ParameterLayout) {
    var floats = mutableFloats
    for plan in layout.layers where plan.field == .complex {
      for i in plan.weightOffset..<plan.weightOffset + plan.weightPlane {
        let (p, q, d) = (
          floats[i], floats[i + plan.weightPlane], floats[i + 2 * plan.weightPlane]
        )
        (floats[i], floats[i + plan.weightPlane]) = (p + q, p - q - d)
      }
    }
  }
}
