import Compute
import Foundation
import Meshes

/// The shape of a configuration, read and moved into the network's coordinates.
struct ShapeSource {
  let field: ShapeField
  let mesh: Mesh?
  /// What samples are drawn from.
  let solid: any Solid
  /// What the network is judged by: of a volume its voxels, also where distances are fitted.
  let truth: any Solid

  init(_ configuration: ShapeFitConfiguration, workers: Workers) throws {
    try Self.checkLoss(configuration)
    if ShapeFitConfiguration.isVolume(configuration.shape) {
      self = try Self.volume(configuration, workers)
    } else {
      self = try Self.mesh(try Mesh.read(configuration.shape), configuration, workers)
    }
  }

  private init(field: ShapeField, mesh: Mesh? = nil, solid: any Solid, truth: any Solid) {
    (self.field, self.mesh, self.solid, self.truth) = (field, mesh, solid, truth)
  }

  private static func checkLoss(_ configuration: ShapeFitConfiguration) throws(ShapeFitError) {
    let (loss, target) = (configuration.loss, configuration.target)
    let fitting = ShapeFitConfiguration.losses(of: target)
    guard fitting.contains(loss) else {
      throw .lossOfTarget(
        loss: loss.rawValue, target: target.rawValue,
        expected: fitting.map(\.rawValue).joined(separator: " or "))
    }
  }

  // MARK: Meshes

  private static func mesh(
    _ mesh: Mesh, _ configuration: ShapeFitConfiguration, _ workers: Workers
  ) throws -> ShapeSource {
    guard let bounds = mesh.bounds, bounds.size.max() > 0 else {
      throw ShapeFitError.noExtent(path: configuration.shape)
    }
    let box =
      try configuration.bounds.map { try Self.box($0, around: bounds, configuration.shape) }
      ?? bounds.grown(by: configuration.margin * bounds.size.max())
    let field = field(box, configuration)
    let moved = mesh.transformed(by: field.transformation)
    do {
      let solid = try MeshSolid(
        moved, in: field.box, resolution: configuration.gridResolution,
        spread: configuration.nearSpread(in: field.box), workers: workers)
      return ShapeSource(field: field, mesh: mesh, solid: solid, truth: solid)
    } catch {
      throw ShapeFitError.unusable(path: configuration.shape, reason: "\(error)")
    }
  }

  private static func box(_ numbers: [Double], around bounds: Box, _ path: String)
    throws(ShapeFitError) -> Box
  {
    let box = Box(
      lower: [numbers[0], numbers[2], numbers[4]], upper: [numbers[1], numbers[3], numbers[5]])
    guard numbers.allSatisfy(\.isFinite), box.size.min() > 0, box.size.max().isFinite else {
      throw .emptyBounds(numbers)
    }
    let overlap = pointwiseMin(box.upper, bounds.upper) - pointwiseMax(box.lower, bounds.lower)
    guard overlap.min() >= 0 else {
      let (a, b) = (bounds.lower, bounds.upper)
      throw .outside(path: path, bounds: numbers, of: [a.x, b.x, a.y, b.y, a.z, b.z])
    }
    return box
  }

  /// The longest side of the box becomes [−1, 1].
  private static func field(_ box: Box, _ configuration: ShapeFitConfiguration) -> ShapeField {
    let transformation = Similarity(centering: box) ?? Similarity()
    return ShapeField(
      target: configuration.target, level: configuration.level,
      box: box.mapped(by: transformation), transformation: transformation)
  }

  // MARK: Volumes

  private static func volume(_ configuration: ShapeFitConfiguration, _ workers: Workers) throws
    -> ShapeSource
  {
    let volume = try VoxelVolume.read(
      configuration.shape, threshold: configuration.threshold, packed: configuration.packed)
    let field = field(volume.box, configuration)
    let voxels = VolumeSolid(volume, field.transformation, workers: workers)
    guard configuration.target == .sdf else {
      return ShapeSource(field: field, solid: voxels, truth: voxels)
    }
    let moved = try volume.surface(workers).transformed(by: field.transformation)
    let solid = try MeshSolid(
      moved, in: field.box, resolution: volume.counts.max(),
      spread: configuration.nearSpread(in: field.box), workers: workers)
    return ShapeSource(field: field, solid: solid, truth: voxels)
  }
}

extension Box {
  func contains(_ point: SIMD3<Double>) -> Bool {
    (point - lower).min() >= 0 && (upper - point).min() >= 0
  }

  func grown(by margin: Double) -> Box { Box(lower: lower - margin, upper: upper + margin) }

  func mapped(by map: Similarity) -> Box {
    Box(lower: map.applied(to: lower), upper: map.applied(to: upper))
  }
}

extension VoxelVolume {
  /// The surface between full and empty voxels, half way between their middles, closed at the sides.
  func surface(_ workers: Workers) throws -> Mesh {
    let last = SIMD3<Double>(counts &- 1)
    // One layer of empty voxels around.
    let grid = SampleGrid(
      counts: counts &+ 2, box: Box(lower: [-1, -1, -1], upper: last + 1))
    return try MarchingCubes(level: 0.5).surface(on: grid, workers: workers) { planes in
      var values: [Float] = []
      values.reserveCapacity(planes.count * grid.planeCount)
      for z in planes {
        for y in 0..<grid.counts.y {
          for x in 0..<grid.counts.x { values.append(isFull(x - 1, y - 1, z - 1) ? 1 : 0) }
        }
      }
      return values
    }.mesh
  }

  private func isFull(_ x: Int, _ y: Int, _ z: Int) -> Bool {
    guard x >= 0, y >= 0, z >= 0, x < counts.x, y < counts.y, z < counts.z else { return false }
    return self[x, y, z]
  }
}
