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
        "The intersection over union is measured on random points, now and then along the run (the time "
          + "that takes is not counted) and on four times as many after it, then on a full grid (a "
          + "volume's own voxels; Ctrl-C leaves that out); the network's surface is compared with the "
          + "mesh.",
      ],
      operands: [ShapeFitTask.input],
      sections: [
        ShapeFitOptions.section,
        NetworkOptions.section.defaults([
          "activation": "sine; relu behind a grid",
          "width": "256; 181 for gabor and wire; 128 for wire2d; 64 behind a grid",
          "hidden-layers": "2; 1 behind a grid",
          "encoding": "none; positional for relu, leaky-relu and soft-relu", "grid-levels": "8",
          "grid-features": "2", "grid-coarsest": "8", "grid-finest": "128", "grid-entries": "16",
        ]),
        TrainingOptions.section.without(["target-psnr", "hold-out"]).defaults([
          "beta2": "0.999; 0.99 behind a grid",
          "batch": "2048", "epochs": "60 of 262144 points, or as many steps with other --samples",
          "schedule": "linear", "checkpoint-every": "30",
          "precision": "bfloat16 if the processor has it, but single for soap and kfac",
          "output": "outputs/NAME",
        ]),
      ],
      examples: [
        .init("inr fit shape bunny.obj", "signed distances, and the surface where they are 0"),
        .init(
          "inr fit shape bunny.obj --encoding grid --epochs 10",
          "several times as fast and nearer to the mesh, with flat facets"),
        .init("inr fit shape part.stl --eikonal 0.1", "distances with even slopes everywhere"),
        .init("inr fit shape bunny.obj --target occupancy", "1 inside, 0 outside, as logits"),
        .init(
          "inr fit shape bunny.obj --activation relu --encoding none --width 64",
          "a network whose surface is a polygon mesh"),
        .init("inr fit shape statue.npy --packed 512,512,512", "voxels packed by numpy.packbits"),
        .init("inr fit shape --resume outputs/bunny", "go on with an interrupted run"),
      ]),
    run: { try FitCall<ShapeFitTask>($0).run() })
}

/// `inr fit shape`.
private enum ShapeFitTask: FitTask {
  static let name = "fit shape"
  static let input = Operand.optional(
    "SHAPE", help: "A mesh (.obj, .ply, .stl) or a volume (.npy); --resume knows its own.")

  static func configuration(
    _ arguments: ParsedArguments, _ training: TrainingOptions, input: String
  ) throws -> ShapeFitConfiguration {
    try ShapeFitConfiguration(arguments, training, shape: input)
  }

  static func fit(_ configuration: ShapeFitConfiguration, workers: Workers) throws -> ShapeFit {
    try ShapeFit(configuration, workers: workers)
  }

  static func description(of fit: ShapeFit) -> [String] {
    let shape = fit.configuration.shape
    guard let mesh = fit.mesh else {
      let counts = fit.voxelCounts
      return ["\(shape): \(counts.x) x \(counts.y) x \(counts.z) voxels"]
    }
    return ["\(shape): \(mesh.vertexCount) vertices, \(counted(mesh.faceCount, "face"))"]
      + mesh.report().remarks.map { "  \($0)" }
  }

  static func results(
    of fit: ShapeFit, _ outcome: FitSession.Outcome, in folder: RunFolder, telling console: Console
  ) throws -> ShapeFitMetrics {
    let surface = try extract(fit, folder, console)
    console.message("judging")
    let began = Date()
    let metrics = try fit.metrics(
      surface: surface, stop: outcome.stop, rowsPerSecond: outcome.rowsPerSecond
    ) { share in
      console.show(RunProgress(share, since: began))
      return !outcome.isInterruptedSince
    }
    console.finishProgress()
    return metrics
  }

  /// The network's surface, written with its picture.
  private static func extract(_ fit: ShapeFit, _ folder: RunFolder, _ console: Console) throws
    -> Mesh
  {
    let (surface, began) = (fit.surface, Date())
    console.message("extracting the surface")
    let found = try surface.surface(
      on: surface.grid(resolution: fit.configuration.meshResolution), rim: .capped,
      progress: { console.show(RunProgress($0, since: began)) })
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
    try meshPreview(found.mesh, workers: fit.workers).write(
      to: folder.file("preview.png"), bitDepth: .eight)
    return found.mesh
  }
}

extension ShapeFit: ResumableFit {
  var configurationText: String { configuration.json }
  var historyMeasure: HistoryMeasure { .iou(name: Self.iouName) }
  var domain: [ClosedRange<Double>] {
    (0..<3).map { field.box.lower[$0]...field.box.upper[$0] }
  }
}

extension ShapeFitConfiguration: FitConfiguration {
  var input: String { shape }
}

extension ShapeFitMetrics: FitMetrics {
  var figures: [String] {
    var parts: [String] = []
    if let iou { parts.append(String(format: "IoU %.4f", iou)) }
    if let iouRandom, let iouStandardError {
      parts.append(
        (iou == nil ? "IoU " : "")
          + String(format: "%.4f ± %.4f on random points", iouRandom, iouStandardError))
    }
    if let chamferL1 { parts.append(String(format: "Chamfer (mean distance) %.4g", chamferL1)) }
    if let normalConsistency {
      parts.append(String(format: "normal consistency %.4f", normalConsistency))
    }
    return parts.isEmpty ? ["no IoU, as no point is inside"] : parts
  }
}

extension RunProgress {
  /// A share of something that began at a time.
  fileprivate init(_ share: Double, since began: Date) {
    self.init(step: Int(100 * share), of: 100, elapsed: -began.timeIntervalSinceNow, share: share)
  }
}
