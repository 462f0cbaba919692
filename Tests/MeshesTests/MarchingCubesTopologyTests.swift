import Compute
import Meshes
import Testing

/// Meshes have the topology of the trilinear interpolant.
struct MarchingCubesTopologyTests {
  /// Closed, manifold, oriented, and of the interpolant's Euler number.
  private func check(_ field: SampledField, _ name: String) throws {
    let mesh = try field.surface()
    let report = mesh.report()
    #expect(mesh.faceCount == 0 || report.isSolid, "\(name): \(report.remarks)")
    #expect(report.degenerateFaceCount == 0 && report.unusedVertexCount == 0, "\(name)")
    #expect(mesh.pinchedVertexCount == 0, "\(name)")
    // The boundary of a solid has twice its Euler number.
    #expect(
      report.eulerCharacteristic == 2 * CriticalPoints(field: field).eulerNumberAbove, "\(name)")
  }

  @Test func randomFieldsHaveTheEulerNumberOfTheirCriticalPoints() throws {
    for seed in 0..<3000 as Range<UInt64> {
      let counts = SIMD3(4 + Int(seed % 3), 5, 4 + Int(seed / 3 % 4))
      try check(.noise(counts, seed: seed) { Float($0.nextNormal()) }, "seed \(seed)")
    }
  }

  @Test(arguments: [0.2, 0.5, 0.8])
  func fieldsOfManyMagnitudesDoSo(share: Double) throws {
    for seed in 0..<400 as Range<UInt64> {
      let field = SampledField.noise([6, 6, 6], seed: seed) { random in
        let size = Float(random.nextUnit() * random.nextUnit() + 1e-3)
        return random.nextUnit() < share ? size : -size
      }
      try check(field, "share \(share), seed \(seed)")
    }
  }

  /// A single cell in the middle of a closed layer, all cases, several magnitudes each; cells that
  /// alternate, which are the hard ones, more often.
  @Test func allCasesOfACellHaveTheirTopology() throws {
    for above in 0..<256 {
      for seed in 0..<(above.nonzeroBitCount == 4 ? 40 : 12) as Range<UInt64> {
        let name = "case \(above), seed \(seed)"
        var random = SplitMix64(seed: seed, stream: UInt64(above))
        let field = SampledField(counts: [4, 4, 4]) { place in
          let corner = place &- 1
          let isOwn = corner.min() >= 0 && corner.max() <= 1
          let size = Float(random.nextUnit() + 1e-3)
          guard isOwn else { return -size - 1 }
          return above >> (corner.x + 2 * corner.y + 4 * corner.z) & 1 == 1 ? size : -size
        }
        try check(field, name)
      }
    }
  }

  @Test func alternatingCellsAreTunnelled() throws {
    // Two opposite corners are joined along the diagonal if they are large enough.
    func field(_ size: Float) -> SampledField {
      SampledField(counts: [4, 4, 4]) { place in
        place == [1, 1, 1] || place == [2, 2, 2]
          ? size : (place &- 1).min() >= 0 && (place &- 1).max() <= 1 ? -1 : -50
      }
    }
    // In the middle the mean of the corners is (2 size − 6) / 8.
    #expect(try field(2.9).surface().eulerCharacteristic == 4)
    #expect(try field(3.1).surface().eulerCharacteristic == 2)
  }

  @Test func cappedFieldsHaveTheTopologyOfPaddedOnes() throws {
    for seed in 0..<300 as Range<UInt64> {
      let padded = SampledField.noise([6, 6, 6], seed: seed) { Float($0.nextNormal()) }
      let inner = SampledField(counts: [4, 4, 4]) { Float(padded[$0 &+ 1]) }
      let mesh = try MarchingCubes(level: 0, rim: .capped)
        .surface(of: inner.values, on: inner.grid).mesh
      let outside = SampledField(counts: padded.counts) { place in
        (place &- 1).min() >= 0 && (place &- 1).max() < 4 ? Float(padded[place]) : -1e9
      }
      #expect(mesh.report().isSolid && mesh.pinchedVertexCount == 0, "seed \(seed)")
      #expect(
        mesh.eulerCharacteristic == 2 * CriticalPoints(field: outside).eulerNumberAbove,
        "seed \(seed)")
    }
  }

  @Test func turningMirroringAndNegatingKeepTheEulerNumber() throws {
    for seed in 0..<300 as Range<UInt64> {
      let field = SampledField.noise([5, 6, 5], seed: seed) { Float($0.nextNormal()) }
      let expected = try field.surface().eulerCharacteristic
      let counts = field.counts
      let turned = SampledField(counts: [counts.y, counts.z, counts.x]) {
        Float(field[[$0.z, $0.x, $0.y]])
      }
      let mirrored = SampledField(counts: counts) {
        Float(field[[counts.x - 1 - $0.x, $0.y, counts.z - 1 - $0.z]])
      }
      var negated = field
      negated.values = field.values.map { -$0 }
      #expect(try turned.surface().eulerCharacteristic == expected, "seed \(seed)")
      #expect(try mirrored.surface().eulerCharacteristic == expected, "seed \(seed)")
      let inverse = try negated.surface(inside: .below)
      #expect(inverse.eulerCharacteristic == expected, "seed \(seed)")
      #expect(inverse.signedVolume > 0 || inverse.faceCount == 0, "seed \(seed)")
    }
  }

  /// Samples at the level, and ties of the deciders, are everywhere in fields of few values.
  @Test(arguments: [2, 3, 5])
  func aLevelAtTheSamplesIsOneLowerByNothing(valueCount: Int) throws {
    for seed in 0..<400 as Range<UInt64> {
      let field = SampledField.noise([6, 5, 6], seed: seed) { random in
        Float(random.nextIndex(below: valueCount)) - Float(valueCount / 2)
      }
      let mesh = try field.surface()
      let report = mesh.report()
      #expect(report.isSolid || mesh.faceCount == 0, "seed \(seed): \(report.remarks)")
      #expect(report.degenerateFaceCount == 0 && mesh.pinchedVertexCount == 0, "seed \(seed)")
      let below = try field.surface(level: -1e-7)
      #expect(report.eulerCharacteristic == below.eulerCharacteristic, "seed \(seed)")
    }
  }
}
