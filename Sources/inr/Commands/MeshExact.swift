import Compute
import Foundation
import Meshes
import ShapeFitting
import SplineGeometry
import Synchronization

/// What there is to say about an exact level set beyond its counts.
struct ExactFigures: Encodable {
  /// The largest |f − level|.
  let deviationAtVertices: Double
  let deviationAtEdgeMidpoints: Double
  /// Nil of a contour.
  let deviationAtFaceCentroids: Double?
  /// Whether it is proved that no part was missed.
  let complete: Bool
  let visitedRegions: Int
  let discardedCells: Int
  let flatRegions: Int
  let collapsedFaces: Int
  let unresolvedCells: Int
  let looseEnds: Int

  init(_ deviation: LevelDeviation, _ report: LevelReport, ofSurface: Bool) {
    deviationAtVertices = deviation.atVertices
    deviationAtEdgeMidpoints = deviation.atEdgeMidpoints
    deviationAtFaceCentroids = ofSurface ? deviation.atFaceCentroids : nil
    complete = report.isComplete
    visitedRegions = report.visitedCellCount
    discardedCells = report.discardedCellCount
    flatRegions = report.flatCellCount
    collapsedFaces = report.collapsedFaceCount
    unresolvedCells = report.unresolvedCellCount
    looseEnds = report.looseEndCount
  }

  var largestDeviation: Double {
    max(deviationAtVertices, deviationAtEdgeMidpoints, deviationAtFaceCentroids ?? 0)
  }

  /// What is odd about the level set, a sentence each.
  var warnings: [String] {
    var warnings: [String] = []
    if flatRegions > 0 {
      warnings.append(
        "the field has the level throughout \(counted(flatRegions, "region")); the boundary of what is "
          + "above it is taken")
    }
    if unresolvedCells > 0 {
      warnings.append(
        "\(counted(unresolvedCells, "cell")) thinner than 1e-13 of the box could not be cut: neurons "
          + "nearly coincide, and there may be gaps as wide as that")
    }
    if looseEnds > 0 {
      warnings.append(
        "the level set ends at \(counted(looseEnds, "place")) inside the box: neurons pass so near to a "
          + "vertex that it is not clear whether they meet it, and there are gaps about 1e-13 of the box "
          + "wide")
    }
    return warnings
  }
}

extension MeshRun {
  struct ExactRecord: Encodable {
    let output: String
    let method: String
    let level: Double
    let inside: String
    let outputIndex: String
    /// Lower corner, upper corner, in the mesh's coordinates.
    let box: [Double]
    /// Until the surface was there; and until it was checked and written.
    let extractionSeconds: Double
    let seconds: Double
    let mesh: MeshFigures
    /// Faces on the sides of the box; they stand behind the others.
    let capFaces: Int
    let closedParts: Int
    /// Of the closed parts that no vertex pinches, the largest part first.
    let genera: [Int]
    /// In degrees.
    let smallestAngle: Double?
    let exact: ExactFigures
  }

