/// The regions of a polygon on which a network of two coordinates is affine: a planar map of
/// vertices, edges and regions.
///
/// Regions are those of the activation pattern. They stand in an order that depends on the network
/// and the domain alone.
///
/// - Source: Balestriero and Baraniuk, "A spline theory of deep learning", ICML 2018; the exact
///   computation in the plane: Humayun et al., "SplineCam", arXiv:2302.12828.
public struct PlanarPartition: Sendable {
  /// A straight edge between two regions, or between one and the outside.
  public struct Edge: Sendable, Equatable {
    /// Two of the vertices.
    public let ends: SIMD2<Int32>
    /// The region to the left, seen from the first to the second end, and that to the right; −1 where
    /// there is none.
    public internal(set) var regions: SIMD2<Int32>
    /// Where the neuron stands that bends here, or −1, −2, … for the domain's sides.
    let line: Int32

    /// Whether it is part of the domain's boundary.
    public var isOnBoundary: Bool { line < 0 }
  }

  /// A hidden neuron.
  public struct Neuron: Sendable, Hashable {
    /// The hidden layer, counted from 0.
    public let layer: Int
    /// The unit of the layer, counted from 0.
    public let unit: Int
  }

  public internal(set) var vertices: [SIMD2<Double>] = []
  public internal(set) var edges: [Edge] = []
  /// Where the corners of each region begin, and where the last one's end.
  var cornerStarts: [Int] = [0]
  var corners: [Int32] = []
  /// The edge from each corner to the next one of its region.
  var cornerEdges: [Int32] = []
  /// `[regions][chunks]`: which neurons are on, in their places.
  var bits: [UInt8] = []
  /// `[regions][outputs]`.
  var forms: [PlaneForm] = []
  /// Equal for the same pattern, also in another partition of a network of the same shape.
  var hashes: [UInt64] = []

  let places: NeuronPlaces
  public let outputs: Int
  /// The domain's corners, counter-clockwise.
  public let domain: [SIMD2<Double>]
  /// Whether all regions are there; otherwise the search ended at the greatest number allowed.
  public internal(set) var isComplete = true
  /// Edges inside the domain with a region on one side only; 0 unless neurons nearly coincide, or the
  /// partition is not complete.
  public internal(set) var looseEdgeCount = 0
  /// Cuts left out in regions thinner than the tolerance; 0 unless neurons nearly coincide.
  public internal(set) var unresolvedCutCount = 0

  /// One without regions.
  init(places: NeuronPlaces, outputs: Int, domain: [SIMD2<Double>]) {
    self.places = places
    self.outputs = outputs
    self.domain = domain
  }

  public var regionCount: Int { cornerStarts.count - 1 }

  /// The vertices of a region, counter-clockwise.
  public func corners(of region: Int) -> ArraySlice<Int32> {
    corners[cornerStarts[region]..<cornerStarts[region + 1]]
  }

  /// The edges of a region, each from a corner to the next.
  public func edges(of region: Int) -> ArraySlice<Int32> {
    cornerEdges[cornerStarts[region]..<cornerStarts[region + 1]]
  }

  public func area(of region: Int) -> Double {
    let corners = corners(of: region)
    let origin = vertices[Int(corners[corners.startIndex])]
    var sum = 0.0
    for k in corners.indices.dropFirst().dropLast() {
      let (a, b) = (
        vertices[Int(corners[k])] - origin, vertices[Int(corners[k + 1])] - origin
      )
      sum += a.x * b.y - a.y * b.x
    }
    return sum / 2
  }

  /// The network on a region.
  public func map(of region: Int) -> AffineMap {
    let forms = forms[region * outputs..<(region + 1) * outputs]
    return AffineMap(
      inputs: 2, gradients: forms.flatMap { [$0.x, $0.y] }, constants: forms.map(\.constant))
  }

  /// Which neurons are on in a region.
  public func pattern(of region: Int) -> ActivationPattern {
    let chunks = places.count / 8
    let bits = bits[region * chunks..<(region + 1) * chunks]
    var pattern = ActivationPattern(neuronCount: places.neurons.count)
    for (neuron, place) in places.neurons.enumerated()
    where bits[bits.startIndex + place >> 3] >> UInt8(place & 7) & 1 == 1 {
      pattern[neuron] = true
    }
    return pattern
  }

  /// A number that is the same for the same pattern, also in another partition of a network of the
  /// same shape: colours made of it stay as they are while a network trains.
  public func patternHash(of region: Int) -> UInt64 { hashes[region] }

  /// The neuron that bends at an edge; nil on the domain's boundary.
  public func neuron(of edge: Edge) -> Neuron? {
    guard edge.line >= 0 else { return nil }
    let layer = places.layer(of: Int(edge.line))
    return Neuron(layer: layer, unit: Int(edge.line) - 8 * places.firstChunks[layer])
  }

  public func length(of edge: Edge) -> Double {
    let d = vertices[Int(edge.ends.y)] - vertices[Int(edge.ends.x)]
    return (d * d).sum().squareRoot()
  }

  /// The sum of the regions' areas.
  public var area: Double { (0..<regionCount).reduce(0) { $0 + area(of: $1) } }

  /// The length of all edges inside the domain.
  public var boundaryLength: Double {
    edges.reduce(0) { $1.isOnBoundary ? $0 : $0 + length(of: $1) }
  }
}
