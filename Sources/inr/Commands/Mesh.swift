import Compute
import Foundation
import Meshes
import Networks
import ShapeFitting

extension Command {
  static let mesh = Command(
    CommandSpecification(
      ["mesh"], summary: "Take the surface out of a network of a solid, or out of a volume.",
      discussion: [
        "A model of inr fit shape says itself where its surface is, and the mesh has the coordinates of "
          + "the shape that it was fitted to. Of a volume [depth, height, width], sample [k, j, i] is at "
          + "(x, y, z) = (i, j, k).",
        "A network whose hidden layers are all relu or leaky-relu is affine in each of many convex regions. "
          + "Its surface consists of flat polygons, one a region, and these are found exactly and without "
          + "gaps: no part is missed, however small.",
        "Marching cubes finds the surface of any field from its samples on a grid, with the topology "
          + "of the trilinear function between them.",
      ],
      operands: [MeshRun.input],
      sections: [
        MeshOptions.section,
        OptionSection("Output", [MeshRun.output, TrainingOptions.quiet, TrainingOptions.json]),
        ModelOptions.section, ModelOptions.splines,
      ],
      examples: [
        .init("inr mesh outputs/bunny/model.safetensors -o bunny.obj", "a fitted solid"),
        .init(
          "inr mesh relu.safetensors --inside below --level 0.01 --cap -o exact.ply",
          "of a ReLU network of one's own"),
        .init(
          "inr mesh model.safetensors --resolution 1024 --sparse -o fine.ply",
          "in detail, computed near the surface only"),
        .init(
          "inr mesh model.safetensors --bounds 0,10,0,10,0,10 --cap -o part.stl",
          "a part of it, closed where it is cut"),
        .init(
          "inr mesh deepsdf.onnx --latent code.npy --inside below",
          "one shape of a network with a latent code"),
        .init("inr mesh scan.npy --level 1200 -o bone.ply", "a surface of a volume"),
      ]),
    run: { try MeshRun($0).run() })
}

/// One call of `inr mesh`.
struct MeshRun {
  static let input = Operand.required(
    "MODEL|VOLUME.npy",
    help: "A safetensors or ONNX file, or an array [depth, height, width].")
  static let output = Option(
    "output", short: "o", .text("a .obj, .ply or .stl file"), placeholder: "FILE",
    help: "Where the mesh goes.", default: "the name of MODEL or VOLUME with .obj")

  /// A surface, and how it was found.
  struct Found {
    let mesh: Mesh
    let range: ClosedRange<Float>?
    let grid: SampleGrid
    let level: Double
    let inside: MarchingCubes.Side
    /// What has to be known of how it was found.
    var note: String?
  }

  /// Where the mesh goes.
  struct MeshOutput {
    let path: String
    let format: MeshFormat
    /// When the call began.
    let start: ContinuousClock.Instant
  }

  struct Record: Encodable {
    let output: String
    let method: String
    /// Along x, y and z.
    let samples: [Int]
    let level: Double
    let inside: String
    let least: Float?
    let largest: Float?
    let seconds: Double
    let mesh: MeshFigures
  }

