import Compute
import Networks
import SplineGeometry
import Testing

@Suite struct ImageSurfaceTests {
  private let square = [SIMD2(-2.0, -2.0), SIMD2(2, -2), SIMD2(2, 2), SIMD2(-2, 2)]

  private func spline(_ sizes: [Int], seed: UInt64 = 2) throws -> SplineNetwork {
    try SplineNetwork(SampleSpline.random(sizes, seed: seed))
  }

  /// `√det AᵀA` from the products of the columns.
  private func factor(_ map: AffineMap) -> Double {
    let d = map.inputs
    func entry(_ i: Int, _ j: Int) -> Double {
      (0..<map.outputs).reduce(0) { $0 + map.gradients[$1 * d + i] * map.gradients[$1 * d + j] }
    }
    // Where A has hardly any rank, rounding may leave a little less than 0.
    guard d == 3 else {
      return max(0, entry(0, 0) * entry(1, 1) - entry(0, 1) * entry(0, 1)).squareRoot()
    }
    let minors = (0..<3).map { k in
      entry(1, (k + 1) % 3) * entry(2, (k + 2) % 3) - entry(1, (k + 2) % 3) * entry(2, (k + 1) % 3)
    }
    return max(0, (0..<3).reduce(0) { $0 + entry(0, $1) * minors[$1] }).squareRoot()
  }

  @Test(arguments: [[2, 14, 12, 2], [2, 14, 12, 5], [3, 9, 8, 3], [3, 9, 8, 6]])
  func piecesMeasureWhatTheirRegionsDoTimesTheirFactors(sizes: [Int]) throws {
    let spline = try spline(sizes)
    let domain =
      sizes[0] == 2 ? try SplineDomain.polygon(square) : try .box(SampleSpline.box(2))
    let surface = try spline.imageSurface(of: domain, workers: Workers(count: 2))
    let regions = try spline.regions(in: domain)
    #expect(surface.regionCount == regions.count)
    var sum = 0.0
    for (k, region) in regions.enumerated() {
      #expect(surface.maps[k] == region.map)
      #expect(abs(surface.regionMeasures[k] - region.measure) <= 1e-13)
      let expected = factor(region.map)
      // The root of what rounding leaves of a determinant whose terms cancel.
      let size = region.map.gradients.reduce(0) { max($0, abs($1)) }
      let terms = (0..<sizes[0]).reduce(1) { product, _ in product * size }
      #expect(abs(surface.volumeChanges[k] - expected) <= 1e-6 * terms)
      sum += region.measure * surface.volumeChanges[k]
    }
    #expect(abs(surface.surfaceMeasure - sum) <= 1e-12 * sum)
    let whole = sizes[0] == 2 ? 16.0 : 64
    #expect(abs(surface.domainMeasure - whole) <= 1e-12)
  }

  /// In the plane the image of a triangle is a triangle, whose area its corners tell.
  @Test func theFactorIsTheChangeOfArea() throws {
    let spline = try spline([2, 10, 3])
    let surface = try spline.imageSurface(of: .polygon(square))
    for region in try spline.regions(in: .polygon(square)).enumerated() {
      let corners = region.element.vertices.prefix(3).map { region.element.map([$0.x, $0.y]) }
      let (u, v) = (
        SIMD3(zip(corners[1], corners[0]).map { $0 - $1 }),
        SIMD3(zip(corners[2], corners[0]).map { $0 - $1 })
      )
      let normal = SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
      let (a, b, c) = (
        region.element.vertices[0], region.element.vertices[1], region.element.vertices[2]
      )
      let area = abs((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x))
      let image = (normal * normal).sum().squareRoot()
      #expect(abs(image - area * surface.volumeChanges[region.offset]) <= 1e-12)
    }
  }

  /// χ² of samples against the shares that the bins have of the surface.
  private func statistic(_ counts: [Int], _ shares: [Double]) -> Double {
    let total = Double(counts.reduce(0, +))
    return zip(counts, shares).reduce(0) { sum, bin in
      let expected = total * bin.1
      let difference = Double(bin.0) - expected
      return expected > 0 ? sum + difference * difference / expected : sum
    }
  }

  /// Over squares of the domain, whose share of the surface is that of a surface of their own. χ² has
  /// mean k and variance 2k for k bins; five deviations are a chance below 10⁻⁵.
  @Test func samplesAreUniformOnTheSurfaceAndNaiveOnesAreNot() throws {
    let spline = try spline([2, 16, 16, 6])
    let surface = try spline.imageSurface(of: .polygon(square))
    let shares = try (0..<64).map { bin in
      let (x, y) = (Double(bin % 8) / 2 - 2, Double(bin / 8) / 2 - 2)
      let part = try spline.imageSurface(of: .rectangle(x: x...x + 0.5, y: y...y + 0.5))
      return part.surfaceMeasure / surface.surfaceMeasure
    }
    #expect(abs(shares.reduce(0, +) - 1) <= 1e-12)
    func counts(_ samples: [ImageSurface.Sample]) -> [Int] {
      var counts = [Int](repeating: 0, count: 64)
      for sample in samples {
        let (x, y) = (Int((sample.latent[0] + 2) * 2), Int((sample.latent[1] + 2) * 2))
        counts[min(x, 7) + 8 * min(y, 7)] += 1
      }
      return counts
    }
    let limit = 63 + 5 * (2 * 63.0).squareRoot()
    let uniform = try surface.uniformSamples(count: 20_000, seed: 5)
    let naive = surface.domainSamples(count: 20_000, seed: 5)
    #expect(statistic(counts(uniform), shares) < limit)
    #expect(statistic(counts(naive), shares) > 10 * limit)
    // Samples of the domain are uniform there.
    #expect(statistic(counts(naive), [Double](repeating: 1 / 64.0, count: 64)) < limit)
  }

