import Compute

/// The image of a domain of the plane or of space under a network of at least as many outputs: a surface
/// of flat pieces, one for each linear region.
///
/// The piece of a region with the map A x + b has the region's area (volume) times `√det AᵀA`. Points
/// drawn uniformly from the domain are dense on the surface where this factor is small; drawing regions
/// with a probability proportional to the area of their pieces makes them uniform on the surface.
/// Where the surface meets itself, it counts as often as it is there.
///
/// - Source: Humayun, Balestriero, Baraniuk, "MaGNET: uniform sampling from deep generative network
///   manifolds without retraining", ICLR 2022, arXiv:2110.08009; here with all regions in place of
///   regions found by sampling.
public struct ImageSurface: Sendable {
  public let inputs: Int
  public let outputs: Int
  /// Of each activation region.
  public let maps: [AffineMap]
  /// Of each region: its area or volume in the domain.
  public let regionMeasures: [Double]
  /// Of each region: `√det AᵀA`, what its map multiplies areas or volumes by; 0 if there are fewer
  /// outputs than inputs.
  public let volumeChanges: [Double]
  /// The regions in triangles or tetrahedra, those of a region one after another.
  private let simplices: [Simplex]
  /// Up to each simplex and with it: what the simplices measure in the domain, and their images.
  private let domainSums: [Double]
  private let surfaceSums: [Double]

  struct Simplex: Sendable {
    let region: Int32
    /// The last one is of no account in the plane.
    let corners: [4 of SIMD3<Double>]
    let measure: Double
  }

  fileprivate init(_ parts: [SurfaceVisitor], inputs: Int, outputs: Int) {
    self.inputs = inputs
    self.outputs = outputs
    maps = parts.flatMap(\.maps)
    volumeChanges = maps.map { $0.thinSingularValues.volumeChange }
    var measures = [Double](repeating: 0, count: maps.count)
    var simplices: [Simplex] = []
    var (domainSum, surfaceSum, domainSums, surfaceSums) = (0.0, 0.0, [Double](), [Double]())
    var first = 0
    for part in parts {
      for simplex in part.simplices {
        let region = first + Int(simplex.region)
        simplices.append(
          Simplex(
            region: Int32(region), corners: simplex.corners, measure: simplex.measure))
        measures[region] += simplex.measure
        domainSum += simplex.measure
        surfaceSum += simplex.measure * volumeChanges[region]
        domainSums.append(domainSum)
        surfaceSums.append(surfaceSum)
      }
      first += part.maps.count
    }
    regionMeasures = measures
    self.simplices = simplices
    self.domainSums = domainSums
    self.surfaceSums = surfaceSums
  }

  public var regionCount: Int { maps.count }
  /// The area or volume of the domain.
  public var domainMeasure: Double { domainSums.last ?? 0 }
  /// The area or volume of the surface.
  public var surfaceMeasure: Double { surfaceSums.last ?? 0 }

  /// A point of the domain and of the surface.
  public struct Sample: Sendable, Equatable {
    /// The activation region, a number of ``ImageSurface/maps``.
    public let region: Int
    /// `[inputs]`
    public let latent: [Double]
    /// `[outputs]`
    public let image: [Double]
  }

  /// Points drawn uniformly from the surface; the same for any number of workers.
  ///
  /// - Throws: if the surface has no area.
  public func uniformSamples(
    count: Int, seed: UInt64, workers: Workers = Workers()
  ) throws(ImageSurfaceError) -> [Sample] {
    guard outputs >= inputs else { throw .tooFewOutputs(found: outputs, inputs: inputs) }
    guard surfaceMeasure > 0 else { throw .noArea(regions: regionCount) }
    return samples(count, surfaceSums, seed, workers)
  }

  /// Points drawn uniformly from the domain, and where they are on the surface.
  public func domainSamples(
    count: Int, seed: UInt64, workers: Workers = Workers()
  ) -> [Sample] {
    samples(count, domainSums, seed, workers)
  }

