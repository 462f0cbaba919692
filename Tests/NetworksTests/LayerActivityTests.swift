import Compute
import Foundation
import Networks
import Testing

struct LayerActivityTests {
  private let points: Matrix = {
    var random = SplitMix64(seed: 2)
    return Matrix(
      rows: 500, columns: 2, elements: (0..<1000).map { _ in random.nextUniform(bound: 1) })
  }()

  private func wire(
    _ constants: [String: Float], first: [String: Float] = [:], gains: [Double] = []
  )
    -> [LayerActivity]
  {
    var architecture = Architecture(activation: "wire")
    architecture.width = 181
    architecture.constants = constants
    architecture.firstConstants = first
    architecture.weightGains = gains
    return architecture.makeNetwork(inputs: 2, outputs: 1, seed: 0).activities(at: points)
  }

  /// One unit of one input, so that everything can be told by hand: z = 3 x + 4 i x.
  @Test func aComplexLayersActivityIsThatOfItsFormula() throws {
    let gabor = try #require(ActivationTable.make("wire", constants: ["omega0": 2, "sigma0": 0.1]))
    let one = Matrix(rows: 1, columns: 1, elements: [1])
    let first = Layer(LinearMap(weight: one, bias: [0]), activation: gabor)
    let second = Layer(
      LinearMap(
        weight: Matrix(rows: 1, columns: 1, elements: [0.3]), bias: [0],
        imaginary: .init(weight: Matrix(rows: 1, columns: 1, elements: [0.4]), bias: [0])),
      activation: gabor)
    let last = Layer(
      LinearMap(
        weight: one, bias: [0],
        imaginary: .init(weight: Matrix(rows: 1, columns: 1, elements: [0]), bias: [0])))
    let network = try Network(inputs: 1, layers: [first, second, last])
    let point = Matrix(rows: 1, columns: 1, elements: [0.5])
    let activities = network.activities(at: point)
    try #require(activities.count == 2)
    // h₁ = exp(i 2 · 0.5 − 0.01 · 0.25); z₂ = (0.3 + 0.4 i) h₁.
    let h1 = exp(-0.01 * 0.25)
    #expect(abs(activities[0].preActivation - 0.5) < 1e-6)
    #expect(abs(activities[0].value - h1) < 1e-6)
    #expect(abs(activities[1].preActivation - 0.5 * h1) < 1e-6)
    // |h₂| = exp(−ω₀ Im z₂ − σ₀² |z₂|²).
    let imaginary = h1 * (0.3 * sin(1.0) + 0.4 * cos(1.0))
    let h2 = exp(-2 * imaginary - 0.01 * 0.25 * h1 * h1)
    #expect(abs(activities[1].value - h2) < 1e-5 && activities[1].liveShare == 1)
  }

  /// WIRE's own constants for pictures, against those that a fit to a picture recommends.
  @Test func thePapersConstantsLeaveMostOfEachLayerDeadAndOursDoNot() {
    let paper = wire(["omega0": 20, "sigma0": 30])
    let ours = wire(
      ["omega0": 10, "sigma0": 15], first: ["omega0": 70, "sigma0": 5], gains: [1, 0.5])
    for activity in paper { #expect(activity.liveShare < 0.16) }
    for activity in ours { #expect(activity.liveShare > 0.25) }
  }

  @Test func widerEnvelopesLeaveMoreAlive() {
    let shares = [40, 20, 10, 5, 1].map { wire(["omega0": 10, "sigma0": $0])[1].liveShare }
    #expect(shares == shares.sorted())
  }
}
