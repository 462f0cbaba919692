import Compute
import Foundation
import TestSupport
import Testing

/// The kernels against slow twins in `Double`, over line and position counts around the vector's
/// sixteen lanes.
struct LineSamplingTests {
  static let counts = [1, 7, 16, 33]

  // MARK: Slow twins

  /// The line at a position, zero beyond its ends.
  static func value(_ line: [Float], at position: Double) -> Double {
    line.indices.reduce(0) {
      $0 + max(0, 1 - abs(position - Double($1))) * Double(line[$1])
    }
  }

  static func random(_ count: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in random.nextUniform(bound: 1) }
  }

  static func padded(_ line: [Float]) -> [Float] {
    let zeros = [Float](repeating: 0, count: LineSampling.padding)
    return zeros + line + zeros
  }

  static func sampled(
    _ line: [Float], at start: Float, _ scale: Float, _ offsets: [Float], in range: Range<Int>,
    sums: [Float]
  ) -> [Float] {
    var sums = sums
    var target = sums.mutableSpan
    LineSampling.addSamples(
      of: padded(line).span, at: start, scale, offsets.span, in: range, to: &target)
    return sums
  }

  static func spread(
    _ values: [Float], at start: Float, _ scale: Float, _ offsets: [Float], in range: Range<Int>,
    count: Int
  ) -> [Float] {
    var line = padded([Float](repeating: 0, count: count))
    var target = line.mutableSpan
    LineSampling.spread(
      values.span, at: start, scale, offsets.span, in: range, over: &target)
    return Array(line[LineSampling.padding..<LineSampling.padding + count])
  }

  static func gathered(
    _ values: [Float], at start: Double, step: Double, count: Int
  ) -> [Float] {
    var sums = [Float](repeating: 0, count: count)
    var target = sums.mutableSpan
    LineSampling.addTransposedSamples(
      of: padded(values).span, at: start, step: step, to: &target)
    return sums
  }

  // MARK: Forward

  /// Positions from −1 to `count`, both ends included, up or down.
  static func positions(_ positionCount: Int, on count: Int, rising: Bool) -> (
    Float, Float, [Float]
  ) {
    let length = Float(count + 1)
    let offsets = (0..<positionCount).map { j in
      let share = positionCount > 1 ? Float(j) / Float(positionCount - 1) : 0
      return rising ? share : -share
    }
    return (rising ? -1 : Float(count), length, offsets)
  }

  @Test(arguments: counts, [0] + counts)
  func samplesAreInterpolatedLinearly(count: Int, positionCount: Int) {
    let line = Self.random(count, seed: 1)
    let old = Self.random(positionCount, seed: 2)
    for rising in [true, false] {
      let (start, scale, offsets) = Self.positions(positionCount, on: count, rising: rising)
      let found = Self.sampled(line, at: start, scale, offsets, in: offsets.indices, sums: old)
      let expected = offsets.indices.map { j in
        Double(old[j]) + Self.value(line, at: Double(start + scale * offsets[j]))
      }
      // Rounding of a position of at most 33: 33 · 2⁻²⁴ ≈ 2e-6 of a difference of at most 2.
      for j in offsets.indices { #expect(abs(Double(found[j]) - expected[j]) < 4e-6) }
    }
  }

  // Also at −1 and at the count, where only zeros are near.
  @Test(arguments: counts) func wholePositionsGiveTheSamplesThemselves(count: Int) {
    let line = Self.random(count, seed: 1)
    let offsets = (-1...count).map { Float($0) }
    let sums = [Float](repeating: 0, count: offsets.count)
    let found = Self.sampled(line, at: 0, 1, offsets, in: offsets.indices, sums: sums)
    // A share of 1 is b + (a − b): one rounding.
    for (x, y) in zip(found, [0] + line + [0]) { #expect(abs(x - y) <= 1.2e-7) }
  }

  @Test func nothingOutsideTheRangeChanges() {
    let line = Self.random(40, seed: 1)
    let offsets = (0..<40).map { Float($0) }
    for range in [3..<3, 3..<4, 1..<17, 2..<39, 5..<40] {
      let old = [Float](repeating: 7, count: 40)
      let found = Self.sampled(line, at: 0, 1, offsets, in: range, sums: old)
      for j in found.indices {
        let expected = range.contains(j) ? 7 + line[j] : 7
        #expect(range.contains(j) ? abs(found[j] - expected) < 1e-6 : found[j] == 7)
      }
    }
  }

  // MARK: Transposed

  @Test(arguments: counts, counts)
  func spreadIsTheTransposeOfSampling(count: Int, positionCount: Int) {
    for rising in [true, false] {
      let (start, scale, offsets) = Self.positions(positionCount, on: count, rising: rising)
      let line = Self.random(count, seed: 3)
      let values = Self.random(positionCount, seed: 4)
      let forward = Self.sampled(
        line, at: start, scale, offsets, in: offsets.indices,
        sums: [Float](repeating: 0, count: positionCount))
      let back = Self.spread(
        values, at: start, scale, offsets, in: offsets.indices, count: count)
      // The same weights to the bit: what is left is the rounding of two short sums.
      #expect(abs(Self.dot(forward, values) - Self.dot(line, back)) < 2e-6)
      if count > 7, positionCount > 7 { #expect(back.contains { $0 != 0 }) }
    }
  }

  @Test(arguments: counts, counts)
  func theGatherIsTheTransposeOfSampling(count: Int, valueCount: Int) {
    let values = Self.random(valueCount, seed: 5)
    for step in [1, -1, 1.25, -2.0.squareRoot(), 3.7] {
      for start in [0, -0.25, Double(count) - 1, 2.4, -step] {
        let found = Self.gathered(values, at: start, step: step, count: count)
        for i in found.indices {
          let expected = values.indices.reduce(0.0) { sum, j in
            let distance = abs(start + step * Double(j) - Double(i))
            return sum + max(0, 1 - distance) * Double(values[j])
          }
          // Positions along the values are rounded to 33 · 2⁻²⁴, weights then to `step` times that.
          #expect(abs(Double(found[i]) - expected) < 1e-5, "sample \(i), \(start) + \(step) j")
        }
      }
    }
  }

  // MARK: Perspective

  @Test(arguments: counts, counts)
  func perspectiveSamplesAreWeightedByTheSquareOfTheDepth(count: Int, sumCount: Int) {
    let line = Self.random(count, seed: 6)
    // Depths from 12 down through zero for the longer ones.
    let (lateral, depth) = ((start: -3.0, step: 0.3), (start: 12.0, step: -0.45))
    let (center, magnification, unitDepth) = (Double(count) / 2, 18.0, 10.0)
    var sums = [Float](repeating: 0, count: sumCount)
    var target = sums.mutableSpan
    LineSampling.addPerspectiveSamples(
      of: Self.padded(line).span, center: center, magnification: magnification,
      lateral: .init(start: lateral.start, step: lateral.step),
      depth: .init(start: depth.start, step: depth.step), unitDepth: unitDepth, to: &target)
    for i in sums.indices {
      let z = depth.start + depth.step * Double(i)
      let position = center + magnification * (lateral.start + lateral.step * Double(i)) / z
      let weight = z > 0 ? (unitDepth / z) * (unitDepth / z) : 0
      let expected = weight * (z > 0 ? Self.value(line, at: position) : 0)
      // Near the source positions move by many samples from pixel to pixel, and weights are large.
      #expect(abs(Double(sums[i]) - expected) < 1e-5 * max(weight, 1), "at depth \(z)")
    }
    if count == 33 { #expect(sums.contains { $0 != 0 }) }
  }

  private static func dot(_ x: [Float], _ y: [Float]) -> Double {
    zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
