import Compute
import Meshes
import Networks

/// The surface of a solid that a network describes, by marching cubes: for any activation.
public struct NetworkSurface: Sendable {
  public let network: Network
  public let field: ShapeField
  /// Of several outputs, the one that is the field.
  public let output: Int
  private let workers: Workers

  public init(
    _ network: Network, _ field: ShapeField, output: Int = 0, workers: Workers = Workers()
  ) {
    precondition(network.inputs == 3 && output < network.outputs)
    self.network = network
    self.field = field
    self.output = output
    self.workers = workers
  }

  /// A grid of cubes on the field's box, `resolution` cells along its longest side.
  public func grid(resolution: Int) -> SampleGrid {
    let size = field.box.size
    let cells = size / size.max() * Double(resolution)
    func count(_ cells: Double) -> Int { max(Int(cells.rounded()), 1) + 1 }
    return SampleGrid(
      counts: SIMD3(count(cells.x), count(cells.y), count(cells.z)), box: field.box)
  }

  /// Planes of a grid that are evaluated at once: some millions of values, but no more than 16.
  public static func planesAtOnce(_ grid: SampleGrid) -> Int {
    min(max((1 << 22) / grid.planeCount, 1), 16)
  }

  /// Extracts the surface.
  ///
  /// - Parameters:
  ///   - blockSize: cells along the sides of the blocks that are evaluated at once; by default ``planesAtOnce(_:)``.
  ///   - side: the side on which the field is known to be in a box, so that it is not evaluated there;
  ///     nil where it is not known.
  ///   - progress: gets the share of the planes that is done.
  /// - Returns: the surface in the shape's own coordinates, without faces where the field does not
  ///   reach the level, and the least and largest value found.
  public func surface(
    on grid: SampleGrid, rim: MarchingCubes.Rim = .open, blockSize: Int? = nil,
    side: @Sendable (_ block: Box) -> MarchingCubes.Side? = { _ in nil },
    progress: ((_ share: Double) -> Void)? = nil
  ) throws -> (mesh: Mesh, range: ClosedRange<Float>?) {
    let evaluator = FieldEvaluator(network, workers: workers)
    let march = MarchingCubes(level: field.level, inside: field.inside, rim: rim)
    let outputs = network.outputs
    let found = try march.surface(
      on: grid, blockSize: blockSize ?? Self.planesAtOnce(grid), workers: workers, side: side
    ) { samples in
      let values = evaluator.values(at: RunPoints(samples))
      if let plane = samples.runs.last?.z {
        progress?(Double(plane + 1) / Double(grid.counts.z))
      }
      guard outputs > 1 else { return values }
      return stride(from: output, to: values.count, by: outputs).map { values[$0] }
    }
    return (found.mesh.transformed(by: field.transformation.inverse), found.range)
  }
}

extension NetworkSurface {
  /// Extracts the surface, and computes the field only near it.
  ///
  /// What there is of the surface is found at every `step`th sample along each axis, and followed
  /// from there (`BlockSearch`). Parts of it that touch no other part and lie between these samples
  /// are missed; what is found is the same as ``surface(on:rim:blockSize:side:progress:)`` finds.
  public func sparseSurface(
    on grid: SampleGrid, rim: MarchingCubes.Rim = .open, step: Int = 8,
    progress: ((_ share: Double) -> Void)? = nil
  ) throws -> (mesh: Mesh, range: ClosedRange<Float>?) {
    let evaluator = FieldEvaluator(network, workers: workers)
    let search = try BlockSearch(grid, size: step, level: field.level) { positions in
      self.values(at: positions, evaluator)
    }
    do {
      let found = try surface(
        on: grid, rim: rim, blockSize: step, side: { search.side(of: $0) }, progress: progress)
      return (found.mesh, found.range.joined(with: search.range))
    } catch MarchingCubesError.infinite {
      // A value that differs in its last bits from one call to the next may be on both sides.
      return try surface(on: grid, rim: rim, progress: progress)
    }
  }

  private func values(at positions: [SIMD3<Double>], _ evaluator: FieldEvaluator) -> [Float] {
    var points = Matrix(rows: positions.count, columns: 3)
    for (i, position) in positions.enumerated() {
      for axis in 0..<3 { points.elements[3 * i + axis] = Float(position[axis]) }
    }
    let values = evaluator.values(at: points)
    guard network.outputs > 1 else { return values }
    return stride(from: output, to: values.count, by: network.outputs).map { values[$0] }
  }
}

/// Samples of a grid as points of a network.
private struct RunPoints: CoordinateSource {
  let samples: SampleRuns
  var count: Int { samples.count }
  let dimensions = 3

  init(_ samples: SampleRuns) { self.samples = samples }

  func copy(_ rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int) {
    guard let first = rows.first else { return }
    var x = [Float](repeating: 0, count: 3 * rows.count)
    // The evaluator asks for consecutive samples.
    samples.forEachPosition(in: Int(first)..<Int(first) + rows.count) { number, position in
      let i = number - Int(first)
      x[3 * i] = Float(position.x)
      x[3 * i + 1] = Float(position.y)
      x[3 * i + 2] = Float(position.z)
    }
    for i in 0..<rows.count {
      target[i] = x[3 * i]
      target[stride + i] = x[3 * i + 1]
      target[2 * stride + i] = x[3 * i + 2]
    }
  }
}
