import Compute
import Meshes
import Networks
import ShapeFitting
import SplineGeometry

extension MeshRun {
  /// Reads the model, and takes its surface as the options or the network say.
  func takeSurfaceOfModel(to output: MeshOutput) throws {
    let file = try SplineModel.read(path, model, telling: console)
    guard file.inputs == 3 else {
      throw MeshCommandError.notASolid(path: path, inputs: file.inputs)
    }
    let spline = try spline(of: file)
    let choice = try OutputChoice.read(
      arguments, outputs: file.outputs, path: path, telling: console)
    let field = try field(of: file)
    if let spline { return try takeExactSurface(of: spline, choice, field, to: output) }
    try MeshOptions.refuseOptionsOfExactSurfaces(arguments)
    try arguments.refuse(
      [ModelOptions.latentCode],
      because: "marching cubes takes networks of three inputs as they are")
    guard let network = file.model?.network, network.inputs == 3 else {
      throw MeshCommandError.onlyExact(path: path)
    }
    guard case .component(let index) = choice else {
      throw arguments.error(
        .notApplicable(
          option: "--output-index",
          reason: "marching cubes takes a single value; differences are for exact surfaces"))
    }
    try write(try sampledSurface(of: network, field, output: index), to: output)
  }

  /// The network for the exact method; nil where marching cubes is to be taken.
  private func spline(of file: SplineModel) throws -> SplineNetwork? {
    guard options.method != .marchingCubes else { return nil }
    switch file.spline {
    case .success(let network): return network
    case .failure(let error):
      guard error.isOfOtherMethod else { throw MeshCommandError.noSpline(path: path, error) }
      guard options.method == nil else { throw MeshCommandError.notExact(path: path, error) }
      console.message(
        "\(path): \(error.reason): taken by marching cubes, \(options.resolution) cells along the "
          + "longest side (--resolution)")
      return nil
    }
  }

  /// The surface by marching cubes, in the coordinates of the shape that the network was fitted to.
  private func sampledSurface(
    of network: Network, _ field: ShapeField, output: Int
  ) throws -> Found {
    let surface = NetworkSurface(network, field, output: output, workers: workers)
    let grid = surface.grid(resolution: options.resolution)
    let planes = grid.counts.z
    // A few planes at a time, so that memory does not grow with the third power.
    let blockSize = options.isSparse ? 8 : NetworkSurface.planesAtOnce(grid)
    try checkMemory(grid, network, blockSize: blockSize)
    let found = try extracting { progress in
      let report: (Double) -> Void = { progress(Int(($0 * Double(planes)).rounded()), planes) }
      return options.isSparse
        ? try surface.sparseSurface(
          on: grid, rim: options.rim, step: blockSize, progress: report)
        : try surface.surface(
          on: grid, rim: options.rim, blockSize: blockSize, progress: report)
    }
    return Found(
      mesh: found.mesh, range: found.range, grid: grid, level: field.level, inside: field.inside,
      note: options.isSparse
        ? "looked for the surface at every 8th sample (--sparse): parts between them that touch no "
          + "other part are missed" : nil)
  }

  /// What the file says of the field, and the options.
  private func field(of file: SplineModel) throws -> ShapeField {
    let known = try file.model.flatMap { try ShapeField($0, path: path) }
    var field = known ?? ShapeField()
    if known == nil {
      let box = file.declaredBox(inputs: 3)
      if let box {
        field.box = Box(
          lower: SIMD3(box[0].lowerBound, box[1].lowerBound, box[2].lowerBound),
          upper: SIMD3(box[0].upperBound, box[1].upperBound, box[2].upperBound))
      }
      tellAssumptions(field, hasBox: box != nil || options.bounds != nil)
    }
    if let level = options.level { field.level = level }
    if let inside = options.inside { field.target = inside == .above ? .occupancy : .sdf }
    if let box = options.bounds {
      field.box = Box(
        lower: field.transformation.applied(to: box.lower),
        upper: field.transformation.applied(to: box.upper))
      guard field.box.size.min() > 0, field.box.size.max().isFinite else {
        throw arguments.wrongValue(
          of: MeshOptions.boundsOption, expected: "a box that the network's coordinates can tell")
      }
    }
    return field
  }

  private func tellAssumptions(_ field: ShapeField, hasBox: Bool) {
    var assumed: [String] = []
    if options.level == nil { assumed.append("the level \(shortText(field.level)) (--level)") }
    if options.inside == nil { assumed.append("the solid above it (--inside)") }
    if !hasBox { assumed.append("the box from -1 to 1 (--bounds)") }
    guard !assumed.isEmpty else { return }
    console.message(
      "\(path) does not say what its values mean; assumed: \(assumed.joined(separator: ", "))")
  }

  private func checkMemory(_ grid: SampleGrid, _ network: Network, blockSize: Int) throws {
    let counts = grid.counts
    // Of the planes computed at once: values of all outputs, twice, and in their place; crossings of
    // two planes; and the states of all blocks of a sparse search.
    let planes = grid.planeCount * ((blockSize + 1) * (8 * network.outputs + 8) + 24)
    let blocks =
      options.isSparse ? 10 * (counts.x / 8 + 2) * (counts.y / 8 + 2) * (counts.z / 8 + 2) : 0
    try checkMemory(
      "\(counts.x) x \(counts.y) x \(counts.z) samples", needed: planes + blocks,
      advice: "take a lower --resolution, or look at parts with --bounds")
    guard grid.planeCount * blockSize <= Int(Int32.max) else {
      throw arguments.wrongValue(
        of: MeshOptions.resolutionOption, expected: "fewer cells with --sparse")
    }
  }
}

extension SplineNetworkError {
  /// Whether the network has a surface, but none of flat faces.
  fileprivate var isOfOtherMethod: Bool {
    switch self {
    case .notPiecewiseAffine, .encoding: true
    default: false
    }
  }

  /// Why the faces are not flat.
  fileprivate var reason: String {
    switch self {
    case .notPiecewiseAffine(let layer, let activation):
      "layer \(layer) has the activation \(activation), so the surface has no flat faces"
    case .encoding(let name):
      "the network stands behind a \(name) encoding, so the surface has no flat faces"
    default: description
    }
  }
}
