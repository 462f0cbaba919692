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
  private let start: PatternForms
  private let workers: Workers
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

  init(_ start: PatternForms, workers: Workers) {
    self.start = start
    self.workers = workers
  }

  mutating func run(from seeds: [MarchItem]) throws(Failure) {
    var items: [MarchItem] = []
    for seed in seeds where visited.insert(seed.hash) { items.append(seed) }
    while !items.isEmpty {
      let size = 64
      let (round, forms, known) = (items, start, visited)
      let found = workers.map((items.count + size - 1) / size) { _, k in
        var step = MarchStep(forms: forms)
        for item in round[k * size..<min((k + 1) * size, round.count)] {
          step.visit(item, known: known)
        }
        return step
      }
      items.removeAll(keepingCapacity: true)
      for step in found {
        if let failure = step.failure { throw failure }
        parts.append(step.polygons)
        for item in step.neighbors where visited.insert(item.hash) { items.append(item) }
      }
    }
  }
}

/// What one worker does of a round.
private struct MarchStep: Sendable {
  private var forms: PatternForms
  private var polygon = LevelPolygon()
  private var vertices: [PatternForms.Vertex] = []
  private(set) var polygons = LevelPolygons()
  private(set) var neighbors: [MarchItem] = []
  private(set) var failure: SurfaceMarch.Failure?

  init(forms: PatternForms) { self.forms = forms }

  mutating func visit(_ item: MarchItem, known: borrowing WordTable) {
    forms.set(item.pattern)
    guard !forms.isFlat, polygon.find(in: forms, near: item.point, guess: item.radius) else {
      failure = .degenerateCell
      return
    }
    forms.findIdentities(of: polygon.corners, among: polygon.nearChunks, &vertices)
    let count = polygon.corners.count
    for k in 0..<count {
      polygons.append(
        LevelCorner(identity: vertices[k].identity, position: polygon.corners[k]))
    }
    polygons.endPolygon()
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
      let isConstant =
        form.slope * forms.domain.tolerance < 0.001
        * forms.hidden.tolerances[place.chunk][place.lane]
      guard !isConstant, first.map({ isParallel(form, $0) }) ?? true else {
        failure = .degenerateEdge
        return
      }
      first = first ?? form
      hash ^= forms.words.active[neuron]
    }
    guard first != nil else {
      failure = .degenerateEdge
      return
    }
    guard !known.contains(hash) else { return }
    var pattern = forms.pattern
    for neuron in vertices[a].zeros where vertices[b].zeros.contains(neuron) {
      pattern.flip(neuron)
    }
    neighbors.append(
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
