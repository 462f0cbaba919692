import Compute

/// Where samples are, and which of them are not the field's own.
struct GridFrame: Sendable {
  let grid: SampleGrid
  /// How many samples of padding there are on each side.
  let padding: Int
  let patterns = CellPatterns.shared

  func position(_ place: SIMD3<Double>) -> SIMD3<Double> {
    grid.position(place - Double(padding))
  }

  func isPadding(_ sample: SIMD3<Int>) -> Bool {
    let own = sample &- padding
    return own.min() < 0 || own.x >= grid.counts.x || own.y >= grid.counts.y
      || own.z >= grid.counts.z
  }
}

/// Collects the surface from slabs that follow one another.
struct SurfaceBuilder {
  private let marching: MarchingCubes
  private let workers: Workers
  private let frame: GridFrame
  private let threshold: Float
  private let width: Int
  private let height: Int

  private var positions: [SIMD3<Double>] = []
  private var corners: [Int32] = []
  private var lowest = Float.infinity
  private var highest = -Float.infinity
  /// The last plane so far, whose cells need the next one.
  private var carried: [Float] = []
  private var planeCount = 0

  init(_ marching: MarchingCubes, _ grid: SampleGrid, _ workers: Workers) {
    self.marching = marching
    self.workers = workers
    let padding = marching.rim == .capped ? 1 : 0
    frame = GridFrame(grid: grid, padding: padding)
    (width, height) = (grid.counts.x + 2 * padding, grid.counts.y + 2 * padding)
    // The least number that is not below the level.
    let rounded = Float(marching.level)
    threshold = Double(rounded) < marching.level ? rounded.nextUp : rounded
    if padding > 0 { carried = outsidePlane }
  }

  private var outside: Float { marching.inside == .above ? -.infinity : .infinity }
  private var outsidePlane: [Float] { [Float](repeating: outside, count: width * height) }

  /// Adds the planes that follow those so far.
  mutating func add(_ values: [Float]) throws(MarchingCubesError) {
    let isLast = planeCount + values.count / frame.grid.planeCount == frame.grid.counts.z
    try march(isLast && frame.padding == 0, after: frame.padding == 0 ? values : padded(values))
  }

  mutating func finish() throws(MarchingCubesError) -> Isosurface {
    if frame.padding > 0 { try march(true, after: outsidePlane) }
    let starts = (0...corners.count / 3).map { Int32(3 * $0) }
    return Isosurface(
      mesh: Mesh(positions: positions, corners: corners, faceStarts: starts),
      range: lowest <= highest ? lowest...highest : nil)
  }

  /// Planes with a frame of values outside the solid.
  private func padded(_ values: [Float]) -> [Float] {
    var result: [Float] = []
    let (columns, rows) = (frame.grid.counts.x, frame.grid.counts.y)
    let planes = values.count / (columns * rows)
    result.reserveCapacity(planes * width * height)
    for plane in 0..<planes {
      result.append(contentsOf: repeatElement(outside, count: width))
      for row in plane * rows..<(plane + 1) * rows {
        result.append(outside)
        result.append(contentsOf: values[row * columns..<(row + 1) * columns])
        result.append(outside)
      }
      result.append(contentsOf: repeatElement(outside, count: width))
    }
    return result
  }

  /// Marches through the layers that end at the planes of `values`.
  private mutating func march(_ isLast: Bool, after values: [Float]) throws(MarchingCubesError) {
    let hasCarried = !carried.isEmpty
    let slab = Slab(
      values: hasCarried ? carried + values : values, width: width, height: height,
      planeCount: (carried.count + values.count) / (width * height),
      firstPlane: hasCarried ? max(planeCount - 1, 0) : 0, level: marching.level)
    carried = []
    let (frame, threshold) = (frame, threshold)
    let signs = workers.map(slab.planeCount) { _, plane in
      PlaneSigns(slab, plane: plane, threshold: threshold)
    }
    try note(signs, firstPlane: slab.firstPlane)
    let edges = workers.map(slab.planeCount) { _, plane in
      PlaneEdges(
        signs[plane], next: plane + 1 < slab.planeCount ? signs[plane + 1] : nil,
        width: slab.width, height: slab.height)
    }
    // The last plane's vertices come with the next slab.
    let layers = workers.map(isLast ? slab.planeCount : slab.planeCount - 1) { _, plane in
      var layer = LayerMarch(slab, plane: plane, frame: frame)
      layer.addVertices(edges[plane])
      if plane + 1 < slab.planeCount {
        layer.addTriangles((signs[plane], edges[plane]), (signs[plane + 1], edges[plane + 1]))
      }
      return layer
    }
    reserve(for: layers)
    for layer in layers { try append(layer) }
    planeCount = slab.firstPlane + slab.planeCount
    if !isLast { carried = Array(slab.values.suffix(width * height)) }
  }

  /// Makes room; at least twice what there is, so that many slabs cost no more than few.
  private mutating func reserve(for layers: [LayerMarch]) {
    let vertices = layers.reduce(positions.count) { $0 + $1.positions.count }
    let indices = layers.reduce(corners.count) { $0 + $1.corners.count }
    if vertices > positions.capacity {
      positions.reserveCapacity(max(vertices, 2 * positions.count))
    }
    if indices > corners.capacity { corners.reserveCapacity(max(indices, 2 * corners.count)) }
  }

  private mutating func note(_ signs: [PlaneSigns], firstPlane: Int) throws(MarchingCubesError) {
    for (plane, signs) in signs.enumerated() {
      if let place = signs.notANumber {
        throw .notANumber(
          sample: [place % width, place / width, firstPlane + plane] &- frame.padding)
      }
      lowest = min(lowest, signs.lowest)
      highest = max(highest, signs.highest)
    }
  }

  private mutating func append(_ layer: LayerMarch) throws(MarchingCubesError) {
    if let (sample, value) = layer.infinite {
      throw .infinite(sample: sample &- frame.padding, value: value)
    }
    let end = positions.count + layer.positions.count
    guard end <= Int32.max else { throw .tooLarge(vertices: end) }
    let (base, next) = (Int32(positions.count), Int32(end) - LayerMarch.nextPlane)
    positions.append(contentsOf: layer.positions)
    let start = corners.count
    corners.append(contentsOf: layer.corners)
    let isFlipped = marching.inside == .below
    var target = corners.mutableSpan
    for i in start..<target.count {
      target[i] += target[i] >= LayerMarch.nextPlane ? next : base
    }
    guard isFlipped else { return }
    for i in stride(from: start, to: target.count, by: 3) { target.swapAt(i + 1, i + 2) }
  }
}
