import Compute
import Foundation
import Meshes
import Networks
import ShapeFitting
import Testing

/// Small solids as models, volumes and meshes, for the commands that take them.
extension Workspace {
  /// Writes a model of `Σ |(A p + b)ₖ| + c` of rows k, made of ReLU units in pairs.
  func writeSumOfAbsolutes(
    _ rows: [(normal: SIMD3<Float>, offset: Float)], _ constant: Float, to name: String,
    field: ShapeField?, copies: Int = 1
  ) throws {
    let signs: [Float] = [1, -1]
    let hidden = LinearMap(
      weight: Matrix(
        rows: 2 * rows.count, columns: 3,
        elements: rows.flatMap { row in
          signs.flatMap { [$0 * row.normal.x, $0 * row.normal.y, $0 * row.normal.z] }
        }),
      bias: rows.flatMap { row in signs.map { $0 * row.offset } })
    // Output k is k less than the first.
    let output = LinearMap(
      weight: Matrix(
        rows: copies, columns: 2 * rows.count,
        elements: [Float](repeating: 1, count: copies * 2 * rows.count)),
      bias: (0..<copies).map { constant - Float($0) })
    let network = try Network(
      inputs: 3, layers: [Layer(hidden, activation: ReLU()), Layer(output)])
    try Model(network: network, properties: field?.properties ?? [:]).write(to: file(name))
  }

  /// A model of the octahedron `|x| + |y| + |z| = ½`.
  func writeOctahedron(
    to name: String = "model.safetensors", field: ShapeField? = ShapeField(target: .sdf),
    copies: Int = 1
  ) throws {
    try writeSumOfAbsolutes(
      [([1, 0, 0], 0), ([0, 1, 0], 0), ([0, 0, 1], 0)], -0.5, to: name, field: field,
      copies: copies)
  }

  /// A box with its outside outside.
  func writeBox(
    _ lower: SIMD3<Double>, _ upper: SIMD3<Double>, to name: String
  ) throws {
    let positions = (0..<8).map { corner in
      SIMD3(
        corner & 1 == 0 ? lower.x : upper.x, corner & 2 == 0 ? lower.y : upper.y,
        corner & 4 == 0 ? lower.z : upper.z)
    }
    let faces: [[Int32]] = [
      [0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5],
    ]
    try Mesh(positions: positions, faces: faces).write(to: file(name))
  }

  /// A volume `[depth, height, width]` of float32, by the samples' indices.
  func writeVolume(
    _ shape: [Int], to name: String = "volume.npy",
    _ value: (_ x: Int, _ y: Int, _ z: Int) -> Float
  ) throws {
    var elements: [Float] = []
    for z in 0..<shape[0] {
      for y in 0..<shape[1] {
        for x in 0..<shape[2] { elements.append(value(x, y, z)) }
      }
    }
    try NumpyArray(shape: shape, elements: elements).write(to: file(name))
  }

  func mesh(_ name: String) throws -> Mesh { try Mesh.read(file(name)) }

  /// Runs a call that must succeed; returns what it printed.
  @discardableResult
  func succeed(_ call: String, sourceLocation: SourceLocation = #_sourceLocation) throws
    -> BuiltProgram.Outcome
  {
    let outcome = try run(call.split(separator: " ").map(String.init))
    try #require(
      outcome.exitCode == 0, "\(call): \(outcome.errors)", sourceLocation: sourceLocation)
    return outcome
  }
}

extension SIMD3<Double> {
  var sumOfAbsolutes: Double { abs(x) + abs(y) + abs(z) }
}
