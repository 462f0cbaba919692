/// Linear interpolation between the samples of a line, at many positions at once, and the transposes
/// of that map: the inner loops of projection and back projection.
///
/// A line has its samples at positions 0, 1, …, `count − 1` and is zero elsewhere. It stands in
/// memory behind ``padding`` zeros, and ``padding`` zeros follow it. Positions are
/// `start + scale · offsets[j]`; `offsets` are monotone, so that the first and the last position
/// bound all of them, and they stay within −1 … `count`.
public enum LineSampling {
  /// Zeros before and after the samples of a line.
  public static let padding = 2

  /// Adding it to a number below 2²² rounds that to an integer, which stands in the low bits of the sum.
  private static let magic: Float = 12_582_912
  private static let magicBits: Int32 = 0x4B40_0000

  /// `sums[j] += line(start + scale · offsets[j])` for `j` in `range`.
  public static func addSamples(
    of line: Span<Float>, at start: Float, _ scale: Float, _ offsets: Span<Float>,
    in range: Range<Int>, to sums: inout MutableSpan<Float>
  ) {
    guard !range.isEmpty else { return }
    check(range, within: min(offsets.count, sums.count))
    check(start + scale * offsets[range.lowerBound], on: line)
    check(start + scale * offsets[range.upperBound - 1], on: line)
    // SAFETY: `range` lies within `offsets` and `sums`; monotone rounding keeps every position
    // between the two that were checked, so both taps lie in the padded line.
    unsafe line.withUnsafeBufferPointer { line in
      unsafe offsets.withUnsafeBufferPointer { offsets in
        unsafe sums.withUnsafeMutableBufferPointer { sums in
          let line = unsafe line.baseAddress.unsafelyUnwrapped + padding
          let offsets = unsafe offsets.baseAddress.unsafelyUnwrapped
          let sums = unsafe sums.baseAddress.unsafelyUnwrapped
          var j = range.lowerBound
          while j + Vector.scalarCount <= range.upperBound {
            let place = unsafe UnsafeMutableRawPointer(sums + j)
            let offset = unsafe UnsafeRawPointer(offsets + j).loadUnaligned(as: Vector.self)
            let (below, above, share) = unsafe taps(
              line, Vector(repeating: start) + Vector(repeating: scale) * offset)
            let old = unsafe place.loadUnaligned(as: Vector.self)
            unsafe place.storeBytes(
              of: old + below.addingProduct(share, above - below), as: Vector.self)
            j += Vector.scalarCount
          }
          while j < range.upperBound {
            let (index, share) = unsafe split(start + scale * offsets[j])
            let below = unsafe line[index]
            let above = unsafe line[index + 1]
            unsafe sums[j] += below + share * (above - below)
            j += 1
          }
        }
      }
    }
  }

  /// The transpose of ``addSamples(of:at:_:_:in:to:)``: spreads `values[j]` over the two samples
  /// around `start + scale · offsets[j]`.
  public static func spread(
    _ values: Span<Float>, at start: Float, _ scale: Float, _ offsets: Span<Float>,
    in range: Range<Int>, over line: inout MutableSpan<Float>
  ) {
    guard !range.isEmpty else { return }
    check(range, within: min(offsets.count, values.count))
    check(start + scale * offsets[range.lowerBound], on: line.span)
    check(start + scale * offsets[range.upperBound - 1], on: line.span)
    for j in range {
      let (index, share) = split(start + scale * offsets[j])
      let above = share * values[j]
      line[padding + index] += values[j] - above
      line[padding + index + 1] += above
    }
  }

  /// The same transpose as a gather, for positions `start + step · j` at least one sample apart:
  /// `sums[i] += Σⱼ max(0, 1 − |start + step · j − i|) · line[j]`, of which at most two terms are
  /// not zero.
  ///
  /// - Parameters:
  ///   - line: the padded values, a sample a position.
  ///   - step: its magnitude is at least 1.
  public static func addTransposedSamples(
    of line: Span<Float>, at start: Double, step: Double, to sums: inout MutableSpan<Float>
  ) {
    precondition(abs(step) >= 1, "positions \(step) apart overlap more than two samples")
    let count = line.count - 2 * padding
    // Sample i lies at j = (i − start) / step; only −1 < j < count counts.
    let ends = (start - step, start + step * Double(count))
    let first = max(0, Int((min(ends.0, ends.1)).rounded(.up)))
    let last = min(sums.count - 1, Int(max(ends.0, ends.1).rounded(.down)))
    guard count > 0, first <= last else { return }
    let pitch = Float(1 / step)
    let origin = Float((Double(first) - start) / step)
    let width = Float(abs(step))
    // SAFETY: `first...last` lies within `sums`; positions are clamped to −1 … count, so that both
    // taps lie in the padded line.
    unsafe line.withUnsafeBufferPointer { line in
      unsafe sums.withUnsafeMutableBufferPointer { sums in
        let line = unsafe line.baseAddress.unsafelyUnwrapped + padding
        let sums = unsafe sums.baseAddress.unsafelyUnwrapped + first
        let length = last - first + 1
        var i = 0
        while i + Vector.scalarCount <= length {
          let place = unsafe UnsafeMutableRawPointer(sums + i)
          let index = Vector(repeating: Float(i)) + lanes
          let position = clamped(
            Vector(repeating: origin).addingProduct(index, Vector(repeating: pitch)), count)
          let (below, above, share) = unsafe taps(line, position)
          let one = Vector(repeating: 1)
          let lower = VectorMath.positivePart(
            one.addingProduct(share, Vector(repeating: -width)))
          let upper = VectorMath.positivePart(
            one.addingProduct(one - share, Vector(repeating: -width)))
          let old = unsafe place.loadUnaligned(as: Vector.self)
          unsafe place.storeBytes(
            of: old.addingProduct(lower, below).addingProduct(upper, above), as: Vector.self)
          i += Vector.scalarCount
        }
        while i < length {
          let (index, share) = split(
            min(max(origin + Float(i) * pitch, -1), Float(count)))
          let below = unsafe line[index]
          let above = unsafe line[index + 1]
          unsafe sums[i] +=
            max(0, 1 - width * share) * below + max(0, 1 - width * (1 - share)) * above
          i += 1
        }
      }
    }
  }

