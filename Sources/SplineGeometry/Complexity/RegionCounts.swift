import Compute

/// How many regions a network divides a domain of the plane or of space into, and what they measure.
///
/// An activation region is where no neuron changes; a linear region is all neighbouring activation
/// regions on which the network is one affine map. Lengths, areas and volumes are in units of the
/// coordinates.
///
/// - Source: Hanin and Rolnick, arXiv:1901.09021 and arXiv:1906.00904, who tell the two apart.
public struct RegionCounts: Sendable, Equatable, Codable {
  /// Two regions with an edge (a facet) in common are one linear region if no derivative differs by
  /// more than this share of the largest one that the network has in the domain. Being continuous, the
  /// maps agree on the edge.
  ///
  /// Derivatives are sums of products with an error of some 10⁻¹⁵ of their terms; what differs at all
  /// differs by a product of weights.
  public static let mergeTolerance = 1e-10

  /// 2 or 3.
  public let dimension: Int
  public let neuronCount: Int
  public let activationRegions: Int
  public let linearRegions: Int
  /// The area or volume of all regions together.
  public let measure: Double
  public let meanRegionMeasure: Double
  public let medianRegionMeasure: Double
  /// Of all activation regions, those on the domain's boundary included; each once.
  public let vertices: Int
  public let edges: Int
  /// In space, polygons between two regions or between one and the outside; nil in the plane.
  public let facets: Int?
  /// The length of the edges, in space the area of the facets, between activation regions, each once.
  public let boundaryMeasure: Double
  /// The same between linear regions.
  public let linearBoundaryMeasure: Double
  /// Whether all regions were found; otherwise there were more than allowed.
  public let isComplete: Bool
  /// Edges or facets inside the domain with one region only; 0 unless neurons nearly coincide, or the
  /// count is not complete.
  public let looseCount: Int
  /// Cuts left out in cells thinner than the tolerance; 0 unless neurons nearly coincide.
  public let unresolvedCutCount: Int

  /// Activation regions per unit of area or volume.
  public var regionsPerMeasure: Double { Double(activationRegions) / measure }

  /// Hanin and Rolnick's numbers for so many neurons.
  public var prediction: RegionPrediction {
    RegionPrediction(neuronCount: neuronCount, dimension: dimension)
  }

  init(_ tally: RegionTally, linearRegions: Int, linearBoundary: Double) {
    dimension = tally.dimension
    neuronCount = tally.neuronCount
    activationRegions = tally.measures.count
    self.linearRegions = linearRegions
    measure = tally.measures.reduce(0, +)
    meanRegionMeasure = measure / Double(tally.measures.count)
    medianRegionMeasure = SampleDistribution(of: tally.measures)?.median ?? 0
    vertices = tally.vertexCount
    edges = tally.edgeCount
    facets = tally.facetCount
    boundaryMeasure = tally.borders.reduce(0) { $0 + $1.measure }
    linearBoundaryMeasure = linearBoundary
    isComplete = tally.isComplete
    looseCount = tally.looseCount
    unresolvedCutCount = tally.unresolvedCutCount
  }
}

/// What counts are made of.
struct RegionTally {
  /// An edge or facet between two regions.
  struct Border {
    let regions: SIMD2<Int32>
    let measure: Double
  }

  let dimension: Int
  let neuronCount: Int
  /// Of each region.
  var measures: [Double] = []
  /// Of each region, `[outputs · inputs]`.
  var gradients: [Double] = []
  var borders: [Border] = []
  var vertexCount = 0
  var edgeCount = 0
  var facetCount: Int?
  var isComplete = true
  var looseCount = 0
  var unresolvedCutCount = 0

  init(dimension: Int, neuronCount: Int) {
    self.dimension = dimension
    self.neuronCount = neuronCount
  }

  /// The counts, with neighbouring regions of one affine map merged.
  func counts() -> RegionCounts {
    let width = gradients.count / max(measures.count, 1)
    let largest = gradients.reduce(0) { max($0, abs($1)) }
    let tolerance = RegionCounts.mergeTolerance * largest
    var sets = DisjointSets(measures.count)
    for border in borders {
      let (a, b) = (Int(border.regions.x), Int(border.regions.y))
      let agree = (0..<width).allSatisfy {
        abs(gradients[a * width + $0] - gradients[b * width + $0]) <= tolerance
      }
      if agree { sets.join(a, b) }
    }
    var linearBoundary = 0.0
    for border in borders
    where sets.root(of: Int(border.regions.x)) != sets.root(of: Int(border.regions.y)) {
      linearBoundary += border.measure
    }
    return RegionCounts(self, linearRegions: sets.count, linearBoundary: linearBoundary)
  }
}

/// Numbers in sets that are joined again and again (union-find).
struct DisjointSets {
  private var parents: [Int32]
  private(set) var count: Int

  init(_ count: Int) {
    parents = (0..<Int32(count)).map { $0 }
    self.count = count
  }

  mutating func root(of number: Int) -> Int {
    var number = number
    while Int(parents[number]) != number {
      parents[number] = parents[Int(parents[number])]
      number = Int(parents[number])
    }
    return number
  }

  mutating func join(_ a: Int, _ b: Int) {
    let (a, b) = (root(of: a), root(of: b))
    guard a != b else { return }
    parents[max(a, b)] = Int32(min(a, b))
    count -= 1
  }
}

extension PlanarPartition {
  /// Counts and measures of all regions.
  public var counts: RegionCounts {
    var tally = RegionTally(dimension: 2, neuronCount: places.neurons.count)
    tally.measures = (0..<regionCount).map { area(of: $0) }
    tally.gradients = forms.flatMap { [$0.x, $0.y] }
    for edge in edges where edge.regions.y >= 0 {
      tally.borders.append(RegionTally.Border(regions: edge.regions, measure: length(of: edge)))
    }
    tally.vertexCount = vertices.count
    tally.edgeCount = edges.count
    tally.isComplete = isComplete
    tally.looseCount = looseEdgeCount
    tally.unresolvedCutCount = unresolvedCutCount
    return tally.counts()
  }
}

extension SplineNetwork {
  /// Counts and measures of the regions of a domain, of the plane or of space.
  ///
  /// In space each facet is known by its vertices' identities, which are the same in both regions.
  ///
  /// - Returns: the same for any number of workers.
  public func regionCounts(
    in domain: SplineDomain, workers: Workers = Workers()
  ) throws(SplineNetworkError) -> RegionCounts {
    guard domain.dimension == 3 else {
      return try partition(of: domain, workers: workers).counts
    }
    let parts = try walk(domain, purpose: .allCells, workers: workers) { CellVisitor() }
    var join = CellJoin(neuronCount: neuronCount)
    for part in parts {
      join.add(part.visitor)
      join.tally.unresolvedCutCount += part.tally.unresolvedCutCount
    }
    return join.finish()
  }
}
