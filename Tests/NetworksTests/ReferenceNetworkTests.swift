import Compute
import Networks
import TestSupport
import Testing

/// The twin's derivatives are those of its values: central differences in double precision.
@Suite struct ReferenceNetworkTests {
  /// Rounding of the differences costs 1e-11, times the condition of three layers.
  static let tolerance = 1e-8

  @Test(arguments: SampleNetwork.activations, SampleNetwork.features)
  func gradientIsTheCentralDifference(activation: String, features: Architecture.Features) {
    let twin = ReferenceNetwork(SampleNetwork.make(activation, width: 7, features: features))
    var random = SplitMix64(seed: 21)
    let points = Matrix.random(9, 2, using: &random)
    let targets = Matrix.random(9, 3, using: &random)
    let gradient = twin.lossGradient(at: points, targets: targets, .exact).parameters

    for (t, tensor) in gradient.enumerated() {
      let differences = tensor.values.indices.map { i in
        centralDifference { step in
          var moved = twin
          var parameters = twin.parameters
          parameters[t].values[i] += step
          moved.setParameters(parameters)
          return [moved.loss(at: points, targets: targets)]
        }[0]
      }
      // The slope of a leaky ReLU and the β of a soft one are not trained, so their gradient is zero
      // by convention.
      if ["leaky-relu", "soft-relu"].contains(activation), tensor.name.hasSuffix("constants") {
        continue
      }
      #expect(
        relativeDeviation(tensor.values, from: differences) <= Self.tolerance, "\(tensor.name)")
    }
  }

  @Test(arguments: SampleNetwork.activations, SampleNetwork.features)
  func jacobianIsTheCentralDifference(activation: String, features: Architecture.Features) {
    let twin = ReferenceNetwork(SampleNetwork.make(activation, features: features))
    var random = SplitMix64(seed: 22)
    let points = Matrix.random(20, 2, using: &random)
    for row in 0..<points.rows {
      let x = points.row(row)
      let columns = x.indices.map { d in
        centralDifference { step in
          var moved = x
          moved[d] += step
          return twin.values(at: moved)
        }
      }
      let differences = (0..<3).flatMap { o in columns.map { $0[o] } }
      #expect(relativeDeviation(twin.jacobian(at: x), from: differences) <= Self.tolerance)
    }
  }

  @Test func factorOfFINERIsHeldConstantInTrainingOnly() {
    let twin = ReferenceNetwork(SampleNetwork.make("finer"))
    let x = [0.3, -0.6]
    #expect(relativeDeviation(twin.jacobian(at: x, .training), from: twin.jacobian(at: x)) > 0.01)
    let sine = ReferenceNetwork(SampleNetwork.make("sine"))
    #expect(sine.jacobian(at: x, .training) == sine.jacobian(at: x))
  }
}
