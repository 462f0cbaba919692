import Compute
import Foundation
import SplineGeometry
import TestSupport
import Testing

@Suite struct SingularValueTests {
  private func map(_ outputs: Int, _ inputs: Int, seed: UInt64 = 3) -> AffineMap {
    var random = SplitMix64(seed: seed)
    return AffineMap(
      inputs: inputs, gradients: (0..<outputs * inputs).map { _ in random.nextNormal() },
      constants: (0..<outputs).map { _ in random.nextNormal() })
  }

  @Test(arguments: [1, 2, 5], [1, 2, 5])
  func theyAreThoseOfTheTwin(outputs: Int, inputs: Int) throws {
    let map = map(outputs, inputs)
    let found = try map.singularValues()
    let expected = JacobiRotations.singularValues(
      of: map.gradients, rows: outputs, columns: inputs)
    #expect(relativeDeviation(found.values, from: expected) <= 1e-14)
    #expect(found.rank == min(outputs, inputs))
    #expect(found.operatorNorm == found.values[0])
    #expect(found.conditionNumber == found.values[0] / found.values[found.rank - 1])
  }

  @Test(arguments: 0..<12 as Range<UInt64>)
  func aSurfaceGrowsByTheLengthOfTheCrossProduct(seed: UInt64) throws {
    let map = map(3, 2, seed: seed)
    let g = map.gradients
    let u = SIMD3(g[0], g[2], g[4])
    let v = SIMD3(g[1], g[3], g[5])
    let cross = SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
    let expected = (cross * cross).sum().squareRoot()
    #expect(abs(try map.singularValues().volumeChange - expected) <= 1e-14 * expected)
  }

  @Test func mapsThatFlattenHaveALowerRank() throws {
    // (x, y, z) ↦ (x + y, 2 (x + y), 0)
    let flat = AffineMap(
      inputs: 3, gradients: [1, 1, 0, 2, 2, 0, 0, 0, 0], constants: [1, 2, 3])
    let values = try flat.singularValues()
    #expect(values.rank == 1 && values.conditionNumber == 1)
    #expect(relativeDeviation(values.values, from: [Double(10).squareRoot(), 0, 0]) <= 1e-15)
    #expect(values.volumeChange <= 1e-30)
    // Onto a line there is no area left.
    #expect(try map(1, 2).singularValues().volumeChange == 0)
    let constant = AffineMap(inputs: 2, gradients: [0, 0], constants: [1])
    let none = try constant.singularValues()
    #expect(none.rank == 0 && none.conditionNumber == nil && none.operatorNorm == 0)
  }

  @Test func theyCanBeSavedAndGradientsThatAreNotFiniteAreRefused() throws {
    let values = try map(3, 2).singularValues()
    let data = try JSONEncoder().encode(values)
    #expect(try JSONDecoder().decode(SingularValues.self, from: data) == values)
    #expect(throws: MatrixSpectrumError.notFinite(row: 0, column: 1)) {
      try AffineMap(inputs: 2, gradients: [1, .infinity], constants: [0]).singularValues()
    }
  }
}
