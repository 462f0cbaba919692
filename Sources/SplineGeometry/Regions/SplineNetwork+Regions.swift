import Compute
import Synchronization

extension SplineNetwork {
  /// The regions of a domain on which the network is affine, in an order that depends on the
  /// network and the domain alone.
  public func regions(
    in domain: SplineDomain, workers: Workers = Workers()
  ) throws(SplineNetworkError) -> [LinearRegion] {
    try mapRegions(in: domain, workers: workers) { $0 }
  }

  /// What `transform` makes of the regions, in their order; the regions themselves are not kept.
  public func mapRegions<Result: Sendable>(
    in domain: SplineDomain, workers: Workers = Workers(),
    _ transform: @escaping @Sendable (LinearRegion) -> Result?
  ) throws(SplineNetworkError) -> [Result] {
    let parts = try walk(domain, purpose: .allCells, workers: workers) {
      RegionVisitor(transform: transform)
    }
    return parts.flatMap { $0.visitor.results }
  }

  /// How many regions there are, and what they measure together; keeps none.
  public func regionSummary(
    in domain: SplineDomain, workers: Workers = Workers()
  ) throws(SplineNetworkError) -> RegionSummary {
    let parts = try walk(domain, purpose: .allCells, workers: workers) { SummaryVisitor() }
    return parts.reduce(into: RegionSummary()) { sum, part in
      sum.regionCount += part.visitor.summary.regionCount
      sum.vertexCount += part.visitor.summary.vertexCount
      sum.unresolvedCutCount += part.tally.unresolvedCutCount
    }
  }

  /// Visits the cells of the domain's coarse parts, one visitor a part; results in their order.
  ///
  /// - Parameter progress: told how many of the parts are done, one call at a time.
  func walk<Visitor: LeafVisitor & Sendable>(
    _ domain: SplineDomain, purpose: CellWalk.Purpose, workers: Workers,
    progress: @Sendable (_ done: Int, _ count: Int) -> Void = { _, _ in },
    _ makeVisitor: @Sendable () -> Visitor
  ) throws(SplineNetworkError) -> [(visitor: Visitor, tally: WalkTally)] {
    guard inputs == domain.dimension else {
      throw .inputCount(found: inputs, expected: domain.dimension)
    }
    let items = Frontier.items(PackedNetwork(self, on: domain), domain)
    let walks = WorkerStates(workers) { CellWalk(self, domain, purpose: purpose) }
    let done = Mutex(0)
    return walks.map(items.count) { walk, k in
      var visitor = makeVisitor()
      walk.run(items[k], visitor: &visitor)
      done.withLock { done in
        done += 1
        progress(done, items.count)
      }
      return (visitor, walk.tally)
    }
  }
}

/// Numbers about all regions of a domain.
public struct RegionSummary: Sendable, Equatable {
  public internal(set) var regionCount = 0
  /// The sum of the regions' vertices.
  public internal(set) var vertexCount = 0
  /// Cuts left out in cells thinner than the tolerance; 0 unless neurons nearly coincide.
  public internal(set) var unresolvedCutCount = 0
}

private struct RegionVisitor<Result: Sendable>: LeafVisitor, Sendable {
  let transform: @Sendable (LinearRegion) -> Result?
  var results: [Result] = []

  mutating func visit(_ cell: CellStack.Cell, in walk: inout CellWalk) {
    let convex = walk.stack.convexCell(cell)
    let region = LinearRegion(
      dimension: walk.domain.dimension, pattern: walk.pattern, map: walk.affineMap,
      vertices: convex.positions, identities: convex.positions.map { walk.identity(of: $0) },
      facets: convex.facets)
    if let result = transform(region) { results.append(result) }
  }
}

private struct SummaryVisitor: LeafVisitor, Sendable {
  var summary = RegionSummary()

  mutating func visit(_ cell: CellStack.Cell, in walk: inout CellWalk) {
    summary.regionCount += 1
    summary.vertexCount += cell.vertices.count
  }
}
