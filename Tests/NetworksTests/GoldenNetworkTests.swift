import Compute
import Networks
import TestSupport
import Testing

/// Values and derivatives that PyTorch computed in double precision; the files name its version.
@Suite struct GoldenNetworkTests {
  @Test(arguments: GoldenNetwork.names)
  func twinAgreesWithPyTorch(name: String) throws {
    let golden = try GoldenNetwork(name)
    let (twin, input, target) = (golden.twin, golden.input, golden.target)
    func expect(_ found: [Double], _ tensor: String) throws {
      // Sums of about 100 terms in Double, amplified by the frequencies: about 1e-14.
      #expect(try relativeDeviation(found, from: golden.golden(tensor)) <= 1e-10, "\(tensor)")
    }
    try expect(twin.values(at: input), "output")
    try expect([twin.loss(at: input, targets: target)], "loss")
    for tensor in twin.lossGradient(at: input, targets: target).weightsAndBiases {
      try expect(tensor.values, "grad.\(tensor.name)")
    }
    // make_networks.py holds FINER's factor constant in the Jacobian, too.
    try expect(twin.jacobian(at: input, .training), "jacobian")
  }

  @Test(arguments: GoldenNetwork.names)
  func adamOfTheTwinAgreesWithPyTorch(name: String) throws {
    let golden = try GoldenNetwork(name)
    var twin = golden.twin
    var adam = ReferenceAdam(rate: golden.learningRate)
    for _ in 0..<5 {
      var parameters = twin.parameters
      var gradient = twin.lossGradient(at: golden.input, targets: golden.target).parameters
      for t in gradient.indices where gradient[t].name.hasSuffix("constants") {
        gradient[t].values = gradient[t].values.map { _ in 0 }
      }
      adam.update(&parameters, along: gradient)
      twin.setParameters(parameters)
    }
    for tensor in twin.weightsAndBiases {
      // Adam divides by the gradient's size, so that a small gradient's relative error counts.
      let deviation = try relativeDeviation(
        tensor.values, from: golden.golden("adam5.\(tensor.name)"))
      #expect(deviation <= 1e-10, "\(tensor.name)")
    }
  }

  @Test(arguments: GoldenNetwork.names)
  func valuesAgreeWithPyTorch(name: String) throws {
    let golden = try GoldenNetwork(name)
    let values = golden.network.values(at: golden.input)
    // Without the remainders of the first layer's phases `sine` and `finer` would be off by 1.4e-5
    // and 6.6e-5, as PyTorch's own float32 pass is.
    #expect(try relativeDeviation(values.elements, from: golden.golden("output")) <= 1e-5)
  }

  @Test(arguments: GoldenNetwork.names)
  func jacobiansAgreeWithPyTorch(name: String) throws {
    let golden = try GoldenNetwork(name)
    let jacobian = golden.network.jacobian(at: golden.input)
    // PyTorch's numbers for FINER lack a part of the derivative; the twin, which agrees with them
    // when told to leave it out, gives the whole.
    let expected =
      name == "finer" ? golden.twin.jacobian(at: golden.input) : try golden.golden("jacobian")
    #expect(relativeDeviation(jacobian.elements, from: expected) <= 1e-4)
  }
}