  /// Finds the surface, checks it, and writes it in the coordinates of the shape that the network was
  /// fitted to.
  func takeExactSurface(
    of spline: SplineNetwork, _ choice: ScalarOutput, _ field: ShapeField, to output: MeshOutput
  ) throws {
    let progress = SearchProgress(console)
    let surface = try naming(path) { () throws(SplineNetworkError) in
      try spline.levelSurface(
        of: choice, level: field.level, in: field.box, inside: field.inside, rim: options.rim,
        search: options.search, workers: workers, progress: { progress.show($0, of: $1) })
    }
    progress.finish()
    let extracted = ContinuousClock.now - output.start
    guard surface.mesh.faceCount > 0 else {
      throw try levelNotReached(surface.report, by: spline, choice, field)
    }
    let deviation = try naming(path) { () throws(SplineNetworkError) in
      try spline.deviation(of: surface, from: field.level, output: choice, workers: workers)
    }
    let back = field.transformation.inverse
    var mesh = surface.mesh.transformed(by: back)
    var capFaces = surface.capFaceCount
    if options.isTriangulated {
      capFaces = mesh.triangleCount - surface.levelMesh.triangleCount
      mesh = Mesh(positions: mesh.positions, triangles: mesh.triangles)
    }
    try mesh.write(to: output.path, as: output.format)
    let figures = MeshFigures(mesh)
    let parts = mesh.parts
    let (lower, upper) = (back.applied(to: field.box.lower), back.applied(to: field.box.upper))
    let record = ExactRecord(
      output: output.path, method: MeshOptions.Method.exact.rawValue, level: field.level,
      inside: field.inside == .above ? "above" : "below", outputIndex: choice.text,
      box: [lower.x, lower.y, lower.z, upper.x, upper.y, upper.z],
      extractionSeconds: extracted / .seconds(1),
      seconds: (ContinuousClock.now - output.start) / .seconds(1), mesh: figures,
      capFaces: capFaces,
      closedParts: parts.count(where: \.isClosed),
      genera: parts.sorted { $0.faceCount > $1.faceCount }.compactMap(\.genus),
      smallestAngle: mesh.smallestAngle.map { $0 * 180 / .pi },
      exact: ExactFigures(deviation, surface.report, ofSurface: true))
    tell(record)
    guard arguments[TrainingOptions.json] else { return }
    try StandardOutput.write(try jsonText(record) + "\n")
  }

  private func tell(_ record: ExactRecord) {
    let figures = record.exact
    console.message("\(record.output): \(record.mesh.summary)")
    var remarks = ["exact, the field is within \(text(figures.largestDeviation)) of the level"]
    if let genus = record.genera.first, record.mesh.parts == 1 { remarks.append("genus \(genus)") }
    if record.mesh.parts > 1 { remarks.append("\(record.mesh.parts) parts") }
    if let angle = record.smallestAngle { remarks.append("smallest angle \(text(angle)) degrees") }
    remarks.append("\(counted(figures.visitedRegions, "region")) visited")
    if record.capFaces > 0 {
      remarks.append("\(counted(record.capFaces, "face")) on the sides of the box")
    }
    console.message(remarks.joined(separator: ", "))
    if record.capFaces == record.mesh.faces {
      console.message("the level is not reached, and all of the box is inside: the mesh is the box")
    }
    if !figures.complete {
      console.message(
        "followed from a grid (--seeds): parts that meet no edge of it are missed")
    }
    if record.mesh.openEdges > 0, options.rim == .open {
      console.message(Self.openRemark(isVolume: false))
    }
    for warning in figures.warnings { console.message("warning: \(warning)") }
  }

  private func levelNotReached(
    _ report: LevelReport, by spline: SplineNetwork, _ choice: ScalarOutput, _ field: ShapeField
  ) throws -> MeshCommandError {
    if !report.isComplete, case .lattice(let cells) = options.search {
      return .noSeeds(path: path, level: field.level, cells: cells)
    }
    let range = try naming(path) { () throws(SplineNetworkError) in
      try spline.sampledRange(
        of: choice, in: field.box, counts: SIMD3(repeating: 33), workers: workers)
    }
    return .exactLevelNotReached(
      path: path, level: field.level, samples: 33 * 33 * 33, range: range,
      flatCells: report.flatCellCount)
  }

  /// Two digits.
  private func text(_ value: Double) -> String { String(format: "%.2g", value) }
}

/// The progress of a search that may take long.
final class SearchProgress: Sendable {
  private let console: Console
  private let start = ContinuousClock.now
  private let isShown = Atomic(false)

  init(_ console: Console) { self.console = console }

  func show(_ done: Int, of count: Int) {
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    guard elapsed >= 0.5 else { return }
    isShown.store(true, ordering: .relaxed)
    console.show(RunProgress(step: done, of: count, elapsed: elapsed))
  }

  func finish() {
    if isShown.load(ordering: .relaxed) { console.finishProgress() }
  }
}

/// Does something with a spline; errors are told with the name of its file.
func naming<Result>(
  _ path: String, _ body: () throws(SplineNetworkError) -> Result
) throws(MeshCommandError) -> Result {
  do throws(SplineNetworkError) { return try body() } catch { throw .noSpline(path: path, error) }
}
