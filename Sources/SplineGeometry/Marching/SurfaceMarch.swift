import Compute
import Synchronization

/// Follows a zero set from cell to cell.
///
/// In each cell the zero set is a polygon (``LevelPolygon``). Across an edge of it lies the cell in
/// which the neuron that vanishes along the edge has the other sign.
///
/// Cells in which the first layers have the same signs make a block (``MarchBlocks``). The march goes
/// on in rounds: in each, the zero set is followed inside the blocks, every group of blocks by itself;
/// the cells behind their borders are the beginnings of the next round. So no cell is visited twice,
/// and the result does not depend on the workers.
///
/// This finds all of each component that it starts on. It needs a zero set in general position:
/// where it cannot tell the cell behind an edge it gives up (``Failure``).
struct SurfaceMarch {
  private let spline: SplineNetwork
  private let domain: SplineDomain
  private let scales: [Double]
  private let workers: Workers
  /// The polygons, in the order in which they were found.
  private(set) var parts: [LevelPolygons] = []

  /// Why a zero set cannot be followed.
  enum Failure: Error {
    /// Neurons with different hyperplanes vanish along one edge, or a neuron on a whole cell.
    case degenerateEdge
    /// The zero set does not go on behind an edge, or is not a surface.
    case degenerateCell
  }

  /// - Parameters:
  ///   - spline: with one output.
  ///   - scales: of its layers on the domain.
  init(_ spline: SplineNetwork, in domain: SplineDomain, scales: [Double], workers: Workers) {
    (self.spline, self.domain) = (spline, domain)
    (self.scales, self.workers) = (scales, workers)
  }

  mutating func run(from seeds: MarchItems) throws(Failure) {
    let blocks = MarchBlocks(spline, telling: seeds)
    let steps = WorkerStates(workers) { [spline, domain, scales] in
      MarchStep(PatternForms(spline, domain, scales: scales), blocks)
    }
    let groups = (0..<MarchBlocks.groupCount).map { _ in VisitedCells() }
    var found = [MarchFinds(border: blocks.dealtOut(seeds))]
    while found.contains(where: { $0.border.count > 0 }) {
      let arrivals = MarchArrivals(found)
      found = steps.map(groups.count) { [found] step, group in
        groups[group].hashes.withLock {
          step.visit(arrivals.places(of: group), in: found, visited: &$0)
        }
      }
      for part in found {
        if let failure = part.failure { throw failure }
        if !part.polygons.ends.isEmpty { parts.append(part.polygons) }
      }
    }
  }
}

/// Which cells of a group of blocks have been visited; no two workers look at the same group.
private final class VisitedCells: Sendable {
  let hashes = Mutex(WordTable())
}

/// What comes of some cells.
struct MarchFinds: Sendable {
  var polygons = LevelPolygons()
  /// Cells behind the borders of their blocks.
  var border: MarchItems
  var failure: SurfaceMarch.Failure?

  init(border: MarchItems) { self.border = border }
}

/// Which of the cells found in a round belong to which group.
struct MarchArrivals: Sendable {
  struct Place: Sendable {
    let part: Int32
    let item: Int32
  }

  private let starts: [Int]
  private let places: [Place]

  init(_ found: [MarchFinds]) {
    var starts = [Int](repeating: 0, count: MarchBlocks.groupCount + 2)
    for item in found.lazy.flatMap(\.border.items) { starts[item.group + 2] += 1 }
    for group in starts.indices.dropFirst() { starts[group] += starts[group - 1] }
    var places = [Place](repeating: Place(part: 0, item: 0), count: starts[starts.count - 1])
    // After this the starts have moved to the places of the groups before.
    for (part, finds) in found.enumerated() {
      for (number, item) in finds.border.items.enumerated() {
        places[starts[item.group + 1]] = Place(part: Int32(part), item: Int32(number))
        starts[item.group + 1] += 1
      }
    }
    self.starts = starts
    self.places = places
  }

  func places(of group: Int) -> ArraySlice<Place> { places[starts[group]..<starts[group + 1]] }
}
