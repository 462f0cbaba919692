/// What a worker does of a round of the march: follows the zero set through some blocks.
struct MarchStep: Sendable {
  private let blocks: MarchBlocks
  private var forms: PatternForms
  private var polygon = LevelPolygon()
  private var finds: MarchFinds
  /// All cells that this visit has found in its blocks.
  private var items: MarchItems
  /// Those still to be visited, by the first layer in which they differ from where they were found.
  private var pending: [[Int]]
  /// The neurons that vanish along the edge that is crossed.
  private var flips: [Int] = []

  init(_ forms: PatternForms, _ blocks: MarchBlocks) {
    self.forms = forms
    self.blocks = blocks
    items = MarchItems(neuronCount: blocks.neuronCount)
    finds = MarchFinds(border: items)
    pending = Array(repeating: [], count: forms.network.hiddenCount)
  }

  /// - Parameters:
  ///   - places: of cells to begin with, in what the round before has `found`.
  ///   - visited: the cells of these blocks that have been visited.
  mutating func visit(
    _ places: ArraySlice<MarchArrivals.Place>, in found: [MarchFinds], visited: inout WordTable
  ) -> MarchFinds {
    items.removeAll()
    for place in places {
      let item = found[Int(place.part)].border.items[Int(place.item)]
      guard visited.insert(item.hash) else { continue }
      let start = Int(place.item) * items.wordCount
      items.append(item, found[Int(place.part)].border.words, from: start)
    }
    // Beginnings in the same block follow each other.
    for first in (0..<items.count).sorted(by: { items.precedes($0, $1) }) {
      visit(first, &visited)
      // The later the layer, the less is composed anew.
      while let layer = pending.lastIndex(where: { !$0.isEmpty }) {
        let next = pending[layer].removeLast()
        visit(next, &visited)
      }
    }
    defer { finds = MarchFinds(border: MarchItems(neuronCount: blocks.neuronCount)) }
    return finds
  }

  private mutating func visit(_ number: Int, _ visited: inout WordTable) {
    let item = items.items[number]
    forms.set(items.words, from: number * items.wordCount)
    guard !forms.isFlat, polygon.find(in: forms, near: item.point, guess: item.radius) else {
      finds.failure = .degenerateCell
      return
    }
    for k in 0..<polygon.count {
      finds.polygons.append(
        LevelCorner(
          identity: VertexIdentity(polygon.identities[k]), position: polygon.corners[k]))
    }
    finds.polygons.endPolygon()
    for k in 0..<polygon.count {
      let next = k + 1 < polygon.count ? k + 1 : 0
      if polygon.identities[k] != polygon.identities[next] {
        cross(edge: k, next, block: item.block, &visited)
      }
    }
  }

  /// Goes to the cell behind the edge from a corner to the next.
  private mutating func cross(
    edge k: Int, _ next: Int, block: UInt64, _ visited: inout WordTable
  ) {
    let edge = polygon.edges[k]
    flips.removeAll(keepingCapacity: true)
    if edge.lineCount == 1 {
      let line = polygon.lines[edge.line]
      if !line.isConstant { flips.append(forms.number(atChunk: line.chunk, lane: line.lane)) }
    } else if edge.lineCount > 1 {
      findTwins(alongEdge: k)
    }
    guard let neuron = flips.min() else {
      finds.failure = .degenerateEdge
      return
    }
    // The side of the domain.
    guard flips.allSatisfy({ $0 < blocks.neuronCount }) else { return }
    let hash = flips.reduce(forms.hash) { $0 ^ forms.words.active[$1] }
    let item = MarchItems.Item(
      hash: hash, block: flips.reduce(block) { blocks.block($0, behind: $1) },
      point: (polygon.corners[k] + polygon.corners[next]) / 2, radius: polygon.radius)
    if neuron < blocks.firstInnerNeuron {
      finds.border.append(item, forms.pattern)
      for neuron in flips { finds.border.flipLast(neuron) }
    } else if visited.insert(hash) {
      pending[forms.network.layer(of: neuron)].append(items.count)
      items.append(item, forms.pattern)
      for neuron in flips { items.flipLast(neuron) }
    }
  }

  /// Finds the neurons, or the side of the domain, that vanish along an edge; none if the neurons do
  /// not vanish on the same plane.
  private mutating func findTwins(alongEdge k: Int) {
    var first: AffineForm?
    var isClear = true
    for line in polygon.lines where polygon.runs(line, alongEdge: k) {
      let number = forms.number(atChunk: line.chunk, lane: line.lane)
      guard number < blocks.neuronCount else {
        flips = [number]
        return
      }
      let form = forms.forms[line.chunk].form(line.lane)
      isClear = isClear && !line.isConstant && first.map { isParallel(form, $0) } ?? true
      first = first ?? form
      flips.append(number)
    }
    if !isClear { flips.removeAll(keepingCapacity: true) }
  }

  /// Whether two forms that vanish along one line vanish on one plane.
  private func isParallel(_ a: AffineForm, _ b: AffineForm) -> Bool {
    let product = SplineGeometry.cross(SIMD3(a.x, a.y, a.z), SIMD3(b.x, b.y, b.z))
    return length(product) <= 1e-9 * a.slope * b.slope
  }
}
