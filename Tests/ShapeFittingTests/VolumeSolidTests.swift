import Compute
import Meshes
import ShapeFitting
import Testing

@Suite struct VolumeSolidTests {
  private static let sizes = [SIMD3(5, 3, 4), SIMD3(63, 2, 3), SIMD3(64, 3, 2), SIMD3(65, 5, 3)]

  private func solid(_ counts: SIMD3<Int>, _ voxels: [Bool], workers: Workers = Workers(count: 2))
    throws -> VolumeSolid
  {
    let scratch = try Scratch()
    let volume = try withExtendedLifetime(scratch) { try scratch.volume(counts, voxels) }
    let map = try #require(Similarity(centering: volume.box))
    return VolumeSolid(volume, map, workers: workers)
  }

  /// The numbers of the voxels whose middles points are; nil for a point that is none.
  private func voxels(_ points: [SIMD3<Double>], of solid: VolumeSolid) -> [Int?] {
    let (counts, back) = (solid.volume.counts, solid.transformation.inverse)
    return points.map { point in
      let place = back.applied(to: point)
      let whole = place.rounded(.toNearestOrEven)
      // Places are below 100, so rounding moves them by no more than some 1e-14.
      guard (place - whole).norm < 1e-12, whole.min() >= 0,
        (SIMD3<Double>(counts) - whole).min() >= 1
      else { return nil }
      return (Int(whole.z) * counts.y + Int(whole.y)) * counts.x + Int(whole.x)
    }
  }

  /// The voxels with a neighbour of the other kind, one by one.
  private func boundary(_ counts: SIMD3<Int>, _ voxels: [Bool]) -> Set<Int> {
    let strides = [1, counts.x, counts.x * counts.y]
    var found: Set<Int> = []
    for i in voxels.indices {
      for axis in 0..<3 where i / strides[axis] % counts[axis] + 1 < counts[axis] {
        let j = i + strides[axis]
        if voxels[i] != voxels[j] { found.formUnion([i, j]) }
      }
    }
    return found
  }

  // MARK: Coordinates

  // Index −½ and W − ½ of the longest side are at −1 and 1.
  @Test func theBoxOfAllVoxelsReachesFromMinusOneToOne() throws {
    let counts = SIMD3(9, 4, 6)
    let solid = try solid(counts, SampleShape.noise(counts, seed: 3))
    let box = solid.volume.box
    #expect(box == Box(lower: [-0.5, -0.5, -0.5], upper: [8.5, 3.5, 5.5]))
    let lower = solid.transformation.applied(to: box.lower)
    let upper = solid.transformation.applied(to: box.upper)
    #expect((lower - [-1, -4.0 / 9, -6.0 / 9]).norm < 1e-15)
    #expect((upper - [1, 4.0 / 9, 6.0 / 9]).norm < 1e-15)
    let first = solid.transformation.applied(to: .zero)
    #expect((first - (lower + 1.0 / 9)).norm < 1e-15)
  }

  @Test(arguments: sizes) func theGridIsEachVoxelOnce(counts: SIMD3<Int>) throws {
    let truth = SampleShape.noise(counts, seed: 4)
    let solid = try solid(counts, truth)
    #expect(solid.grid.counts == counts)
    var points: [SIMD3<Double>] = []
    for z in 0..<counts.z {
      for y in 0..<counts.y {
        for x in 0..<counts.x {
          points.append(solid.grid.middle(x, y, z))
        }
      }
    }
    #expect(voxels(points, of: solid) == Array(0..<truth.count))
    #expect(solid.areInside(points, workers: Workers(count: 1)) == truth)
  }

  @Test(arguments: [SIMD3(4, 3, 1), SIMD3(1, 1, 12)]) func aVolumeMayHaveOnePlane(
    counts: SIMD3<Int>
  )
    throws
  {
    let truth = SampleShape.noise(counts, seed: 5)
    let solid = try solid(counts, truth)
    #expect(solid.grid.counts == counts)
    let points = (0..<12).map { i in
      solid.grid.middle(i % counts.x, i / counts.x % counts.y, i / (counts.x * counts.y))
    }
    #expect(solid.areInside(points, workers: Workers(count: 1)) == truth)
  }

  // MARK: Points

  @Test(arguments: sizes) func pointsAreMiddlesOfVoxels(counts: SIMD3<Int>) throws {
    let truth = SampleShape.noise(counts, seed: 6)
    let (solid, workers) = (try solid(counts, truth), Workers(count: 2))
    let near = solid.pointsNearSurface(5000, spread: 0.2, seed: 7, workers: workers)
    let uniform = solid.uniformPoints(5000, seed: 7, workers: workers)
    for points in [near, uniform] {
      let found = voxels(points, of: solid)
      #expect(points.count == 5000 && !found.contains(nil))
      #expect(solid.areInside(points, workers: workers) == found.map { truth[$0 ?? 0] })
      // Rounding to Float, as the network has points, leads to no other voxel.
      let rounded = points.map { SIMD3<Double>(SIMD3<Float>($0)) }
      #expect(solid.areInside(rounded, workers: workers) == found.map { truth[$0 ?? 0] })
    }
    // All voxels have the same chance: a count has a standard deviation of √(5000 / n).
    let counted = Dictionary(grouping: voxels(uniform, of: solid), by: { $0 }).mapValues(\.count)
    let expected = 5000 / Double(truth.count)
    let largest = counted.values.map { abs(Double($0) - expected) }.max() ?? 0
    // Of the larger volumes a count is a Poisson number of mean 5: 18 and above are one in a million.
    #expect(largest < max(6 * expected.squareRoot(), 14))
  }

