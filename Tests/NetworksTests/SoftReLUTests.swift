import Compute
import Foundation
import Networks
import TestSupport
import Testing

@Suite struct SoftReLUTests {
  /// Numbers of PyTorch in double precision; the file names its version.
  private struct Golden: Decodable {
    struct Case: Decodable {
      let beta: Float
      let value: [Double]
      let slope: [Double]
      let curvature: [Double]
    }

    let z: [Float]
    let cases: [Case]

    init() throws {
      let file = GoldenNetwork.folder.appending(path: "soft_relu.json")
      self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }
  }

  private func vector(_ z: Float) -> Vector { Vector(repeating: z) }

  @Test func valuesSlopesAndCurvaturesAgreeWithPyTorch() throws {
    let golden = try Golden()
    for `case` in golden.cases {
      let activation = SoftReLU(beta: `case`.beta)
      let hardness = Double(activation.hardness)
      for (i, z) in golden.z.enumerated() {
        let (value, slope, curvature) = activation.valueSlopeAndCurvature(vector(z))
        let at = "beta \(`case`.beta), z \(z)"
        // η z is rounded by 2⁻²³ of itself, which moves the sigmoid of an argument m by 2⁻²³ of
        // m e⁻ᵐ ≤ 0.4; products and the exponential add some ulp. Below e⁻⁸⁷ it is 0.
        let (scale, z) = (Double(z.magnitude), Double(z))
        #expect(
          abs(Double(value[0]) - `case`.value[i]) <= 5e-7
            * min(scale, 1 / max(hardness, 1e-3) + max(z, 0)), "\(at)")
        #expect(abs(Double(slope[3]) - `case`.slope[i]) <= 5e-7, "\(at)")
        #expect(abs(Double(curvature[15]) - `case`.curvature[i]) <= 1e-6 * hardness, "\(at)")
        #expect(activation.value(vector(golden.z[i])) == value, "\(at)")
        #expect(activation.valueAndSlope(vector(golden.z[i])).slope == slope, "\(at)")
      }
    }
  }

  @Test func betaZeroLeavesTheChoiceOpenAndBetaOneHalfIsSiLU() {
    for z in [-7, -0.5, 0, 0.3, 40] as [Float] {
      let open = SoftReLU(beta: 0).valueSlopeAndCurvature(vector(z))
      #expect(open == (vector(z / 2), vector(0.5), vector(0)))
      let silu = Double(z) / (1 + exp(-Double(z)))
      #expect(abs(Double(SoftReLU().value(vector(z))[0]) - silu) <= 2e-7 * Double(z.magnitude))
    }
    #expect(SoftReLU().hardness == 1)
  }

  /// `|φ(z) − max(z, 0)| = |z| σ(−η|z|) ≤ 0.2785 / η`, the maximum of `m σ(−m)`.
  @Test func theGapToReLUFallsAsTheHardnessGrows() {
    for beta in [0.5, 0.9, 0.999, Float(1).nextDown] {
      let activation = SoftReLU(beta: beta)
      var gap: Float = 0
      for k in -4000...4000 {
        let z = Float(k) / 200 / activation.hardness
        gap = max(gap, (activation.value(vector(z))[0] - max(z, 0)).magnitude)
      }
      let bound = 0.27846 / activation.hardness
      #expect(gap <= bound * 1.0001 && gap >= bound * 0.999, "beta \(beta)")
    }
  }

  @Test(arguments: [0, 0.5, 0.99, Float(1).nextDown])
  func nothingOverflowsOnTheWay(beta: Float) {
    let activation = SoftReLU(beta: beta)
    let extremes: [Float] = [
      0, .leastNonzeroMagnitude, .leastNormalMagnitude, 1e-20, 86, 88, 89, 1e4, 1e30,
      .greatestFiniteMagnitude,
    ]
    for z in extremes.flatMap({ [$0, -$0] }) {
      let (value, slope, curvature) = activation.valueSlopeAndCurvature(vector(z))
      #expect(value[0].isFinite && slope[0].isFinite && curvature[0].isFinite, "z \(z)")
      // The slope overshoots by at most 0.1 on both sides.
      #expect(slope[0] > -0.1 && slope[0] < 1.1 && value[0] <= max(z, 0), "z \(z)")
    }
  }

  @Test func aBetaThatAModelFileCannotHaveIsRefused() throws {
    let network = SampleNetwork.make("soft-relu", width: 2)
    let file = try Safetensors.decode(Model(network: network).encoded, from: "model")
    for beta in ["1", "-0.5", "\"nan\""] {
      var changed = file
      changed.metadata["inr"] = file.metadata["inr"]?.replacing("0.75", with: beta)
      let error = #expect(throws: ModelFileError.self) {
        try Model.decode(changed.encoded, from: "model")
      }
      #expect(error?.description.contains("\"beta\" of layer 0 is") == true)
    }
  }
}
