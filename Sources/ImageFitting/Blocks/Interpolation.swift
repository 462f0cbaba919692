import Compute

/// Keys' cubic interpolation along one axis: smooth, exact at the samples, four of them a place.
///
/// - Source: Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP
///   29 (1981), with a = −½. Beyond the picture its outermost pixels go on.
package struct Interpolation: Sendable {
  /// The samples that are needed.
  package let needed: Range<Int>
  /// For each place four samples, counted from the first one needed, and their weights.
  private(set) var taps: [SIMD4<Int32>] = []
  private(set) var weights: [SIMD4<Float>] = []

  /// - Parameters:
  ///   - positions: increasing; sample i lies at i + ½.
  ///   - count: samples there are.
  package init(at positions: [Double], count: Int) {
    func clamped(_ i: Int) -> Int { min(max(i, 0), count - 1) }
    let bases = positions.map { Int(($0 - 0.5).rounded(.down)) }
    let first = clamped((bases.first ?? 0) - 1)
    needed = first..<(clamped((bases.last ?? 0) + 2) + 1)
    for (base, position) in zip(bases, positions) {
      let t = position - 0.5 - Double(base)
      let w0 = Float(t * (-0.5 + t * (1 - 0.5 * t)))
      let w1 = Float(1 + t * t * (-2.5 + 1.5 * t))
      let w2 = Float(t * (0.5 + t * (2 - 1.5 * t)))
      let w3 = Float(t * t * (-0.5 + 0.5 * t))
      weights.append(SIMD4(w0, w1, w2, w3))
      let indices = (-1...2).map { Int32(clamped(base + $0) - first) }
      taps.append(SIMD4(indices[0], indices[1], indices[2], indices[3]))
    }
  }

  /// The places of twice as many pixels, in pixels of the coarser level.
  package static func doubled(_ pixels: Range<Int>) -> [Double] {
    pixels.map { (Double($0) + 0.5) / 2 }
  }
}

extension PixelWindow {
  /// The samples at all places of a lattice, row by row.
  ///
  /// - Parameters:
  ///   - x: counts from the window's first column, likewise `y` from its first row.
  package func interpolated(_ x: Interpolation, _ y: Interpolation, workers: Workers) -> [Float] {
    let band = 8
    let bands = workers.map((y.taps.count + band - 1) / band) { _, item in
      let rows = (item * band)..<min((item + 1) * band, y.taps.count)
      var result: [Float] = []
      result.reserveCapacity(rows.count * x.taps.count * channels)
      var line = [Float](repeating: 0, count: rowLength)
      for row in rows {
        combineRows(y.taps[row], y.weights[row], into: &line)
        append(line, x, to: &result)
      }
      return result
    }
    return Array(bands.joined())
  }

  private func combineRows(
    _ taps: SIMD4<Int32>, _ weights: SIMD4<Float>, into line: inout [Float]
  ) {
    let length = rowLength
    let samples = samples.span
    let (r0, r1) = (Int(taps[0]) * length, Int(taps[1]) * length)
    let (r2, r3) = (Int(taps[2]) * length, Int(taps[3]) * length)
    let (w0, w1, w2, w3) = (weights[0], weights[1], weights[2], weights[3])
    var line = line.mutableSpan
    for i in 0..<length {
      line[i] =
        w0 * samples[r0 + i] + w1 * samples[r1 + i] + w2 * samples[r2 + i] + w3 * samples[r3 + i]
    }
  }

  private func append(_ line: [Float], _ x: Interpolation, to result: inout [Float]) {
    let line = line.span
    for (taps, weights) in zip(x.taps, x.weights) {
      for c in 0..<channels {
        var sum: Float = 0
        for k in 0..<4 { sum += weights[k] * line[Int(taps[k]) * channels + c] }
        result.append(sum)
      }
    }
  }
}