  let arguments: ParsedArguments
  let path: String
  let options: MeshOptions
  let model: ModelOptions
  let console: Console
  let workers: Workers

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    path = arguments[Self.input]
    options = try MeshOptions(arguments)
    model = try ModelOptions(arguments)
    console = Console(arguments[TrainingOptions.quiet] ? .quiet : .normal)
    workers = Workers(count: model.threads ?? Workers.processorCount)
    if isVolume {
      try arguments.refuse(
        MeshOptions.ofNetworks, because: "a volume has its samples, and no network")
      if options.method == .exact {
        try arguments.refuse(
          [MeshOptions.methodOption], because: "a volume has samples alone, so marching cubes")
      }
    }
  }

  var isVolume: Bool { path.lowercased().hasSuffix(".npy") }

  func run() throws {
    let path =
      arguments[Self.output]
      ?? URL(fileURLWithPath: path).deletingPathExtension().relativePath + ".obj"
    guard let format = MeshFormat(endingOf: path) else {
      throw MeshFileError.unknownEnding(path: path)
    }
    try checkFolder(of: path)
    guard MeshFormat(endingOf: self.path) == nil else {
      throw MeshCommandError.isMesh(path: self.path)
    }
    let output = MeshOutput(path: path, format: format, start: ContinuousClock.now)
    if isVolume {
      try write(try surfaceOfVolume(), to: output)
    } else {
      try takeSurfaceOfModel(to: output)
    }
  }

  /// Writes a surface by marching cubes, and tells about it.
  func write(_ found: Found, to output: MeshOutput) throws {
    guard found.mesh.faceCount > 0 else {
      throw MeshCommandError.levelNotReached(
        path: path, level: found.level, range: found.range, isSparse: options.isSparse)
    }
    try found.mesh.write(to: output.path, as: output.format)
    if let note = found.note { console.message(note) }
    let figures = MeshFigures(found.mesh)
    console.message("\(output.path): \(figures.summary)")
    if figures.openEdges > 0, options.rim == .open {
      console.message(Self.openRemark(isVolume: isVolume))
    }
    guard arguments[TrainingOptions.json] else { return }
    let record = Record(
      output: output.path, method: MeshOptions.Method.marchingCubes.rawValue,
      samples: [found.grid.counts.x, found.grid.counts.y, found.grid.counts.z],
      level: found.level, inside: found.inside == .above ? "above" : "below",
      least: found.range?.lowerBound, largest: found.range?.upperBound,
      seconds: (ContinuousClock.now - output.start) / .seconds(1), mesh: figures)
    try StandardOutput.write(try jsonText(record) + "\n")
  }

  static func openRemark(isVolume: Bool) -> String {
    "the solid reaches the sides of the box, where the mesh is open; close it with --cap"
      + (isVolume ? "" : ", or look farther with --bounds")
  }

  /// Throws now, not after long work, if the output has no folder to go to.
  private func checkFolder(of output: String) throws {
    let folder = URL(fileURLWithPath: output).deletingLastPathComponent().relativePath
    guard !FileManager.default.fileExists(atPath: folder) else { return }
    throw FileError.folderMissing(path: output, folder: folder)
  }

  /// What `extract` finds; it is given a function that takes planes done and planes in all, and its
  /// errors are told with the name of the file.
  func extracting<Result>(
    _ extract: (_ progress: @escaping (Int, Int) -> Void) throws -> Result
  ) throws -> Result {
    let start = ContinuousClock.now
    let console = console
    var isShown = false
    let result: Result
    do {
      result = try extract { done, count in
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        guard elapsed >= 0.5 else { return }
        isShown = true
        console.show(RunProgress(step: done, of: count, elapsed: elapsed))
      }
    } catch let error as MarchingCubesError {
      if isShown { console.finishProgress() }
      throw MeshCommandError.noSurface(path: path, error)
    }
    if isShown { console.finishProgress() }
    return result
  }

  func checkMemory(_ what: String, needed: Int, advice: String) throws {
    guard let available = Machine.availableMemory, needed >= available else { return }
    throw MeshCommandError.memory(
      what: what, needed: needed, available: available, advice: advice)
  }
}

// MARK: - Volumes

extension MeshRun {
  private func surfaceOfVolume() throws -> Found {
    let file = try VolumeFile(path)
    let plane = file.counts.x * file.counts.y
    // The planes read, once more as they are joined to the last one, and crossings of two planes.
    try checkMemory(
      "planes of \(file.counts.x) x \(file.counts.y) samples",
      needed: plane * (12 * (file.planesAtOnce + 1) + 24), advice: "take a part of the volume")
    let level = try options.level ?? defaultLevel(of: file)
    let side = options.inside?.side ?? .above
    let found = try extracting { progress in
      try file.surface(
        MarchingCubes(level: level, inside: side, rim: options.rim), workers: workers,
        progress: { progress($0, file.counts.z) })
    }
    return Found(
      mesh: found.mesh, range: found.range, grid: file.grid, level: level, inside: side,
      note: options.level == nil ? "the surface is taken at 0.5 (another: --level)" : nil)
  }

  /// 0.5 for occupancies and shares.
  private func defaultLevel(of file: VolumeFile) throws -> Double {
    guard let range = try file.range(workers: workers) else { return 0.5 }
    guard range.lowerBound >= 0, range.upperBound <= 1 else {
      throw arguments.error(
        .missingOperand(
          name: "--level",
          help:
            "the values of \(path) run from \(range.lowerBound) to \(range.upperBound); tell at "
            + "which of them the surface is"
            + (range.lowerBound < 0 && range.upperBound > 0
              ? " (of signed distances: --level 0 --inside below)" : "")))
    }
    return 0.5
  }
}
