import Compute

/// A cell that the zero set runs through, and where.
struct MarchItem: Sendable {
  let pattern: ActivationPattern
  /// Of the neurons that are on: what makes the cell the same one.
  let hash: SIMD2<UInt64>
  /// A point of the zero set in the cell or on its boundary.
  let point: SIMD3<Double>
  /// About how large the polygon there is.
  let radius: Double
}

/// Follows a zero set from cell to cell.
///
/// In each cell the zero set is a polygon (``LevelPolygon``). Across an edge of it lies the cell in
/// which the neuron that vanishes along the edge has the other sign. The cells are taken in rounds:
/// each cell of a round is looked at by itself, so the result does not depend on the workers.
///
/// This finds all of each component that it starts on. It needs a zero set in general position:
/// where it cannot tell the cell behind an edge it gives up (``Failure``).
struct SurfaceMarch {
  private let steps: WorkerStates<MarchStep>
  private var visited = WordTable()
  /// The polygons, in the order in which they were found.
  private(set) var parts: [LevelPolygons] = []

  /// Why a zero set cannot be followed.
  enum Failure: Error {
    /// Neurons with different hyperplanes vanish along one edge, or a neuron on a whole cell.
    case degenerateEdge
    /// The zero set does not go on behind an edge, or is not a surface.
    case degenerateCell
  }

  /// - Parameter spline: with one output.
  init(_ spline: SplineNetwork, in domain: SplineDomain, workers: Workers) {
    steps = WorkerStates(workers) { MarchStep(forms: PatternForms(spline, domain)) }
  }

  private func look(at items: [MarchItem], known: WordTable) -> [MarchFinds] {
    let size = 256
    return steps.map((items.count + size - 1) / size) { step, k in
      step.visit(items[k * size..<min((k + 1) * size, items.count)], known: known)
    }
  }

  mutating func run(from seeds: [MarchItem]) throws(Failure) {
    var items: [MarchItem] = []
    for seed in seeds where visited.insert(seed.hash) { items.append(seed) }
    while !items.isEmpty {
      let found = look(at: items, known: visited)
      items.removeAll(keepingCapacity: true)
      for part in found {
        if let failure = part.failure { throw failure }
        parts.append(part.polygons)
        for item in part.neighbors where visited.insert(item.hash) { items.append(item) }
      }
    }
  }
}

/// What comes of some cells.
private struct MarchFinds: Sendable {
  var polygons = LevelPolygons()
  var neighbors: [MarchItem] = []
  var failure: SurfaceMarch.Failure?
}

/// What a worker does of a round.
private struct MarchStep: Sendable {
  private var forms: PatternForms
  private var polygon = LevelPolygon()
  private var vertices: [PatternForms.Vertex] = []
  private var finds = MarchFinds()

  init(forms: PatternForms) { self.forms = forms }

  mutating func visit(_ items: ArraySlice<MarchItem>, known: borrowing WordTable) -> MarchFinds {
    finds = MarchFinds()
    finds.polygons.reserve(items.count)
    finds.neighbors.reserveCapacity(2 * items.count)
    // Cells that differ in late layers alone follow each other, so that little is composed anew.
    for item in items.sorted(by: { $0.pattern.precedes($1.pattern) }) { visit(item, known: known) }
    defer { finds = MarchFinds() }
    return finds
  }

  private mutating func visit(_ item: MarchItem, known: borrowing WordTable) {
    forms.set(item.pattern)
    guard !forms.isFlat, polygon.find(in: forms, near: item.point, guess: item.radius) else {
      finds.failure = .degenerateCell
      return
    }
    forms.findIdentities(of: polygon.corners, among: polygon.nearChunks, &vertices)
    let count = polygon.corners.count
    for k in 0..<count {
      finds.polygons.append(
        LevelCorner(identity: vertices[k].identity, position: polygon.corners[k]))
    }
    finds.polygons.endPolygon()
    for k in 0..<count {
      let next = k + 1 < count ? k + 1 : 0
      if vertices[k].identity != vertices[next].identity { cross(k, next, known: known) }
    }
  }

  /// Goes to the cell behind an edge.
  private mutating func cross(_ a: Int, _ b: Int, known: borrowing WordTable) {
    var hash = forms.hash
    var first: AffineForm?
    for neuron in vertices[a].zeros where vertices[b].zeros.contains(neuron) {
      // An edge on the side of the domain.
      guard neuron < forms.network.neuronCount else { return }
      let place = forms.place(ofNeuron: neuron)
      let form = forms.hidden.forms[place.chunk].form(place.lane)
      // What counts as 0 is then rounding alone, and no distance.
      let isConstant =
        form.slope * forms.domain.tolerance < 0.001
        * forms.hidden.tolerances[place.chunk][place.lane]
      guard !isConstant, first.map({ isParallel(form, $0) }) ?? true else {
        finds.failure = .degenerateEdge
        return
      }
      first = first ?? form
      hash ^= forms.words.active[neuron]
    }
    guard first != nil else {
      finds.failure = .degenerateEdge
      return
    }
    guard !known.contains(hash) else { return }
    var pattern = forms.pattern
    for neuron in vertices[a].zeros where vertices[b].zeros.contains(neuron) {
      pattern.flip(neuron)
    }
    finds.neighbors.append(
      MarchItem(
        pattern: pattern, hash: hash, point: (polygon.corners[a] + polygon.corners[b]) / 2,
        radius: 0.25 * polygon.radius))
  }

  /// Whether two forms that vanish along one line vanish on one plane.
  private func isParallel(_ a: AffineForm, _ b: AffineForm) -> Bool {
    let product = SplineGeometry.cross(SIMD3(a.x, a.y, a.z), SIMD3(b.x, b.y, b.z))
    return length(product) <= 1e-9 * a.slope * b.slope
  }
}
