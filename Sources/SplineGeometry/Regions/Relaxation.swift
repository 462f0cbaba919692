/// Lines below and above the activations of eight units, where their pre-activations have certain
/// ranges: the value is at least `lowerSlopes · z + lowerConstants`, and at most the same of the
/// upper ones.
///
/// Of a neuron that may be on or off, the chord of its activation is one of them, and the other that
/// of the lines through 0 with one of its two slopes which leaves less between.
struct Relaxation {
  typealias Lanes = FormLanes.Lanes

  private(set) var lowerSlopes = Lanes.zero
  private(set) var lowerConstants = Lanes.zero
  private(set) var upperSlopes = Lanes.zero
  private(set) var upperConstants = Lanes.zero
  /// Where the two are not the same line.
  private(set) var isBetween = SIMDMask<SIMD8<Int64>>(repeating: false)
  private(set) var betweenCount = 0
  /// What rounding may do to the pre-activations.
  private(set) var roundings = Lanes.zero

  init() {}

  /// - Parameters:
  ///   - least, greatest: the ranges of the pre-activations, rounding included.
  ///   - slopes: of the activations below 0.
  init(_ least: Lanes, _ greatest: Lanes, slopes: Lanes, roundings: Lanes) {
    let isUndecided = (least .< 0) .& (greatest .> 0) .& (slopes .!= 1)
    isBetween = isUndecided
    betweenCount = Int(SIMD8<Int64>.zero.replacing(with: 1, where: isUndecided).wrappedSum())
    self.roundings = roundings
    let fixed = slopes.replacing(with: 1, where: least .>= 0)
    let chord = ((greatest - slopes * least) / (greatest - least)).replacing(
      with: fixed, where: .!isUndecided)
    let chordConstants = ((1 - chord) * greatest).replacing(with: 0, where: .!isUndecided)
    let line = fixed.replacing(with: 1, where: isUndecided .& (greatest .> -least))
    // With a slope above 1 the activation bends down, and the chord is below it.
    let bendsDown = slopes .> 1
    lowerSlopes = line.replacing(with: chord, where: bendsDown)
    lowerConstants = Lanes.zero.replacing(with: chordConstants, where: bendsDown)
    upperSlopes = chord.replacing(with: line, where: bendsDown)
    upperConstants = chordConstants.replacing(with: 0, where: bendsDown)
  }

  /// The slopes of the chords. The values lie between the chord and the line of its slope through 0.
  @inline(__always)
  var chordSlopes: Lanes { lowerSlopes.replacing(with: upperSlopes, where: upperConstants .> 0) }

  /// The constant of the chord; that of the line through 0 is 0.
  @inline(__always)
  var chordConstants: Lanes { lowerConstants + upperConstants }
}
