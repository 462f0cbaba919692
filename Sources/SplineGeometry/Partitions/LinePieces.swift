import Compute

/// The pieces of a line on which a network is affine, in ascending order of the line's coordinate t.
///
/// Pieces are those of the activation pattern: they end where a neuron turns on or off. Two ends
/// that are within 10⁻¹³ of the line's extent of each other, or nearer than rounding can tell, are
/// one.
///
/// - Source: Hanin and Rolnick, "Complexity of linear regions in deep networks", arXiv:1901.09021,
///   who count them.
public struct LinePieces: Sendable {
  public typealias Neuron = PlanarPartition.Neuron

  /// Where the pieces begin, and where the last one ends.
  public private(set) var ends: [Double]
  public let outputs: Int
  /// `[pieces][chunks]`: which units are on.
  private var bits: [UInt8] = []
  /// `[pieces][outputs]`
  private var forms: [(slope: Double, constant: Double)] = []
  /// What rounding may do to an output.
  private var rounding = 0.0
  private let places: LinePlaces

  /// One without pieces.
  init(start: Double, outputs: Int, places: LinePlaces) {
    ends = [start]
    self.outputs = outputs
    self.places = places
  }

  /// - Parameter forms: of all layers.
  mutating func append(end: Double, bits: [UInt8], forms: [LineForms], rounding: Double) {
    ends.append(end)
    self.bits += bits
    for output in 0..<outputs {
      let form = forms[places.hiddenChunks + output >> 3]
      self.forms.append((form.slope[output & 7], form.constant[output & 7]))
    }
    self.rounding = max(self.rounding, rounding)
  }

  public var count: Int { ends.count - 1 }

  /// Where one piece ends and another begins; breakpoint k is between the pieces k and k + 1.
  public var breakpoints: ArraySlice<Double> { ends.dropFirst().dropLast() }

  /// The network on a piece, as a function of t.
  public func map(of piece: Int) -> AffineMap {
    let forms = forms[piece * outputs..<(piece + 1) * outputs]
    return AffineMap(
      inputs: 1, gradients: forms.map(\.slope), constants: forms.map(\.constant))
  }

  /// Which neurons are on in a piece.
  public func pattern(of piece: Int) -> ActivationPattern {
    var pattern = ActivationPattern(neuronCount: places.neurons.count)
    for (neuron, place) in places.neurons.enumerated() where isOn(place, in: piece) {
      pattern[neuron] = true
    }
    return pattern
  }

  /// The neurons that turn on or off at a breakpoint, at least one, in the order of the layers.
  ///
  /// - Parameter breakpoint: counted from 0.
  public func neurons(at breakpoint: Int) -> [Neuron] {
    precondition(
      breakpoint >= 0 && breakpoint < count - 1,
      "there is no breakpoint \(breakpoint) between \(count) pieces")
    return places.neurons.compactMap { place in
      isOn(place, in: breakpoint) == isOn(place, in: breakpoint + 1)
        ? nil : places.neuron(at: place)
    }
  }

  private func isOn(_ place: Int, in piece: Int) -> Bool {
    bits[piece * places.hiddenChunks + place >> 3] >> UInt8(place & 7) & 1 == 1
  }

  /// Where an output changes between values above a level and values that are not, in ascending order.
  ///
  /// Where it only touches the level there is no crossing; of a stretch at the level, the ends are
  /// crossings next to which it is above.
  public func crossings(
    of output: ScalarOutput = .component(0), level: Double = 0
  ) throws(SplineNetworkError) -> [Double] {
    guard level.isFinite else { throw .level(level) }
    let terms = try output.terms(of: outputs)
    let rounding = rounding * Double(terms.count)
    func value(_ piece: Int, _ t: Double) -> Double {
      let value = terms.reduce(-level) { sum, term in
        let form = forms[piece * outputs + term.output]
        return sum + term.sign * (form.constant + form.slope * t)
      }
      return abs(value) <= rounding ? 0 : value
    }
    var crossings: [Double] = []
    var before = count > 0 ? value(0, ends[0]) : 0
    for piece in 0..<count {
      let (a, b) = (ends[piece], ends[piece + 1])
      let after = value(piece, b)
      if (before > 0) != (after > 0) {
        let t = before == 0 ? a : after == 0 ? b : a + before / (before - after) * (b - a)
        if crossings.last == t { crossings.removeLast() } else { crossings.append(t) }
      }
      before = after
    }
    return crossings
  }
}

/// Where the units of a network stand: eight to a chunk, each layer's chunks after those of the layer
/// before.
final class LinePlaces: Sendable {
  /// The first chunk of each layer, and behind the last the number of them all.
  let firstChunks: [Int]
  /// The places of the hidden neurons.
  let neurons: [Int]

  init(_ network: SplineNetwork) {
    var firstChunks = [0]
    var neurons: [Int] = []
    for (k, layer) in network.layers.enumerated() {
      neurons += (0..<layer.units).filter(layer.isNeuron).map { 8 * firstChunks[k] + $0 }
      firstChunks.append(firstChunks[k] + (layer.units + 7) / 8)
    }
    self.firstChunks = firstChunks
    self.neurons = neurons
  }

  var hiddenChunks: Int { firstChunks[firstChunks.count - 2] }

  func neuron(at place: Int) -> PlanarPartition.Neuron {
    var layer = 0
    while 8 * firstChunks[layer + 1] <= place { layer += 1 }
    return PlanarPartition.Neuron(layer: layer, unit: place - 8 * firstChunks[layer])
  }
}

extension SplineNetwork {
  /// The pieces of an interval on which the network, of one coordinate, is affine; t is the
  /// coordinate.
  public func pieces(in range: ClosedRange<Double>) throws(SplineNetworkError) -> LinePieces {
    guard inputs == 1 else { throw .inputCount(found: inputs, expected: 1) }
    guard range.lowerBound < range.upperBound, range.lowerBound.isFinite, range.upperBound.isFinite
    else {
      throw .emptyDomain(
        "goes from \(range.lowerBound) to \(range.upperBound), expected a positive length")
    }
    var walk = LineWalk(self)
    return walk.pieces(of: try AffineSlice(origin: [0], directions: [[1]]), in: range)
  }

  /// The pieces of the segment between two points on which the network is affine; t goes from 0 at
  /// `start` to 1 at `end`.
  public func pieces(
    from start: [Double], to end: [Double]
  ) throws(SplineNetworkError) -> LinePieces {
    try pieces(of: [try AffineSlice(through: [start, end])], workers: Workers(count: 1))[0]
  }

  /// The pieces of several segments, each from t = 0 to t = 1 of a line; the same for any number of
  /// workers.
  public func pieces(
    of lines: [AffineSlice], workers: Workers = Workers()
  ) throws(SplineNetworkError) -> [LinePieces] {
    for line in lines {
      guard line.dimension == 1 else {
        throw .slice("has \(line.dimension) directions, expected a line, which has one")
      }
      guard line.origin.count == inputs else {
        throw .inputCount(found: inputs, expected: line.origin.count)
      }
    }
    let linesAtOnce = 16
    let walks = WorkerStates(workers) { LineWalk(self) }
    return walks.map((lines.count + linesAtOnce - 1) / linesAtOnce) { walk, chunk in
      let end = min((chunk + 1) * linesAtOnce, lines.count)
      return lines[chunk * linesAtOnce..<end].map { walk.pieces(of: $0, in: 0...1) }
    }.flatMap { $0 }
  }
}
