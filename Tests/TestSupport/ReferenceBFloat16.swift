/// Numbers of eight significant bits.
public enum ReferenceBFloat16 {
  /// The nearest one, and of two that are equally near the even one.
  public static func rounded(_ x: Float) -> Float {
    guard x != 0 else { return x }
    // The distance of neighbours, by the exponent.
    let unit = Double(sign: .plus, exponent: Int(x.exponent) - 7, significand: 1)
    return Float((Double(x) / unit).rounded(.toNearestOrEven) * unit)
  }
}
