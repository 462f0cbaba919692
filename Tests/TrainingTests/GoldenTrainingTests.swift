import Compute
import Networks
import TestSupport
import Testing
import Training

/// Losses, gradients and steps that PyTorch computed in double precision; the files in
/// `NetworksTests/Fixtures` name its version.
@Suite struct GoldenTrainingTests {
  @Test(arguments: GoldenNetwork.names)
  func lossAndGradientAgreeWithPyTorch(name: String) throws {
    let golden = try GoldenNetwork(name)
    let data = MatrixData(coordinates: golden.input, targets: golden.target)
    let (loss, gradient) = engineGradient(of: golden.network, data)
    #expect(try relativeDeviation([loss], from: golden.golden("loss")) <= 1e-4)
    for tensor in gradient.weightsAndBiases {
      let deviation = try relativeDeviation(
        tensor.values, from: golden.golden("grad.\(tensor.name)"))
      #expect(deviation <= 1e-4, "\(tensor.name)")
    }
  }

  @Test(arguments: GoldenNetwork.names)
  func fiveStepsOfAdamAgreeWithPyTorch(name: String) throws {
    let golden = try GoldenNetwork(name)
    let data = MatrixData(coordinates: golden.input, targets: golden.target)
    var configuration = TrainingConfiguration()
    configuration.learningRate = golden.learningRate
    configuration.schedule = Schedule(.constant)
    configuration.batch = golden.input.rows
    configuration.steps = 5
    let trainer = Trainer(golden.network, data, configuration)
    try trainer.run()
    for tensor in ReferenceNetwork(trainer.network).weightsAndBiases {
      let deviation = try relativeDeviation(
        tensor.values, from: golden.golden("adam5.\(tensor.name)"))
      #expect(deviation <= 1e-4, "\(tensor.name)")
    }
  }
}
