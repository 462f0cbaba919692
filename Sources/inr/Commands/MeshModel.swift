import Compute
import Meshes
import Networks
import ShapeFitting

extension MeshRun {
  /// The surface of a network, in the coordinates of the shape that it was fitted to.
  func surfaceOfModel() throws -> Found {
    let model = try readModel(path, model, telling: console)
    let network = model.network
    guard network.inputs == 3 else {
      throw MeshCommandError.notASolid(path: path, inputs: network.inputs)
    }
    let output = try outputIndex(of: network)
    let field = try field(of: model)
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

  private func outputIndex(of network: Network) throws -> Int {
    if let index = options.output {
      guard index < network.outputs else {
        throw arguments.wrongValue(
          of: MeshOptions.outputIndex,
          expected: "at most \(network.outputs - 1): the network has "
            + counted(network.outputs, "value"))
      }
      return index
    }
    if network.outputs > 1 {
      console.message(
        "\(path) has \(network.outputs) values; the first one is taken for the field (another: "
          + "--output-index K)")
    }
    return 0
  }

  /// What the file says of the field, and the options.
  private func field(of model: Model) throws -> ShapeField {
    let known = try ShapeField(model, path: path)
    var field = known ?? ShapeField()
    if known == nil { tellAssumptions(field) }
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

  private func tellAssumptions(_ field: ShapeField) {
    var assumed: [String] = []
    if options.level == nil { assumed.append("the level \(shortText(field.level)) (--level)") }
    if options.inside == nil { assumed.append("the solid above it (--inside)") }
    if options.bounds == nil { assumed.append("the box from -1 to 1 (--bounds)") }
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
