import SplineGeometry

/// What `inr regions` prints of a plane.
struct RegionRecord: Encodable {
  let outputs: [String]
  let regions: Int
  let vertices: Int
  let edges: Int
  /// Of the regions; ``domainArea`` where all are there.
  let area: Double
  let domainArea: Double
  /// Of all edges inside the domain.
  let boundaryLength: Double
  let levelSetLength: Double
  let levelSetSegments: Int
  let level: Double
  let outputIndex: String
  /// Edges at which a neuron of each hidden layer bends.
  let edgesPerLayer: [Int]
  /// Of the first hidden layer, of the first two, and so on; with `--layers` alone.
  let regionsPerLayer: [Int]?
  let hiddenUnits: [Int]
  /// The Frobenius norm of the regions' gradients: least, greatest, and the mean over the area.
  let slopeRange: [Double]
  let meanSlope: Double
  /// What the colours of a drawing tell apart.
  let colorRange: [Double]
  /// The domain's corners, counter-clockwise.
  let domain: [[Double]]
  /// The plane's origin and directions.
  let plane: [[Double]]?
  let looseEdges: Int
  let unresolvedCuts: Int
  let complete: Bool
  /// Until the regions were there; and until all was written.
  let partitionSeconds: Double
  var seconds = 0.0
}

extension RegionRecord {
  init(
    outputs: [String], _ partition: PlanarPartition, _ slopes: RegionSlopes,
    _ contour: LevelContour, level: Double, choice: ScalarOutput, layers: [PlanarPartition]?,
    spline: SplineNetwork, slice: AffineSlice?,
    partitionSeconds: Double
  ) {
    self.outputs = outputs
    regions = partition.regionCount
    vertices = partition.vertices.count
    edges = partition.edges.count
    let areas = (0..<partition.regionCount).map { partition.area(of: $0) }
    area = areas.reduce(0, +)
    let corners = partition.domain
    domainArea =
      corners.indices.reduce(0) { sum, k in
        let (a, b) = (corners[k] - corners[0], corners[(k + 1) % corners.count] - corners[0])
        return sum + (a.x * b.y - a.y * b.x) / 2
      }
    boundaryLength = partition.boundaryLength
    levelSetLength = contour.length
    levelSetSegments = contour.segmentCount
    self.level = level
    outputIndex = choice.text
    var counts = Array(repeating: 0, count: spline.hiddenUnits.count)
    for edge in partition.edges {
      if let neuron = partition.neuron(of: edge) { counts[neuron.layer] += 1 }
    }
    edgesPerLayer = counts
    regionsPerLayer = layers?.map(\.regionCount)
    hiddenUnits = spline.hiddenUnits
    slopeRange = [slopes.values.min() ?? 0, slopes.values.max() ?? 0]
    meanSlope = zip(slopes.values, areas).reduce(0) { $0 + $1.0 * $1.1 } / area
    colorRange = [slopes.lowest, slopes.highest]
    domain = corners.map { [$0.x, $0.y] }
    plane = slice.map { [$0.origin] + $0.directions }
    looseEdges = partition.looseEdgeCount
    unresolvedCuts = partition.unresolvedCutCount
    complete = partition.isComplete
    self.partitionSeconds = partitionSeconds
  }
}

/// What `inr regions` prints of a line.
struct LineRecord: Encodable {
  let outputs: [String]
  let pieces: Int
  let breakpoints: Int
  /// Breakpoints at which a neuron of each hidden layer turns on or off.
  let breakpointsPerLayer: [Int]
  let crossings: [Double]
  let level: Double
  let outputIndex: String
  /// The sum of the sizes of the changes of d value / dt.
  let slopeVariation: Double
  let hiddenUnits: [Int]
  /// Where t begins and ends.
  let range: [Double]
  let segment: [[Double]]?
  let seconds: Double
}
