import Compute
import Foundation
import Imaging
import Meshes
import Networks
import ShapeFitting
import Training

extension Command {
  static let fitShape = Command(
    CommandSpecification(
      ["fit", "shape"], summary: "Fit a network to a solid: a mesh or a volume.",
      discussion: [
        "Writes model.safetensors, mesh.obj (the network's surface, by marching cubes, in the "
          + "coordinates of the input), preview.png, history.csv, history.svg and run.json to the "
          + "output folder. Ctrl-C ends a run cleanly; --resume goes on with it.",
        "A mesh may have holes, or faces that are flipped or there twice: inside is where the "
          + "generalised winding number is above one half. A volume is a .npy array [depth, height, "
          + "width]; its coordinates are voxel indices, x along the last axis.",
        "The intersection over union is measured on a full grid (a volume's own voxels) and on fresh "
          + "random points; the network's surface is compared with the mesh.",
      ],
      operands: [FitShapeRun.shape],
      sections: [
        ShapeFitOptions.section,
        NetworkOptions.section.defaults([
          "activation": "sine", "width": "256", "hidden-layers": "2",
          "encoding": "none; positional for relu and leaky-relu",
        ]),
        TrainingOptions.section.without(["target-psnr", "hold-out"]).defaults([
          "batch": "2048", "epochs": "60", "schedule": "linear", "checkpoint-every": "30",
          "output": "outputs/NAME",
        ]),
      ],
      examples: [
        .init("inr fit shape bunny.obj", "signed distances, and the surface where they are 0"),
        .init("inr fit shape part.stl --eikonal 0.1", "distances with even slopes everywhere"),
        .init("inr fit shape bunny.obj --target occupancy", "1 inside, 0 outside, as logits"),
        .init(
          "inr fit shape bunny.obj --activation relu --encoding none --width 64",
          "a network whose surface is a polygon mesh"),
        .init("inr fit shape statue.npy --packed 512,512,512", "voxels packed by numpy.packbits"),
        .init("inr fit shape --resume outputs/bunny", "go on with an interrupted run"),
      ]),
    run: { try FitShapeRun($0).run() })
}

/// One call of `inr fit shape`.
private struct FitShapeRun {
  static let shape = Operand.optional(
    "SHAPE", help: "A mesh (.obj, .ply, .stl) or a volume (.npy); --resume knows its own.")

