/// Colours for sizes, from black (0) over purple and orange to light yellow (1); their lightness
/// rises evenly, so that they read the same in gray.
public enum HeatColor {
  private static let stops: [SIMD3<Float>] = [
    [0.00, 0.00, 0.02], [0.16, 0.07, 0.33], [0.40, 0.11, 0.48], [0.66, 0.20, 0.46],
    [0.89, 0.34, 0.36], [0.98, 0.55, 0.30], [1.00, 0.77, 0.44], [1.00, 0.99, 0.80],
  ]

  /// The colour of `share`, clipped to 0...1; NaN gives NaN, which no file accepts.
  public static func color(of share: Float) -> SIMD3<Float> {
    if share.isNaN { return SIMD3(repeating: share) }
    let place = min(max(share, 0), 1) * Float(stops.count - 1)
    let stop = min(Int(place), stops.count - 2)
    let rest = place - Float(stop)
    return stops[stop] * (1 - rest) + stops[stop + 1] * rest
  }
}
