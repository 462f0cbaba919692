import Compute
import Foundation
import Testing
import Tomography

struct ViewWeightsTests {
  static func weights(_ angles: [Double], fan: Bool = false) -> [Double] {
    let beam = ScanGeometry.Beam.fan(sourceToOrigin: 100, sourceToDetector: 200)
    return ScanGeometry(beam: fan ? beam : .parallel, angles: angles, binCount: 9).viewWeights
  }

  static func expectClose(_ found: [Double], _ expected: [Double]) {
    #expect(found.count == expected.count)
    for (x, y) in zip(found, expected) { #expect(abs(x - y) < 1e-9) }
  }

  @Test(arguments: [1, 2, 3, 90], [0, 1, -17.3])
  func evenViewsOfAHalfTurnCountTheSame(count: Int, start: Double) {
    let angles = ScanGeometry.angles(from: start, to: start + .pi, count: count)
    Self.expectClose(Self.weights(angles), Array(repeating: .pi / Double(count), count: count))
  }

  @Test(arguments: [4, 5, 90, 91])
  func evenViewsOfAFullTurnCountTheSame(count: Int) {
    let angles = ScanGeometry.angles(from: 0.2, to: 0.2 + 2 * .pi, count: count)
    Self.expectClose(Self.weights(angles), Array(repeating: .pi / Double(count), count: count))
    let fan = Array(repeating: 2 * .pi / Double(count), count: count)
    Self.expectClose(Self.weights(angles, fan: true), fan)
  }

  @Test func viewsAtOnePlaceShareIt() {
    let angles = ScanGeometry.angles(from: 0, to: .pi, count: 19, includingStop: true)
    let step = Double.pi / 18
    let expected = [step / 2] + Array(repeating: step, count: 17) + [step / 2]
    Self.expectClose(Self.weights(angles), expected)
    // Three scans of the same angles, and as many views all at one.
    let thrice = degrees(
      Array(stride(from: 0.0, to: 180, by: 10)) + (0..<36).map { 180 + 10 * Double($0) })
    Self.expectClose(Self.weights(thrice), Array(repeating: .pi / 54, count: 54))
    Self.expectClose(Self.weights([0.4, 0.4, 0.4]), Array(repeating: .pi / 3, count: 3))
    // Whole turns round differently.
    Self.expectClose(
      Self.weights([0, 1, 2, 3].flatMap { [$0 * .pi, $0 * .pi + .pi / 2] }),
      Array(repeating: .pi / 8, count: 8))
  }

  @Test func weightsBelongToTheViewsInAnyOrder() {
    var random = SplitMix64(seed: 2)
    let angles = (0..<40).map { _ in Double(random.nextUniform(bound: 10)) }
    let order = angles.indices.sorted { angles[$0] < angles[$1] }
    for fan in [false, true] {
      let weights = Self.weights(angles, fan: fan)
      let sorted = Self.weights(order.map { angles[$0] }, fan: fan)
      Self.expectClose(order.map { weights[$0] }, sorted)
    }
  }

  @Test(arguments: UInt64(1)...20) func unevenViewsFillTheHalfTurn(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let scattered = (0..<100 + Int(seed) * 10).map { _ in Double(random.nextUniform(bound: 20)) }
    #expect(abs(Self.weights(scattered).reduce(0, +) - .pi) < 1e-9)
    // Repeated scans whose encoder trembles.
    let trembling = (0..<180).map {
      Double($0) * .pi / 60 + Double(random.nextUniform(bound: 1e-4))
    }
    let weights = Self.weights(trembling)
    #expect(abs(weights.reduce(0, +) - .pi) < 1e-9)
    let golden = (0..<Int(seed) * 7 + 3).map { Double($0) * .pi * (5.0.squareRoot() - 1) / 2 }
    #expect(abs(Self.weights(golden).reduce(0, +) - .pi) < 1e-9)
  }

  @Test func whatWasNotMeasuredCountsForNobody() {
    let angles = degrees(stride(from: 20.0, to: 80, by: 2))
    Self.expectClose(Self.weights(angles), Array(repeating: .pi / 90, count: 30))
    // A single missing view is its neighbours' to share.
    let gap = degrees(stride(from: 0.0, to: 180, by: 10).filter { $0 != 50 })
    let weights = Self.weights(gap)
    #expect(abs(weights.reduce(0, +) - .pi) < 1e-9)
    #expect(abs(weights[4] - 15 * .pi / 180) < 1e-9)
  }

  @Test(arguments: [6, 7, 200]) func aShortFanScanDoesNotCloseTheCircle(count: Int) {
    let step = 220 / Double(count)
    let angles = degrees((0..<count).map { 300 + step * Double($0) })
    let expected = Array(repeating: step * .pi / 180, count: count)
    Self.expectClose(Self.weights(angles, fan: true), expected)
    let folded = angles.map { $0.truncatingRemainder(dividingBy: 2 * .pi) }
    Self.expectClose(Self.weights(folded, fan: true), expected)
  }
}
