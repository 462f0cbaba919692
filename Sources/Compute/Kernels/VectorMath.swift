/// Elementary functions of sixteen numbers at a time.
///
/// All of them are branch-free: a range reduction by the magic number 1.5·2²³ (adding it rounds to
/// an integer and leaves that integer in the low bits of the sum) and a short polynomial. Measured
/// worst errors are stated at each function and held by `VectorMathTests`.
public enum VectorMath {
  // SAFETY (all bit casts): `Vector`, `SIMD16<Int32>` and `SIMD16<UInt32>` have the same size and
  // every bit pattern is a value of each.
  @inlinable @inline(__always)
  static func bits(_ x: Vector) -> SIMD16<UInt32> {
    unsafe unsafeBitCast(x, to: SIMD16<UInt32>.self)
  }

  @inlinable @inline(__always)
  static func float(_ bits: SIMD16<UInt32>) -> Vector {
    unsafe unsafeBitCast(bits, to: Vector.self)
  }

  /// `x` without its sign.
  @inline(always)
  public static func magnitude(_ x: Vector) -> Vector {
    float(bits(x) & SIMD16(repeating: 0x7FFF_FFFF))
  }

  /// `max(x, 0)`; NaN stays NaN.
  @inline(always)
  public static func positivePart(_ x: Vector) -> Vector {
    x.replacing(with: Vector(repeating: 0), where: x .< Vector(repeating: 0))
  }

  /// `eˣ`, within 1.3 ulp for `x` in −87…88; 0 below −87, `e⁸⁸` above 88.
  ///
  /// The result never is subnormal, so that products with it stay fast. NaN stays NaN.
  @inline(always)
  public static func exp(_ x: Vector) -> Vector {
    let lowest = Vector(repeating: -87)
    let highest = Vector(repeating: 88)
    let tooSmall = x .< lowest
    let clamped = x.replacing(with: highest, where: x .> highest)

    // 1. x = n · ln 2 + r with |r| ≤ ln 2 / 2; ln 2 in two parts.
    let magic = Vector(repeating: 12_582_912)
    let shifted = magic.addingProduct(clamped, Vector(repeating: 1.442_695_04))
    let n = shifted - magic
    let high = clamped.addingProduct(n, Vector(repeating: -0.693_145_752))
    let r = high.addingProduct(n, Vector(repeating: -1.428_606_77e-6))

    // 2. eʳ by its Taylor polynomial of degree 7 without the last bits that never matter.
    var p = Vector(repeating: 1.987_569_15e-4)
    p = Vector(repeating: 1.398_199_95e-3).addingProduct(p, r)
    p = Vector(repeating: 8.333_451_91e-3).addingProduct(p, r)
    p = Vector(repeating: 4.166_579_59e-2).addingProduct(p, r)
    p = Vector(repeating: 1.666_666_55e-1).addingProduct(p, r)
    p = Vector(repeating: 0.5).addingProduct(p, r)
    p = (r + Vector(repeating: 1)).addingProduct(p, r * r)

    // 3. Times 2ⁿ: n stands in the low bits of the sum; move it into the exponent.
    let scaled = float(bits(p) &+ (bits(shifted) &<< SIMD16(repeating: 23)))
    return scaled.replacing(with: Vector(repeating: 0), where: tooSmall)
  }

  /// What `sin` and `cos` of an argument share: both functions of the reduced argument, and the
  /// quadrant it came from.
  ///
  /// - Parameter remainder: a small number to be added to `x`, which alone would round it away.
  @inlinable @inline(__always)
  static func reduced(_ x: Vector, remainder: Vector? = nil)
    -> (sin: Vector, cos: Vector, quadrant: SIMD16<UInt32>)
  {
    // 1. x = n · π/2 + r with |r| ≤ π/4; π/2 in three parts, exact products by fused multiply-add.
    let magic = Vector(repeating: 12_582_912)
    let shifted = magic.addingProduct(x, Vector(repeating: 0.636_619_772))
    let n = shifted - magic
    var r = x.addingProduct(n, Vector(repeating: -1.570_796_37))
    r = r.addingProduct(n, Vector(repeating: 4.371_138_83e-8))
    r = r.addingProduct(n, Vector(repeating: 1.715_124_5e-15))
    if let remainder { r += remainder }

    // 2. Near-minimax polynomials on |r| ≤ π/4.
    let square = r * r
    var s = Vector(repeating: -1.951_529_59e-4)
    s = Vector(repeating: 8.332_160_87e-3).addingProduct(s, square)
    s = Vector(repeating: -1.666_665_46e-1).addingProduct(s, square)
    s = r.addingProduct(s * square, r)
    var c = Vector(repeating: 2.443_315_71e-5)
    c = Vector(repeating: -1.388_731_63e-3).addingProduct(c, square)
    c = Vector(repeating: 4.166_664_57e-2).addingProduct(c, square)
    c = Vector(repeating: -0.5).addingProduct(c, square)
    c = Vector(repeating: 1).addingProduct(c, square)
    return (s, c, bits(shifted))
  }