  // A spread far below a voxel leaves all points on the boundary; so many points reach all of it.
  @Test(
    arguments: sizes + [SIMD3(1, 7, 5), SIMD3(7, 1, 1), SIMD3(127, 3, 1), SIMD3(129, 1, 3)])
  func nearPointsBeginAtVoxelsWithANeighbourOfTheOtherKind(counts: SIMD3<Int>) throws {
    var random = SplitMix64(seed: 8)
    for share in [2, 9] {
      // Few full voxels leave words of nothing but empty ones.
      var truth = SampleShape.noise(counts, seed: 9)
      for i in truth.indices where random.nextIndex(below: share) > 0 { truth[i] = false }
      truth[0] = true
      truth[truth.count - 1] = false
      let solid = try solid(counts, truth)
      let expected = boundary(counts, truth)
      let points = solid.pointsNearSurface(
        30 * expected.count, spread: 1e-9, seed: 10, workers: Workers(count: 3))
      // A voxel is missed with the chance exp(−30).
      #expect(Set(voxels(points, of: solid)) == Set(expected.map { $0 }))
    }
  }

  // One full voxel in the middle of many: points are off it by normal numbers, rounded.
  @Test func nearPointsSpreadAsAsked() throws {
    let counts = SIMD3(61, 61, 61)
    var truth = [Bool](repeating: false, count: 61 * 61 * 61)
    truth[truth.count / 2] = true
    let solid = try solid(counts, truth)
    let spread = 4 * solid.transformation.scale
    let points = solid.pointsNearSurface(
      20_000, spread: spread, seed: 11, workers: Workers(count: 2))
    let back = solid.transformation.inverse
    for axis in 0..<3 {
      let (mean, deviation) = moments(points.map { back.applied(to: $0)[axis] - 30 })
      // The deviation of a mean is 4 / √20000 = 0.028; boundary voxels (2 of 7 are off along an
      // axis, by 1) and rounding (1/12) add to the variance.
      #expect(abs(mean) < 0.12)
      #expect(abs(deviation - (16 + 2.0 / 7 + 1.0 / 12).squareRoot()) < 0.1)
    }
  }

  // Full below x = 2, so that boundary voxels are at 1 and 2, and the volume ends soon, at 0. Were points
  // beyond put back to its last voxel, they would pile up there.
  @Test func nearPointsDoNotPileUpAtTheEndOfTheVolume() throws {
    let counts = SIMD3(40, 12, 12)
    let solid = try solid(counts, (0..<40 * 144).map { $0 % 40 < 2 })
    let points = solid.pointsNearSurface(
      20_000, spread: 2 * solid.transformation.scale, seed: 15, workers: Workers(count: 2))
    let back = solid.transformation.inverse
    let places = points.map { Int(back.applied(to: $0).x.rounded()) }
    // The shares of a normal number of deviation 2 that rounds to 0, 1 and 2: 0.1974, 0.1747, 0.1210.
    let expected = (0.1747 + 0.1210) / (0.1974 + 0.1747)
    let share = Double(places.count { $0 == 0 }) / Double(places.count { $0 == 1 })
    // Some 3600 and 4500 points: an error of 2.2 %, of which four are allowed.
    #expect(abs(share / expected - 1) < 0.09, "\(share), expected \(expected)")
  }

  @Test(arguments: [1e3, 1e30]) func aHugeSpreadStaysInTheVolume(spread: Double) throws {
    let counts = SIMD3(6, 5, 4)
    let solid = try solid(counts, SampleShape.noise(counts, seed: 12))
    let points = solid.pointsNearSurface(100, spread: spread, seed: 13, workers: Workers(count: 1))
    #expect(!voxels(points, of: solid).contains(nil))
  }

  @Test func pointsDependOnTheSeedAlone() throws {
    let counts = SIMD3(20, 10, 15)
    let truth = SampleShape.noise(counts, seed: 14)
    let (one, many) = (Workers(count: 1), Workers(count: 4))
    let (a, b) = (try solid(counts, truth, workers: one), try solid(counts, truth, workers: many))
    func near(_ solid: VolumeSolid, _ seed: UInt64, _ workers: Workers) -> [SIMD3<Double>] {
      solid.pointsNearSurface(13_000, spread: 0.1, seed: seed, workers: workers)
    }
    #expect(near(a, 1, one) == near(b, 1, many) && near(a, 1, one) != near(a, 2, one))
    let uniform = a.uniformPoints(13_000, seed: 1, workers: one)
    #expect(uniform == b.uniformPoints(13_000, seed: 1, workers: many))
    #expect(uniform != a.uniformPoints(13_000, seed: 2, workers: one))
    // No chunk repeats another's numbers.
    for (first, second) in [(0, 1), (0, 2), (1, 2)] {
      let (a, b) = (4096 * first, 4096 * second)
      #expect(uniform[a..<a + 4096] != uniform[b..<b + 4096])
    }
  }
}
