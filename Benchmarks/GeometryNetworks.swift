import Compute
import Foundation
import Meshes
import Networks
import ShapeFitting
import SplineGeometry

/// A ReLU network of three coordinates whose regions and level set are computed.
struct GeometryNetwork {
  /// Name and hidden layers x width.
  let name: String
  let path: String
  let spline: SplineNetwork
  /// Where the network was trained.
  let box: Box
  let goals: Goals

  /// What the project set out to reach, where it named a number.
  struct Goals {
    /// Faces a second, one thread, the surface followed from a lattice.
    var facesPerSecond: Double?
    /// Seconds of the complete search with all threads of a machine of four cores.
    var completeSeconds: Double?
  }

  /// Fixtures of the tests.
  static func torus() throws -> GeometryNetwork {
    try fixture("torus_3x64", "torus, 3x64", Goals(completeSeconds: 0.2))
  }

  static func random() throws -> GeometryNetwork {
    try fixture("he_3_32_32_32_1", "random, 3x32")
  }

  private static func fixture(
    _ file: String, _ name: String, _ goals: Goals = Goals()
  ) throws -> GeometryNetwork {
    try GeometryNetwork(name: name, path: fixturePath(file), goals: goals)
  }

  private static func fixturePath(_ file: String) -> String {
    "\(root)/Tests/SplineGeometryTests/Fixtures/\(file).safetensors"
  }

  /// Signed distances of data/rings.obj. A file that is not there yet is made by `inr fit shape`,
  /// which takes a minute; it comes out the same for any number of threads.
  static func trained() throws -> [GeometryNetwork] {
    try [
      trained(layers: 8, width: 32, Goals(facesPerSecond: 250_000, completeSeconds: 2)),
      trained(layers: 4, width: 60, Goals(facesPerSecond: 250_000)),
      trained(layers: 8, width: 64, Goals(facesPerSecond: 150_000, completeSeconds: 10)),
    ]
  }

  private static func trained(layers: Int, width: Int, _ goals: Goals) throws -> GeometryNetwork {
    let size = "\(layers)x\(width)"
    let folder = "\(folder)/\(size)"
    let path = "\(folder)/model.safetensors"
    if !FileManager.default.fileExists(atPath: path) {
      progress("training rings, \(size) …")
      try InrProgram.run([
        "fit", "shape", "\(root)/data/rings.obj", "--activation", "relu", "--encoding", "none",
        "--width", "\(width)", "--hidden-layers", "\(layers - 1)", "--epochs", "30", "--seed", "0",
        "--learning-rate", "1e-3", "--precision", "single", "--resolution", "64", "--grid", "64",
        "--quiet", "-o", folder,
      ])
    }
    return try GeometryNetwork(name: "rings, \(size)", path: path, goals: goals)
  }

  /// 64 tori, in 4 x 4 x 4 rows: the torus behind a layer that folds the box four times along each
  /// axis, by f(x) = −1 + 4 |x + 1|₊ − 8 |x + ½|₊ + 8 |x|₊ − 8 |x − ½|₊.
  static func tori() throws -> GeometryNetwork {
    let torus = try Model.read(fixturePath("torus_3x64")).network
    var layers = torus.layers
    let first = layers[0].maps[0]
    var weight = Matrix(rows: first.outputs, columns: 12)
    var bias = first.bias
    for row in 0..<first.outputs {
      for column in 0..<3 {
        let slope = first.weight[row, column]
        bias[row] -= slope
        for (k, factor) in [Float(4), -8, 8, -8].enumerated() {
          weight[row, 4 * column + k] = factor * slope
        }
      }
    }
    layers[0].maps[0] = LinearMap(weight: weight, bias: bias)
    var fold = Matrix(rows: 12, columns: 3)
    for row in 0..<12 { fold[row, row / 4] = 1 }
    let starts = (0..<12).map { 1 - Float($0 % 4) / 2 }
    layers.insert(
      Layer(LinearMap(weight: fold, bias: starts), activation: ReLU()), at: 0)
    let network = try Network(inputs: 3, layers: layers)
    let path = "\(folder)/tori.safetensors"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Model(network: network, properties: ShapeField(target: .sdf).properties).write(to: path)
    return try GeometryNetwork(name: "64 tori, 12 + 3x64", path: path, goals: Goals())
  }

  private init(name: String, path: String, goals: Goals) throws {
    let file = try NetworkFile.read(path)
    var field = ShapeField()
    if case .model(let model) = file, let known = try ShapeField(model, path: path) {
      field = known
    }
    self.name = name
    self.path = path
    spline = try file.spline()
    box = field.box
    self.goals = goals
  }

  /// The repository.
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// What the benchmarks make; not committed.
  static let folder = "\(root)/outputs/benchmark-networks"
}

/// The program itself, which is built into the same folder as the benchmarks.
enum InrProgram {
  static let path = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appendingPathComponent("inr").path

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  static func run(_ arguments: [String]) throws {
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw Failure(description: "\(path) is not there; build it with: make build")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "inr \(arguments.joined(separator: " ")): failed")
    }
  }
}