  let started = Date()
  let arguments: ParsedArguments
  let training: TrainingOptions
  let console: Console
  let workers: Workers

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    training = try TrainingOptions(arguments)
    console = Console(training.isQuiet ? .quiet : .normal)
    workers = Workers(count: training.threads ?? Workers.processorCount)
  }

  func run() throws {
    let (configuration, path, state) = try prepare()
    let fit = try ShapeFit(configuration, workers: workers)
    if let state { try FitSession(training, console).restore(state, into: fit, from: path) }
    // Only now, so that wrong input leaves no folder behind.
    let folder = try RunFolder(path: path)
    describe(fit)
    do {
      let outcome = try FitSession(training, console).run(fit, in: folder)
      try report(fit, outcome, folder: folder)
    } catch {
      folder.removeIfEmpty()
      throw error
    }
  }

  // MARK: Before

  /// The configuration from the command line, or from the checkpoint of `--resume`; and the folder
  /// for the results.
  private func prepare() throws -> (ShapeFitConfiguration, folder: String, TrainingState?) {
    if let path = training.resumedFolder {
      try FitSession.checkResumption(arguments, operand: arguments[Self.shape], name: "SHAPE")
      let file = try RunFolder.checkpoint(in: path)
      let checkpoint = try Checkpoint.read(file)
      guard var configuration = ShapeFitConfiguration(json: checkpoint.configuration) else {
        throw CheckpointError.damaged(path: file, entry: "configuration")
      }
      configuration.timeLimit = training.timeLimit.map { $0 + checkpoint.state.seconds }
      return (configuration, path, checkpoint.state)
    }
    guard let shape = arguments[Self.shape] else {
      throw arguments.error(.missingOperand(name: "SHAPE"))
    }
    let configuration = try ShapeFitConfiguration(arguments, training, shape: shape)
    let name = URL(fileURLWithPath: shape).deletingPathExtension().lastPathComponent
    return (configuration, training.outputFolder ?? "outputs/\(name)", nil)
  }

  private func describe(_ fit: ShapeFit) {
    if let mesh = fit.mesh {
      console.message(
        "\(fit.configuration.shape): \(mesh.vertexCount) vertices, "
          + counted(mesh.faceCount, "face"))
      for remark in mesh.report().remarks { console.message("  \(remark)") }
    } else {
      let counts = fit.voxelCounts
      console.message(
        "\(fit.configuration.shape): \(counts.x) x \(counts.y) x \(counts.z) voxels")
    }
    let network = fit.trainer.network
    console.message(
      "\(network.summary), \(network.parameterCount) parameters; "
        + "\(counted(fit.configuration.training.steps, "step")) of "
        + "\(fit.configuration.training.batch) on \(counted(workers.count, "thread"))")
  }

  // MARK: After

  private func report(_ fit: ShapeFit, _ outcome: FitSession.Outcome, folder: RunFolder) throws {
    try fit.model.write(to: folder.file("model.safetensors"))
    try folder.writeHistory(
      fit.trainer.history, of: fit.historyMeasure,
      title: URL(fileURLWithPath: fit.configuration.shape).lastPathComponent)
    let surface = try extract(fit, folder)
    console.message("judging")
    let began = Date()
    let found = try fit.metrics(
      surface: surface, stop: outcome.stop, rowsPerSecond: outcome.rowsPerSecond
    ) { share in
      showProgress(share, since: began)
      return true
    }
    console.finishProgress()
    guard let metrics = found else { return }
    let record = RunRecord(
      task: "fit shape", arguments: arguments.words, started: started,
      seed: fit.configuration.training.seed, threads: workers.count,
      configuration: fit.configuration, metrics: metrics)
    let text = try jsonText(record)
    try AtomicFile.write(Data((text + "\n").utf8), to: folder.file("run.json"))
    FitSession(training, console).settle(outcome, in: folder, command: "inr fit shape")
    console.message(metrics.summary + "; results in \(folder.path)")
    if training.printsJSON { try StandardOutput.write(try jsonText(metrics) + "\n") }
  }

  /// The network's surface, written with its picture.
  private func extract(_ fit: ShapeFit, _ folder: RunFolder) throws -> Mesh {
    let (surface, began) = (fit.surface, Date())
    console.message("extracting the surface")
    let found = try surface.surface(
      on: surface.grid(resolution: fit.configuration.meshResolution), rim: .capped,
      progress: { showProgress($0, since: began) })
    console.finishProgress()
    guard found.mesh.faceCount > 0 else {
      let range = found.range.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "no finite values"
      console.message(
        "no surface: the field has \(range), and never reaches its level \(fit.field.level)")
      // A surface of an earlier run would pass for this one's.
      for name in ["mesh.obj", "preview.png"] {
        try? FileManager.default.removeItem(atPath: folder.file(name))
      }
      return found.mesh
    }
    try found.mesh.write(to: folder.file("mesh.obj"))
    try meshPreview(found.mesh, workers: workers).write(
      to: folder.file("preview.png"), bitDepth: .eight)
    return found.mesh
  }

  private func showProgress(_ share: Double, since began: Date) {
    console.show(
      RunProgress(
        step: Int(100 * share), of: 100, elapsed: -began.timeIntervalSinceNow, share: share))
  }
}

extension ShapeFit: ResumableFit {
  var configurationText: String { configuration.json }
  var historyMeasure: HistoryMeasure { .loss }
}

extension ShapeFitMetrics {
  /// One line for people.
  fileprivate var summary: String {
    var parts = [
      String(format: "IoU %.4f", iou),
      String(format: "%.4f ± %.4f on random points", iouRandom, iouStandardError),
    ]
    if let chamferL1 { parts.append(String(format: "Chamfer (mean distance) %.4g", chamferL1)) }
    if let normalConsistency {
      parts.append(String(format: "normal consistency %.4f", normalConsistency))
    }
    return parts.joined(separator: ", ")
      + " after \(counted(steps, "step")) in \(String(format: "%.1f", seconds)) s"
      + (stop == StopReason.finished.rawValue ? "" : " (\(stop))")
  }
}