  /// Over regions, and inside them over the four triangles that the middles of a triangle's sides make:
  /// here the whole domain is two triangles.
  @Test(arguments: [1, 2] as [UInt64]) func samplesAreUniformOverRegionsAndInThem(seed: UInt64)
    throws
  {
    let spline = try spline([2, 16, 16, 6], seed: seed)
    let surface = try spline.imageSurface(of: .polygon(square))
    let samples = try surface.uniformSamples(count: 20_000, seed: seed)
    // Bins of regions with at least a two-hundredth of the surface.
    var (bins, shares, share) = ([Int](), [Double](), 0.0)
    for region in 0..<surface.regionCount {
      bins.append(shares.count)
      share +=
        surface.regionMeasures[region] * surface.volumeChanges[region] / surface.surfaceMeasure
      if share > 0.005 || region == surface.regionCount - 1 {
        shares.append(share)
        share = 0
      }
    }
    var counts = [Int](repeating: 0, count: shares.count)
    for sample in samples { counts[bins[sample.region]] += 1 }
    let degrees = Double(shares.count - 1)
    #expect(degrees > 30)
    #expect(statistic(counts, shares) < degrees + 5 * (2 * degrees).squareRoot())

    let flat = try SampleSpline.spline([([[1, 0], [0, 1]], [0, 0])]).imageSurface(
      of: .polygon([[0, 0], [4, 0], [0, 4]]))
    var quarters = [0, 0, 0, 0]
    for sample in try flat.uniformSamples(count: 10_000, seed: seed) {
      let (x, y) = (sample.latent[0], sample.latent[1])
      quarters[x > 2 ? 0 : y > 2 ? 1 : x + y < 2 ? 2 : 3] += 1
    }
    #expect(statistic(quarters, [0.25, 0.25, 0.25, 0.25]) < 3 + 5 * 6.0.squareRoot())
  }

  /// In space, over 64 cubes of one cell that is cut into tetrahedra.
  @Test func samplesAreUniformInTetrahedra() throws {
    let flat = try SampleSpline.spline([
      ([[1, 0, 0], [0, 2, 0], [0, 0, 1], [1, 1, 0]], [0, 0, 0, 1])
    ])
    let surface = try flat.imageSurface(of: .box(SampleSpline.box(2)))
    #expect(surface.regionCount == 1)
    var counts = [Int](repeating: 0, count: 64)
    for sample in try surface.uniformSamples(count: 20_000, seed: 8) {
      let places = sample.latent.map { min(Int($0 + 2), 3) }
      counts[places[0] + 4 * places[1] + 16 * places[2]] += 1
    }
    let shares = [Double](repeating: 1 / 64.0, count: 64)
    #expect(statistic(counts, shares) < 63 + 5 * (2 * 63.0).squareRoot())
  }

  @Test(arguments: [[2, 9, 8, 4], [3, 9, 8, 4]])
  func samplesLieOnTheSurface(sizes: [Int]) throws {
    let spline = try spline(sizes)
    let domain =
      sizes[0] == 2 ? try SplineDomain.polygon(square) : try .box(SampleSpline.box(2))
    let surface = try spline.imageSurface(of: domain)
    let samples = try surface.uniformSamples(count: 700, seed: 3, workers: Workers(count: 3))
    #expect(try samples == surface.uniformSamples(count: 700, seed: 3, workers: Workers(count: 1)))
    #expect(try samples != surface.uniformSamples(count: 700, seed: 4))
    for sample in samples {
      #expect(sample.latent.allSatisfy { abs($0) <= 2 })
      for (a, b) in zip(sample.image, spline.values(at: sample.latent)) {
        #expect(abs(a - b) <= 1e-12)
      }
    }
  }

  @Test func surfacesWithoutAreaAreErrors() throws {
    let narrow = try SampleSpline.spline([([[1, 2]], [0])]).imageSurface(of: .polygon(square))
    #expect(throws: ImageSurfaceError.tooFewOutputs(found: 1, inputs: 2)) {
      try narrow.uniformSamples(count: 1, seed: 1)
    }
    let line = try SampleSpline.spline([([[1, 2], [2, 4]], [0, 0])])
      .imageSurface(of: .polygon(square))
    #expect(throws: ImageSurfaceError.noArea(regions: 1)) {
      try line.uniformSamples(count: 1, seed: 1)
    }
    #expect(line.domainSamples(count: 3, seed: 1).count == 3)
  }
}
