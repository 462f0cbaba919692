import Compute
import Foundation
import Meshes
import Testing

struct MarchingCubesTests {
  private static func sphere(
    _ counts: SIMD3<Int>, center: SIMD3<Double> = [0.03, -0.02, 0.01], radius: Double = 0.7,
    sign: Double = 1
  ) -> (grid: SampleGrid, values: [Float]) {
    let grid = SampleGrid(counts: counts, box: Box(lower: [-1, -1.1, -0.9], upper: [1, 0.9, 1.2]))
    var values: [Float] = []
    for z in 0..<counts.z {
      for y in 0..<counts.y {
        for x in 0..<counts.x {
          let d = grid.position([Double(x), Double(y), Double(z)]) - center
          values.append(Float(sign * (radius - (d * d).sum().squareRoot())))
        }
      }
    }
    return (grid, values)
  }

  /// The largest distance of a vertex from the sphere is h² / 8r; the centre of the solid and the
  /// radius that its volume gives follow.
  @Test func aSphereKeepsItsCenterAndRadiusToSecondOrder() throws {
    let center = SIMD3(0.03, -0.02, 0.01)
    let errors = try [24, 48].map { n -> (shift: Double, radius: Double, far: Double) in
      let (grid, values) = Self.sphere([n, n, n], center: center)
      let mesh = try MarchingCubes(level: 0).surface(of: values, on: grid).mesh
      #expect(mesh.report().isSolid && mesh.eulerCharacteristic == 2)
      let mean = mesh.centroid
      let radius = cbrt(3 * mesh.signedVolume / (4 * .pi))
      let far = mesh.positions.map { p in
        abs((((p - center) * (p - center)).sum()).squareRoot() - 0.7)
      }
      return (((mean - center) * (mean - center)).sum().squareRoot(), radius - 0.7, far.max() ?? 1)
    }
    let spacing = 2.1 / 47
    #expect(errors[1].far < spacing * spacing / (8 * 0.7))
    // A shift by half a cell would be 0.02.
    #expect(errors[1].shift < spacing * spacing / 100)
    // Halving the cells quarters what the volume lacks: (47 / 23)² = 4.2.
    #expect(abs(errors[0].radius / errors[1].radius - 4.2) < 0.5)
    #expect(abs(errors[0].far / errors[1].far - 4.2) < 1)
  }

  @Test func aTorusHasEulerNumberZero() throws {
    let grid = SampleGrid(
      counts: [70, 70, 33], box: Box(lower: [-1.2, -1.2, -0.5], upper: [1.2, 1.2, 0.5]))
    var values: [Float] = []
    for z in 0..<33 {
      for y in 0..<70 {
        for x in 0..<70 {
          let p = grid.position([Double(x), Double(y), Double(z)])
          let ring = (p.x * p.x + p.y * p.y).squareRoot() - 0.8
          values.append(Float((ring * ring + p.z * p.z).squareRoot() - 0.3))
        }
      }
    }
    let mesh = try MarchingCubes(level: 0, inside: .below).surface(of: values, on: grid).mesh
    let report = mesh.report()
    #expect(report.isSolid && report.eulerCharacteristic == 0 && report.componentCount == 1)
    // 2 π² R r², less a share of about (h / r)² / 8.
    #expect(abs(mesh.signedVolume / (2 * .pi * .pi * 0.8 * 0.09) - 1) < 0.005)
  }

  @Test func facesPointOutwardsForEitherSide() throws {
    let (grid, occupancy) = Self.sphere([20, 21, 22])
    let distance = Self.sphere([20, 21, 22], sign: -1).values
    let above = try MarchingCubes(level: 0).surface(of: occupancy, on: grid).mesh
    let below = try MarchingCubes(level: 0, inside: .below).surface(of: distance, on: grid).mesh
    #expect(above.signedVolume > 1.3 && below.signedVolume > 1.3)
    // The same vertices, but squares may be cut along their other diagonals.
    #expect(above.positions == below.positions)
    #expect(abs(above.signedVolume - below.signedVolume) < 1e-5)
    let inverted = try MarchingCubes(level: 0, inside: .below).surface(of: occupancy, on: grid).mesh
    #expect(inverted.signedVolume == -above.signedVolume)
  }

