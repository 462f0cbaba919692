import Compute

/// How all parts of a level set are found.
public enum LevelSearch: Sendable, Equatable {
  /// The domain is subdivided into the cells on which the network is affine, but for those that
  /// bounds show to miss the level: no part can be missed.
  case complete
  /// The level set is followed from cell to cell, from wherever it meets an edge of a lattice with so
  /// many cells along each side of the box. This is several times faster; parts that meet no edge of
  /// the lattice are missed. What it finds is as exact.
  ///
  /// Where neurons meet in a way that leaves unclear how the surface goes on, the complete search
  /// takes its place.
  case lattice(Int)
}

/// What a search has found, before it is joined.
struct LevelPieces {
  let polygons: [LevelPolygons]
  let isComplete: Bool
  let visitedCount: Int
  var discardedCount = 0
  var flatCount = 0
  var unresolvedCount = 0
}

extension SplineNetwork {
  /// The zero set of the only output.
  func level(
    in domain: SplineDomain, search: LevelSearch, workers: Workers,
    progress: @Sendable (_ done: Int, _ count: Int) -> Void
  ) throws(SplineNetworkError) -> LevelPieces {
    if case .lattice(let count) = search, domain.dimension == 3,
      let pieces = marchedLevel(in: domain, latticeCount: count, workers: workers)
    {
      return pieces
    }
    return try subdividedLevel(in: domain, workers: workers, progress: progress)
  }

  private func subdividedLevel(
    in domain: SplineDomain, workers: Workers,
    progress: @Sendable (_ done: Int, _ count: Int) -> Void
  ) throws(SplineNetworkError) -> LevelPieces {
    let parts = try walk(domain, purpose: .zeroSet, workers: workers, progress: progress) {
      LevelVisitor()
    }
    let tally = parts.reduce(WalkTally()) { $0 + $1.tally }
    return LevelPieces(
      polygons: parts.map(\.visitor.polygons), isComplete: true, visitedCount: tally.leafCount,
      discardedCount: tally.discardedCount,
      flatCount: parts.reduce(0) { $0 + $1.visitor.flatCellCount },
      unresolvedCount: tally.unresolvedCutCount
        + parts.reduce(0) { $0 + $1.visitor.unresolvedCellCount })
  }

  /// Nil if the level set cannot be followed.
  private func marchedLevel(in domain: SplineDomain, latticeCount count: Int, workers: Workers)
    -> LevelPieces?
  {
    let scales = PackedNetwork.scales(of: self, on: domain)
    let seeds = LatticeSeeds(self, in: domain, scales: scales, count: count, workers: workers)
    var march = SurfaceMarch(self, in: domain, scales: scales, workers: workers)
    do throws(SurfaceMarch.Failure) { try march.run(from: seeds.items()) } catch { return nil }
    return LevelPieces(
      polygons: march.parts, isComplete: false,
      visitedCount: march.parts.reduce(0) { $0 + $1.ends.count })
  }
}