  private func samples(
    _ count: Int, _ sums: [Double], _ seed: UInt64, _ workers: Workers
  ) -> [Sample] {
    let samplesAtOnce = 256
    return workers.map((count + samplesAtOnce - 1) / samplesAtOnce) { _, chunk in
      var random = SplitMix64(seed: seed, stream: UInt64(chunk))
      let end = min((chunk + 1) * samplesAtOnce, count)
      return (chunk * samplesAtOnce..<end).map { _ in sample(sums, &random) }
    }.flatMap { $0 }
  }

  private func sample(_ sums: [Double], _ random: inout SplitMix64) -> Sample {
    let simplex = simplices[place(of: random.nextUnit() * sums[sums.count - 1], in: sums)]
    // Gaps between sorted uniform numbers are uniform weights.
    var cuts = (0..<inputs).map { _ in random.nextUnit() }
    cuts.sort()
    var point = SIMD3<Double>.zero
    var before = 0.0
    for k in 0..<inputs {
      point += (cuts[k] - before) * simplex.corners[k]
      before = cuts[k]
    }
    point += (1 - before) * simplex.corners[inputs]
    let latent = (0..<inputs).map { point[$0] }
    let region = Int(simplex.region)
    return Sample(region: region, latent: latent, image: maps[region](latent))
  }

  /// The first simplex whose sum is above a number.
  private func place(of number: Double, in sums: [Double]) -> Int {
    var (low, high) = (0, sums.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > number { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// Why nothing can be drawn from a surface.
public enum ImageSurfaceError: Error, Equatable, CustomStringConvertible {
  case tooFewOutputs(found: Int, inputs: Int)
  case noArea(regions: Int)

  public var description: String {
    switch self {
    case .tooFewOutputs(let found, let inputs):
      "the network has \(found) outputs for \(inputs) inputs, so its image is no surface of \(inputs) "
        + "dimensions; uniform samples need at least \(inputs) outputs"
    case .noArea(let regions):
      "the network maps each of the \(regions) regions to something without area, of which nothing can "
        + "be drawn uniformly"
    }
  }
}

extension SplineNetwork {
  /// The image of a domain of the plane or of space.
  ///
  /// - Returns: the same for any number of workers.
  public func imageSurface(
    of domain: SplineDomain, workers: Workers = Workers()
  ) throws(SplineNetworkError) -> ImageSurface {
    let parts = try walk(domain, purpose: .allCells, workers: workers) { SurfaceVisitor() }
    return ImageSurface(parts.map(\.visitor), inputs: inputs, outputs: outputs)
  }
}

/// Collects regions in triangles or tetrahedra.
private struct SurfaceVisitor: LeafVisitor, Sendable {
  private(set) var maps: [AffineMap] = []
  /// Regions count from the part's first.
  private(set) var simplices: [ImageSurface.Simplex] = []

  mutating func visit(_ cell: CellStack.Cell, in walk: inout CellWalk) {
    let convex = walk.stack.convexCell(cell)
    let origin = convex.positions[0]
    for facet in convex.facets {
      let corners = facet.map { convex.positions[Int($0)] }
      if walk.domain.dimension == 2 {
        for k in 1..<corners.count - 1 { add([corners[0], corners[k], corners[k + 1], .zero], 2) }
      } else if !facet.contains(0) {
        for k in 1..<corners.count - 1 { add([corners[0], corners[k], corners[k + 1], origin], 3) }
      }
    }
    maps.append(walk.affineMap)
  }

  private mutating func add(_ corners: [4 of SIMD3<Double>], _ dimension: Int) {
    let normal = cross(corners[1] - corners[0], corners[2] - corners[0])
    let measure =
      dimension == 2 ? length(normal) / 2 : abs((normal * (corners[3] - corners[0])).sum()) / 6
    simplices.append(
      ImageSurface.Simplex(region: Int32(maps.count), corners: corners, measure: measure))
  }
}
