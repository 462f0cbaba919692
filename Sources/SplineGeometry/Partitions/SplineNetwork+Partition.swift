import Compute
import Synchronization

extension SplineNetwork {
  /// The regions of a polygon on which the network, of two coordinates, is affine.
  ///
  /// - Parameters:
  ///   - maximum: the search ends at so many regions; what was found until then is returned.
  ///   - progress: told how many of the domain's parts are done, one call at a time.
  /// - Returns: the same for any number of workers.
  public func partition(
    of domain: SplineDomain, maximum: Int = .max, workers: Workers = Workers(),
    progress: @Sendable (_ done: Int, _ count: Int) -> Void = { _, _ in }
  ) throws(SplineNetworkError) -> PlanarPartition {
    guard inputs == 2, domain.dimension == 2 else {
      throw .inputCount(found: inputs, expected: 2)
    }
    let network = PackedNetwork(self, on: domain)
    let first = PlanarWalk(network, domain, limit: maximum)
    let items = PlanarFrontier.items(first)
    let walks = WorkerStates(workers) { PlanarWalk(network, domain, limit: maximum) }
    let state = Mutex((done: 0, regions: 0))
    var found = walks.map(items.count) { walk, k -> Found? in
      // Those in front of this one nearly always have enough regions then.
      if state.withLock({ $0.regions >= maximum }) { return nil }
      let found = Self.walk(items[k], &walk)
      state.withLock { state in
        state.done += 1
        state.regions += found.part.regionCount
        progress(state.done, items.count)
      }
      return found
    }
    return join(&found, items, first, maximum: maximum, workers: workers)
  }

  private typealias Found = (part: PartitionPart, unresolvedCutCount: Int)

  private static func walk(_ item: PlanarItem, _ walk: inout PlanarWalk) -> Found {
    var part = PartitionPart(decided: item.decided)
    walk.run(item, visitor: &part)
    return (part, walk.tally.unresolvedCutCount)
  }

  private func join(
    _ found: inout [Found?], _ items: [PlanarItem], _ walk: PlanarWalk, maximum: Int,
    workers: Workers
  ) -> PlanarPartition {
    var whole = PlanarPartition(
      places: walk.places, outputs: outputs,
      domain: walk.domain.cell.positions.map { SIMD2($0.x, $0.y) })
    var parts: [PartitionPart] = []
    var count = 0
    for (k, item) in items.enumerated() {
      guard count < maximum else {
        whole.isComplete = false
        break
      }
      let next: Found
      if let enough = found[k], count + enough.part.regionCount < maximum {
        next = enough
      } else {
        // Too many, or left out because later items were done sooner.
        var rest = PlanarWalk(walk.network, walk.domain, limit: maximum - count)
        next = Self.walk(item, &rest)
        whole.isComplete = !rest.isCut
      }
      count += next.part.regionCount
      parts.append(next.part)
      whole.unresolvedCutCount += next.unresolvedCutCount
    }
    found = []
    whole = PartitionJoin.join(parts, into: whole, workers: workers)
    whole.looseEdgeCount = whole.edges.count { !$0.isOnBoundary && $0.regions.y < 0 }
    return whole
  }
}