  @Test func slabsAndThreadsDoNotChangeABit() throws {
    // 70 samples along x: more than one word of bits. Noise has vertices inside cells, too.
    let field = SampledField.noise([70, 9, 13], seed: 3) { Float($0.nextNormal()) }
    for rim in [MarchingCubes.Rim.open, .capped] {
      let cubes = MarchingCubes(level: 0.1, rim: rim)
      let whole = try cubes.surface(of: field.values, on: field.grid, workers: Workers(count: 1))
      #expect(whole.mesh.faceCount > 5000)
      for (planes, threads) in [(1, 1), (2, 3), (5, 4), (12, 2), (13, 7), (99, 2)] {
        var asked: [Int] = []
        let slabs = try cubes.surface(
          on: field.grid, planesAtOnce: planes, workers: Workers(count: threads)
        ) { range in
          asked += range
          let size = field.grid.planeCount
          return Array(field.values[range.lowerBound * size..<range.upperBound * size])
        }
        #expect(slabs.mesh == whole.mesh && slabs.range == whole.range)
        #expect(asked == Array(0..<13))
      }
    }
  }

  @Test(arguments: [63, 64, 65, 127, 128, 129])
  func rowsOfAnyLengthAreClosed(width: Int) throws {
    let field = SampledField.noise([width, 4, 5], seed: 8) { Float($0.nextNormal()) }
    let mesh = try field.surface()
    #expect(mesh.report().isSolid && mesh.pinchedVertexCount == 0)
    #expect(mesh.eulerCharacteristic == 2 * CriticalPoints(field: field).eulerNumberAbove)
  }

  @Test func capsCloseWhatLeavesTheGrid() throws {
    // A ball around a corner of the grid: an octant.
    let grid = SampleGrid(counts: [41, 41, 41], box: Box(lower: .zero, upper: .one))
    let field = SampledField(counts: [41, 41, 41]) { place in
      let p = grid.position(SIMD3<Double>(place))
      return Float(0.8 - (p * p).sum().squareRoot())
    }
    let open = try MarchingCubes(level: 0).surface(of: field.values, on: grid).mesh
    #expect(open.report().openEdgeCount > 100)
    for inside in [MarchingCubes.Side.above, .below] {
      let values = inside == .above ? field.values : field.values.map { -$0 }
      let capped = try MarchingCubes(level: 0, inside: inside, rim: .capped)
        .surface(of: values, on: grid).mesh
      #expect(capped.report().isSolid && capped.eulerCharacteristic == 2)
      #expect(capped.report().degenerateFaceCount == 0)
      // An eighth of a ball, less about (h / r)² / 8 of its round side.
      #expect(abs(capped.signedVolume / (.pi / 6 * 0.512) - 1) < 2e-3)
    }
    // A field that is inside everywhere becomes the box.
    let full = [Float](repeating: 1, count: 8)
    let box = try MarchingCubes(level: 0, rim: .capped).surface(
      of: full, on: SampleGrid(counts: [2, 2, 2], box: Box(lower: .zero, upper: [1, 2, 3]))
    ).mesh
    #expect(box.report().isSolid && abs(box.signedVolume - 6) < 0.01)
  }

  @Test func aLevelOutOfReachLeavesNothingButTheRange() throws {
    let (grid, values) = Self.sphere([9, 9, 9])
    let found = try MarchingCubes(level: 5).surface(of: values, on: grid)
    #expect(found.isEmpty && found.mesh.vertexCount == 0)
    #expect(found.range == values.min()!...values.max()!)
    #expect(try MarchingCubes(level: -5).surface(of: values, on: grid).isEmpty)
  }

  @Test func voxelsAreTheirMiddles() {
    let grid = SampleGrid(voxels: [4, 2, 2], filling: Box(lower: .zero, upper: [4, 1, 1]))
    #expect(grid.position(.zero) == [0.5, 0.25, 0.25])
    #expect(grid.position([3, 1, 1]) == [3.5, 0.75, 0.75])
    #expect(grid.spacing == [1, 0.5, 0.5])
  }

