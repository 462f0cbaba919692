import Compute
import Foundation
import Meshes
import ShapeFitting

/// One call of `inr compare` for two meshes.
struct MeshComparisonRun {
  /// How far one mesh is from the other.
  struct Direction: Encodable {
    let meanDistance: Double
    let meanSquaredDistance: Double
    let largestDistance: Double
    let normalConsistency: Double
    let shareWithinThreshold: Double

    init(_ direction: MeshComparison.Direction) {
      meanDistance = direction.meanDistance
      meanSquaredDistance = direction.meanSquaredDistance
      largestDistance = direction.largestDistance
      normalConsistency = direction.normalConsistency
      shareWithinThreshold = direction.shareWithinThreshold
    }
  }

  struct Record: Encodable {
    struct Side: Encodable {
      let path: String
      let mesh: MeshFigures
      let toOther: Direction
    }

    let samples: Int
    let seed: UInt64
    let to: String
    let threshold: Double
    let first: Side
    let second: Side
    /// Mean distances there and back: half their sum, and the sum.
    let chamferL1: Double
    let chamferL1Sum: Double
    /// The same of squared distances.
    let chamferL2: Double
    let chamferL2Sum: Double
    let hausdorff: Double
    let normalConsistency: Double
    let precision: Double
    let recall: Double
    let fScore: Double
    /// Nil if no point is in either mesh.
    let iou: Double?
    let iouStandardError: Double?
    let pointsInUnion: Int
  }

  let arguments: ParsedArguments
  let paths: (String, String)

  func run() throws {
    let options = try MeshComparisonOptions(arguments)
    let workers = Workers(count: options.threads ?? Workers.processorCount)
    let meshes = (try Mesh.read(paths.0), try Mesh.read(paths.1))
    for (path, mesh) in [(paths.0, meshes.0), (paths.1, meshes.1)] {
      let area = mesh.area
      guard area > 0, area.isFinite else {
        throw MeshCommandError.noArea(path: path, area: area)
      }
    }
    try checkMemory(options.sampleCount)
    let comparison = try MeshComparison(
      meshes.0, meshes.1, sampleCount: options.sampleCount, seed: options.seed,
      target: options.target, threshold: options.threshold, workers: workers)
    let overlap = VolumeOverlap(
      try TriangleTree(meshes.0, workers: workers), try TriangleTree(meshes.1, workers: workers),
      pointCount: options.sampleCount, seed: options.seed &+ 2, workers: workers)
    let record = Record(
      paths, (MeshFigures(meshes.0), MeshFigures(meshes.1)), comparison, overlap)
    try StandardOutput.write(
      arguments[TrainingOptions.json] ? try jsonText(record) + "\n" : record.text)
  }

  private func checkMemory(_ count: Int) throws {
    // Of each surface: points, normals, faces, the nearest points, and their order in space.
    let needed = count * 400
    guard let available = Machine.availableMemory, needed >= available else { return }
    throw MeshCommandError.memory(
      what: "\(count) samples of each mesh", needed: needed, available: available,
      advice: "take fewer --samples")
  }
}

extension MeshComparisonRun.Record {
  init(
    _ paths: (String, String), _ meshes: (MeshFigures, MeshFigures),
    _ comparison: MeshComparison, _ overlap: VolumeOverlap
  ) {
    samples = comparison.sampleCount
    seed = comparison.seed
    to = comparison.target.rawValue
    threshold = comparison.threshold
    first = Side(
      path: paths.0, mesh: meshes.0, toOther: MeshComparisonRun.Direction(comparison.first))
    second = Side(
      path: paths.1, mesh: meshes.1, toOther: MeshComparisonRun.Direction(comparison.second))
    chamferL1 = comparison.chamferL1
    chamferL1Sum = comparison.chamferL1Sum
    chamferL2 = comparison.chamferL2
    chamferL2Sum = comparison.chamferL2Sum
    hausdorff = comparison.hausdorff
    normalConsistency = comparison.normalConsistency
    precision = comparison.precision
    recall = comparison.recall
    fScore = comparison.fScore
    iou = overlap.iou
    iouStandardError = overlap.standardError
    pointsInUnion = overlap.unionCount
  }

  /// Tables for people.
  var text: String {
    let (a, b) = (first.mesh, second.mesh)
    var table = TextTable(columns: ["", "A", "B"])
    table.add("vertices", a.vertices, b.vertices)
    table.add("faces", a.faces, b.faces)
    table.add("parts", a.parts, b.parts)
    table.add("Euler number", a.eulerNumber, b.eulerNumber)
    table.add("open edges", a.openEdges, b.openEdges)
    table.add("non-manifold edges", a.nonManifoldEdges, b.nonManifoldEdges)
    table.add("edges of flipped faces", a.inconsistentEdges, b.inconsistentEdges)
    table.add("degenerate faces", a.degenerateFaces, b.degenerateFaces)
    table.add("duplicate faces", a.duplicateFaces, b.duplicateFaces)
    table.add(["area", MeshFigures.text(a.area), MeshFigures.text(b.area)])
    let volumes = [a.volume, b.volume].map { $0.map(MeshFigures.text) ?? "not closed" }
    table.add(["volume"] + volumes)

    var distances = TextTable(columns: ["distances", "A to B", "B to A", "mean", "sum"])
    let (there, back) = (first.toOther, second.toOther)
    func add(_ name: String, _ values: Double?...) {
      distances.add([name] + values.map { $0.map(MeshFigures.text) ?? "" })
    }
    add(
      "mean (Chamfer L1)", there.meanDistance, back.meanDistance, chamferL1, chamferL1Sum)
    add(
      "mean square (Chamfer L2)", there.meanSquaredDistance, back.meanSquaredDistance, chamferL2,
      chamferL2Sum)
    add("normal consistency", there.normalConsistency, back.normalConsistency, normalConsistency)
    let target = to == "surface" ? "the other surface" : "points drawn on the other surface"
    var lines = ["A  \(first.path)", "B  \(second.path)", ""]
    lines += table.lines + [""] + distances.lines + [""]
    lines.append("Hausdorff (largest distance found)  \(MeshFigures.text(hausdorff))")
    lines.append(
      "F-score within \(MeshFigures.text(threshold))  \(share(fScore)) (precision \(share(precision)), "
        + "recall \(share(recall)))")
    lines.append(
      "volume IoU  "
        + (iou.map { "\(share($0)) ± \(String(format: "%.2g", iouStandardError ?? 0))" }
          ?? "not defined, no point is inside"))
    lines.append(
      "of \(samples) random points on each surface, to \(target), and of as many in the box around both"
    )
    return lines.joined(separator: "\n") + "\n"
  }

  private func share(_ value: Double) -> String { String(format: "%.6f", value) }
}

/// Rows of texts in columns, the first one on the left, the others to the right.
private struct TextTable {
  private var rows: [[String]]

  init(columns: [String]) { rows = [columns] }

  mutating func add(_ row: [String]) { rows.append(row) }
  mutating func add(_ name: String, _ a: Int, _ b: Int) { add([name, "\(a)", "\(b)"]) }

  var lines: [String] {
    let widths = rows[0].indices.map { column in
      rows.compactMap { $0.indices.contains(column) ? $0[column].count : nil }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, text) in row.enumerated() {
        let blank = String(repeating: " ", count: widths[column] - text.count)
        line += column == 0 ? text + blank : "  " + blank + text
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