  /// `start + step · i`.
  public struct Affine: Sendable {
    let start: Double
    let step: Double

    public init(start: Double, step: Double) {
      self.start = start
      self.step = step
    }
  }

  /// Samples seen in perspective: `sums[i] += (unitDepth / depth)² · line(center + magnification ·
  /// lateral / depth)` with `lateral` and `depth` at `i`; nothing where the depth is not positive or
  /// the position is off the line.
  public static func addPerspectiveSamples(
    of line: Span<Float>, center: Double, magnification: Double, lateral: Affine, depth: Affine,
    unitDepth: Double, to sums: inout MutableSpan<Float>
  ) {
    let count = line.count - 2 * padding
    let (a, b) = (Vector(repeating: Float(lateral.start)), Vector(repeating: Float(lateral.step)))
    let (d, e) = (Vector(repeating: Float(depth.start)), Vector(repeating: Float(depth.step)))
    let factor = Vector(repeating: Float(magnification))
    let middle = Vector(repeating: Float(center))
    let unit = Vector(repeating: Float(unitDepth))
    let nothing = Vector(repeating: 0)
    // SAFETY: positions are clamped to −1 … count, so that both taps lie in the padded line; whole
    // vectors and then single numbers are added within `sums`.
    unsafe line.withUnsafeBufferPointer { line in
      unsafe sums.withUnsafeMutableBufferPointer { sums in
        let line = unsafe line.baseAddress.unsafelyUnwrapped + padding
        for i in stride(from: 0, to: sums.count, by: Vector.scalarCount) {
          let index = Vector(repeating: Float(i)) + lanes
          let z = d.addingProduct(index, e)
          let inverse = Vector(repeating: 1) / z
          let seen = middle.addingProduct(a.addingProduct(index, b) * inverse, factor)
          let isSeen = z .> nothing
          let position = clamped(seen.replacing(with: nothing - 1, where: .!isSeen), count)
          let (below, above, share) = unsafe taps(line, position)
          let weight = (unit * inverse).replacing(with: nothing, where: .!isSeen)
          let values = below.addingProduct(share, above - below) * weight * weight
          if i + Vector.scalarCount <= sums.count {
            let place = unsafe UnsafeMutableRawPointer(sums.baseAddress.unsafelyUnwrapped + i)
            let old = unsafe place.loadUnaligned(as: Vector.self)
            unsafe place.storeBytes(of: old + values, as: Vector.self)
          } else {
            for lane in 0..<sums.count - i { unsafe sums[i + lane] += values[lane] }
          }
        }
      }
    }
  }

  // MARK: Positions

  private static let lanes = Vector(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

  @inline(always)
  private static func clamped(_ position: Vector, _ count: Int) -> Vector {
    let low = Vector(repeating: -1)
    let high = Vector(repeating: Float(count))
    let above = position.replacing(with: low, where: position .< low)
    return above.replacing(with: high, where: above .> high)
  }

  /// A position as an integer and a share of 0 to 1 beyond it.
  ///
  /// An integer may come as the one below and a share of 1: the samples agree there.
  @inline(always)
  private static func split(_ position: Float) -> (index: Int, share: Float) {
    let shifted = (position - 0.5) + magic
    let index = Int(Int32(bitPattern: shifted.bitPattern) &- magicBits)
    return (index, position - (shifted - magic))
  }

  /// The samples below and above sixteen positions, and the shares of the way from one to the other.
  // SAFETY: the caller sees to it that the positions lie on the padded line.
  @inline(always)
  private static func taps(_ line: UnsafePointer<Float>, _ position: Vector)
    -> (below: Vector, above: Vector, share: Vector)
  {
    let shifted = (position - Vector(repeating: 0.5)) + Vector(repeating: magic)
    let index =
      unsafe unsafeBitCast(shifted, to: SIMD16<Int32>.self) &- SIMD16(repeating: magicBits)
    // Both samples in one load of eight bytes; two permutations sort sixteen pairs.
    var (low, high) = (SIMD8<UInt64>(), SIMD8<UInt64>())
    for lane in 0..<8 {
      unsafe low[lane] = pair(line, index[lane])
      unsafe high[lane] = pair(line, index[8 + lane])
    }
    let (a, b) = unsafe (
      unsafeBitCast(low, to: Vector.self), unsafeBitCast(high, to: Vector.self)
    )
    let below = Vector(lowHalf: a.evenHalf, highHalf: b.evenHalf)
    let above = Vector(lowHalf: a.oddHalf, highHalf: b.oddHalf)
    return (below, above, position - (shifted - Vector(repeating: magic)))
  }

  @inline(always)
  private static func pair(_ line: UnsafePointer<Float>, _ index: Int32) -> UInt64 {
    unsafe UnsafeRawPointer(line + Int(index)).loadUnaligned(as: UInt64.self)
  }

  // MARK: Checks

  @inline(always)
  private static func check(_ range: Range<Int>, within count: Int) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "\(range) is not within 0..<\(count)")
  }

  @inline(always)
  private static func check(_ position: Float, on line: Span<Float>) {
    let count = line.count - 2 * padding
    precondition(
      position >= -1 && position <= Float(count), "\(position) is not on a line of \(count) samples"
    )
  }
}
