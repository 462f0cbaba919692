import Compute
import Foundation
import TestSupport
import Testing
import Training

/// Numbers of PyTorch's `AdamW`, whose version stands in the file.
@Suite struct AdamTests {
  struct Fixture: Decodable {
    let torch: String
    let cases: [String: Case]
  }
  struct Case: Decodable {
    let beta1: Double
    let beta2: Double
    let epsilon: Double
    let weightDecay: Double
    let start: [Double]
    let steps: [Step]
  }
  struct Step: Decodable {
    let rate: Double
    let gradient: [Double]
    let parameters: [Double]
  }

  private func fixture(_ name: String) throws -> Case {
    let file = try #require(Bundle.module.url(forResource: "Fixtures/adam", withExtension: "json"))
    let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    return try #require(fixture.cases[name])
  }

  @Test(arguments: ["adam", "adamw", "unusual"])
  func stepsAreThoseOfPyTorch(name: String) throws {
    let fixture = try fixture(name)
    let adam = Adam(
      beta1: Float(fixture.beta1), beta2: Float(fixture.beta2), epsilon: Float(fixture.epsilon),
      weightDecay: Float(fixture.weightDecay))
    let count = fixture.start.count
    var parameters = AlignedBuffer(fixture.start.map { Float($0) })
    var first = AlignedBuffer(count: count)
    var second = AlignedBuffer(count: count)
    #expect(fixture.steps.count == 6)
    for (k, step) in fixture.steps.enumerated() {
      let gradient = AlignedBuffer(step.gradient.map { Float($0) })
      var p = parameters.mutableVectors
      var m = first.mutableVectors
      var v = second.mutableVectors
      adam.update(
        &p, along: gradient.vectors, moments: &m, &v, step: k + 1, learningRate: Float(step.rate))
      let found = parameters.elements(0..<count)
      // A dozen roundings of 6e-8 of each parameter; the betas are rounded to Float, too.
      #expect(relativeDeviation(found, from: step.parameters) <= 1e-6, "step \(k + 1)")
    }
    // Padding has no gradient and stays what it was.
    let last = parameters.vectors[1]
    #expect((count % 16..<16).allSatisfy { last[$0] == 0 })
  }

  @Test(arguments: ["adam", "adamw", "unusual"])
  func stepsOfTheTwinAreThoseOfPyTorch(name: String) throws {
    let fixture = try fixture(name)
    var adam = ReferenceAdam(rate: 0)
    (adam.beta1, adam.beta2) = (fixture.beta1, fixture.beta2)
    (adam.epsilon, adam.weightDecay) = (fixture.epsilon, fixture.weightDecay)
    var parameters = [NamedTensor("x", fixture.start)]
    for step in fixture.steps {
      adam.rate = step.rate
      adam.update(&parameters, along: [NamedTensor("x", step.gradient)])
      #expect(relativeDeviation(parameters[0].values, from: step.parameters) <= 1e-13)
    }
  }
}