  @Test func infinityIsAllowedAwayFromTheSurface() throws {
    let (grid, values) = Self.sphere([32, 32, 32])
    let whole = try MarchingCubes(level: 0).surface(of: values, on: grid)
    // Two cells' diagonals away from the sphere.
    let skipped = values.map { abs($0) > 0.25 ? $0 * .infinity : $0 }
    let found = try MarchingCubes(level: 0).surface(of: skipped, on: grid)
    #expect(found.mesh == whole.mesh)
    let range = try #require(found.range)
    #expect(range.lowerBound > -0.26 && range.upperBound < 0.26)
  }

  /// A ball and a shell, whose distance from the level bounds where they are.
  @Test(arguments: [1, 4, 7, 16, 100])
  func blocksThatMissTheLevelNeedNoSamples(blockSize: Int) throws {
    let (grid, values) = Self.sphere([33, 40, 27])
    let cubes = MarchingCubes(level: 0)
    let whole = try cubes.surface(of: values, on: grid)
    @Sendable func value(_ p: SIMD3<Double>) -> Double {
      let d = p - SIMD3(0.03, -0.02, 0.01)
      return 0.7 - (d * d).sum().squareRoot()
    }
    var wanted = 0
    let found = try cubes.surface(on: grid, blockSize: blockSize, workers: Workers(count: 3)) {
      // The distance changes by no more than the way.
      let middle = value($0.center)
      return abs(middle) <= $0.diagonal / 2 ? nil : middle > 0 ? .above : .below
    } values: { samples in
      wanted += samples.count
      var values = [Float](repeating: 0, count: samples.count)
      // In tiles, to check their borders.
      for start in stride(from: 0, to: samples.count, by: 50) {
        samples.forEachPosition(in: start..<min(start + 50, samples.count)) {
          values[$0] = Float(value($1))
        }
      }
      return values
    }
    #expect(found.mesh == whole.mesh)
    #expect(blockSize > 4 || wanted < grid.sampleCount / 2)
    #expect(wanted <= grid.sampleCount)
  }

  @Test func aWrongSideOfABlockIsAnError() throws {
    let (grid, values) = Self.sphere([33, 33, 33])
    #expect(throws: MarchingCubesError.self) {
      try MarchingCubes(level: 0).surface(on: grid, blockSize: 8) {
        // The middle block is inside, but said to be outside.
        abs($0.center.x) + abs($0.center.y) + abs($0.center.z) < 1 ? .below : nil
      } values: { samples in
        samples.runs.flatMap { run in run.x.map { values[(run.z * 33 + run.y) * 33 + $0] } }
      }
    }
  }

  @Test func valuesThatMakeNoSurfaceAreNamed() throws {
    let (grid, values) = Self.sphere([10, 11, 12])
    var broken = values
    broken[7 + 10 * (3 + 11 * 5)] = .nan
    for rim in [MarchingCubes.Rim.open, .capped] {
      let cubes = MarchingCubes(level: 0, rim: rim)
      #expect(throws: MarchingCubesError.notANumber(sample: [7, 3, 5])) {
        try cubes.surface(of: broken, on: grid)
      }
      #expect(throws: MarchingCubesError.notANumber(sample: [7, 3, 5])) {
        try cubes.surface(on: grid, planesAtOnce: 2) {
          Array(broken[$0.lowerBound * 110..<$0.upperBound * 110])
        }
      }
    }
    let field = SampledField(counts: [3, 3, 3]) { $0 == [1, 1, 1] ? .infinity : -1 }
    #expect(throws: MarchingCubesError.infinite(sample: [1, 1, 1], value: .infinity)) {
      try field.surface()
    }
    #expect(throws: MarchingCubesError.wrongCount(planes: 0..<12, found: 3, expected: 1320)) {
      try MarchingCubes(level: 0).surface(of: [1, 2, 3], on: grid)
    }
    #expect(
      MarchingCubesError.wrongCount(planes: 4..<8, found: 3, expected: 440).description
        == "the planes 4 to 7 of the field have 3 values, expected 440")
    #expect(
      MarchingCubesError.notANumber(sample: [7, 3, 5]).description
        == "the field is not a number at sample (7, 3, 5); every sample needs a value")
  }
}
