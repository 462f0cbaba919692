import Compute

/// Consecutive planes of samples, x fastest, and which side of the level they are on.
struct Slab {
  let values: [Float]
  /// Samples along x and y; how many 64-bit words hold a bit for each sample of a row.
  let width: Int
  let height: Int
  let planeCount: Int
  /// The number of the first plane in the grid.
  let firstPlane: Int
  let level: Double

  var words: Int { (width + 63) / 64 }

  /// A value minus the level, never infinite: products of two of these and the discriminants of
  /// quadratics in them stay finite.
  func value(_ x: Int, _ y: Int, _ plane: Int) -> Double {
    let value = values[(plane * height + y) * width + x]
    let limit = Float.greatestFiniteMagnitude
    return Double(min(max(value, -limit), limit)) - level
  }

  /// The trilinear interpolant of a cell, given its lowest corner.
  func cell(_ x: Int, _ y: Int, _ plane: Int) -> TrilinearCell {
    TrilinearCell(
      values: [
        value(x, y, plane), value(x + 1, y, plane),
        value(x, y + 1, plane), value(x + 1, y + 1, plane),
        value(x, y, plane + 1), value(x + 1, y, plane + 1),
        value(x, y + 1, plane + 1), value(x + 1, y + 1, plane + 1),
      ])
  }
}

/// The sides of a plane's samples.
struct PlaneSigns: Sendable {
  /// A bit for each sample, 1 if it is at or above the level; each row begins a new word.
  let bits: [UInt64]
  /// The least and the largest finite value; the first above the second if there is none.
  private(set) var lowest = Float.infinity
  private(set) var highest = -Float.infinity
  /// The place in the plane of a value that is not a number.
  private(set) var notANumber: Int?

  /// - Parameter threshold: the least value that is at or above the level.
  init(_ slab: Slab, plane: Int, threshold: Float) {
    let (width, words) = (slab.width, slab.words)
    var bits = [UInt64](repeating: 0, count: slab.height * words)
    var range = RangeOfValues()
    for y in 0..<slab.height {
      let first = (plane * slab.height + y) * width
      let row = slab.values.span.extracting(first..<first + width)
      for word in 0..<words {
        let samples = row.extracting(64 * word..<min(64 * word + 64, width))
        bits[y * words + word] = Self.bits(samples, threshold, &range)
      }
    }
    self.bits = bits
    (lowest, highest) = (range.lowest.min(), range.highest.max())
    if range.hasNotANumber {
      let first = plane * slab.height * width
      notANumber = (0..<slab.height * width).first { slab.values[first + $0].isNaN }
    }
  }

  /// The sides of up to 64 samples.
  private static func bits(
    _ samples: Span<Float>, _ threshold: Float, _ range: inout RangeOfValues
  ) -> UInt64 {
    var bits: UInt64 = 0
    guard samples.count == 64 else {
      for i in samples.indices {
        range.add(Vector(repeating: samples[i]))
        if samples[i] >= threshold { bits |= 1 << UInt64(i) }
      }
      return bits
    }
    for quarter in 0..<4 {
      var vector = Vector()
      for lane in 0..<16 { vector[lane] = samples[16 * quarter + lane] }
      range.add(vector)
      let lanes = SIMD16<UInt32>(repeating: 0).replacing(
        with: weights, where: vector .>= Vector(repeating: threshold))
      bits |= UInt64(lanes.wrappedSum()) << UInt64(16 * quarter)
    }
    return bits
  }

  private static let weights = SIMD16<UInt32>(
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
}

/// The least and the largest finite value seen in each lane, and whether one was not a number.
private struct RangeOfValues {
  var lowest = Vector(repeating: .infinity)
  var highest = Vector(repeating: -.infinity)
  private var notNumbers = Vector(repeating: 0)

  var hasNotANumber: Bool { (0..<16).contains { notNumbers[$0] != 0 } }

  @inline(__always)
  mutating func add(_ values: Vector) {
    lowest.replace(
      with: values, where: (values .< lowest) .& (values .> Vector(repeating: -.infinity)))
    highest.replace(
      with: values, where: (values .> highest) .& (values .< Vector(repeating: .infinity)))
    notNumbers.replace(with: Vector(repeating: 1), where: values .!= values)
  }
}