  /// `sin x` and `cos x`, absolute error below 8e-8 for |x| ≤ 10 000; NaN for infinite arguments.
  @inline(always)
  public static func sinAndCos(_ x: Vector) -> (sin: Vector, cos: Vector) {
    let (s, c, quadrant) = reduced(x)
    let one = SIMD16<UInt32>(repeating: 1)
    let odd = (quadrant & one) .== one
    let sine = s.replacing(with: c, where: odd)
    let cosine = c.replacing(with: s, where: odd)
    // Bit 1 of the quadrant negates the sine, bit 1 of the next quadrant the cosine.
    let signBit = SIMD16<UInt32>(repeating: 0x8000_0000)
    let sineSign = (quadrant &<< SIMD16(repeating: 30)) & signBit
    let cosineSign = ((quadrant &+ one) &<< SIMD16(repeating: 30)) & signBit
    return (float(bits(sine) ^ sineSign), float(bits(cosine) ^ cosineSign))
  }

  /// `sin x`, as in ``sinAndCos(_:)``.
  @inline(always)
  public static func sin(_ x: Vector) -> Vector { sine(reduced(x)) }

  /// `sin(x + remainder)`, as exact as if the sum were not rounded; `|remainder|` is at most a few
  /// ulp of `x`.
  @inline(always)
  public static func sin(_ x: Vector, remainder: Vector) -> Vector {
    sine(reduced(x, remainder: remainder))
  }

  @inlinable @inline(__always)
  static func sine(_ reduced: (sin: Vector, cos: Vector, quadrant: SIMD16<UInt32>)) -> Vector {
    let (s, c, quadrant) = reduced
    let one = SIMD16<UInt32>(repeating: 1)
    let sine = s.replacing(with: c, where: (quadrant & one) .== one)
    let sign = (quadrant &<< SIMD16(repeating: 30)) & SIMD16(repeating: 0x8000_0000)
    return float(bits(sine) ^ sign)
  }

  /// `√x` for finite `x ≥ 0`, within 0.75 ulp for normal numbers and 0 for 0.
  ///
  /// The standard library's square root of a vector goes lane by lane.
  @inline(always)
  public static func squareRoot(_ x: Vector) -> Vector {
    // 1/√x from half the exponent and two steps of Newton's method; then one step for √x itself.
    let half = x * Vector(repeating: -0.5)
    var y = float(SIMD16(repeating: 0x5F37_59DF) &- (bits(x) &>> SIMD16(repeating: 1)))
    for _ in 0..<2 { y *= Vector(repeating: 1.5).addingProduct(half * y, y) }
    let root = x * y
    return root.addingProduct(x.addingProduct(-root, root), y * Vector(repeating: 0.5))
  }

  /// The sum of the sixteen lanes, added in pairs.
  @inline(always)
  public static func sum(_ x: Vector) -> Float {
    let eight = x.lowHalf + x.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }
}

extension VectorMath {
  /// The nearest whole numbers, as integers and as floats, of numbers in 0 … 2²²; halves go to even
  /// numbers, and −0.5 to 0.
  @inline(always)
  public static func rounded(_ x: Vector) -> (number: SIMD16<UInt32>, whole: Vector) {
    let magic = Vector(repeating: 12_582_912)
    let shifted = magic + x
    return (bits(shifted) &- SIMD16(repeating: 0x4B40_0000), shifted - magic)
  }
}
