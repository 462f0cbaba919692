import Compute
import Foundation
import Imaging
import Networks
import Tomography
import Training

extension Command {
  static let fitCT = Command(
    CommandSpecification(
      ["fit", "ct"], summary: "Fit a network to a sinogram: the slice as a function.",
      discussion: [
        "Writes model.safetensors, slice.npy, slice.png, comparison.png, residual.png, history.csv, "
          + "history.svg and run.json to the output folder; of a stack, a folder a slice, each slice "
          + "started from the network of the one before, and slices.npy. Ctrl-C ends a run cleanly; "
          + "--resume goes on with it.",
        "Nothing that decides the result looks at --reference. How strong the total variation is, rays "
          + "that the search withholds decide; with --hold-out, rays that training never sees also "
          + "decide which parameters are kept.",
      ],
      operands: [FitCTRun.sinogram],
      sections: [
        ScanOptions.section, SliceFitOptions.section,
        NetworkOptions.section.defaults([
          "activation": "sine", "width": "256", "hidden-layers": "2", "encoding": "none",
          "first-omega0": "as --omega0 if that is given, else by the number of pixels",
        ]),
        TrainingOptions.section.without(["target-psnr"]).defaults([
          "batch": "512 pixels; all views for --method direct",
          "epochs": "60 for 256 x 256 pixels; 400 steps for --method direct", "schedule": "linear",
          "checkpoint-every": "30", "output": "outputs/NAME",
        ]),
      ],
      examples: [
        .init("inr fit ct sinogram.npy --angles 0:180:60", "60 views over half a turn"),
        .init(
          "inr fit ct sinogram.npy --angles angles.txt --center auto --photons 27900 --hold-out 0.05",
          "a measured scan, judged by rays that the fit has not seen"),
        .init(
          "inr fit ct sinogram.npy --angles 0:180:20 --reference truth.npy --json",
          "20 views, compared with the truth"),
        .init(
          "inr fit ct sinogram.npy --angles 0:180:60 --method direct --loss filtered --steps 400",
          "gradients of the filtered loss, through the exact adjoint"),
        .init("inr fit ct stack.npy --angles 0:180:90 -o outputs/stack", "slice by slice"),
        .init("inr fit ct --resume outputs/sinogram", "go on with an interrupted run"),
      ]),
    run: { try FitCTRun($0).run() })
}

/// One call of `inr fit ct`.
private struct FitCTRun {
  static let sinogram = Operand.optional(
    "SINOGRAM.npy",
    help: "Line integrals [views, bins], or a stack [slices, views, bins]; --resume knows its own.")

  /// Options that say what to do with a result, and may differ when a run is resumed.
  private static let afterwards: Set = ["reference", "peak", "reproject"]

  let started = Date()
  let arguments: ParsedArguments
  let training: TrainingOptions
  let console: Console
  let workers: Workers
  let interrupt: InterruptFlag

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    training = try TrainingOptions(arguments)
    console = Console(training.isQuiet ? .quiet : .normal)
    workers = Workers(count: training.threads ?? Workers.processorCount)
    interrupt = SignalHandling.install(telling: console)
  }

  private var session: FitSession { FitSession(training, console, interrupt: interrupt) }

  func run() throws {
    if let folder = training.resumedFolder {
      try FitSession.checkResumption(
        arguments, operand: arguments[Self.sinogram], name: "SINOGRAM.npy",
        allowing: Self.afterwards)
      return try resume(folder)
    }
    guard let path = arguments[Self.sinogram] else {
      throw arguments.error(.missingOperand(name: "SINOGRAM.npy"))
    }
    let wanted = arguments[SliceResultOptions.slice]
    let scan = try ScanOptions(arguments)
    let data = try scan.open(path, slice: wanted, workers: workers, telling: console)
    let isStack = data.file.isStack && wanted == nil
    let configuration = try SliceFitConfiguration(
      arguments, training, data, slice: wanted ?? 0)
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    let folder = training.outputFolder ?? "outputs/\(name)"
    console.message(data.summary)
    guard isStack else {
      _ = try fit(configuration, in: folder, resuming: nil, initial: nil)
      return
    }
    try fitStack(configuration, from: 0, in: folder, resuming: nil, initial: nil)
  }

  // MARK: Stacks

  /// Fits the slices from one on, each from the network of the one before.
  private func fitStack(
    _ first: SliceFitConfiguration, from start: Int, in folder: String,
    resuming state: TrainingState?, initial: Network?
  ) throws {
    var (state, network) = (state, initial)
    var settings = first
    let file = try SinogramFile(
      first.sinogram, layout: SinogramFile.Layout(rawValue: first.layout) ?? .viewsBins)
    for slice in start..<file.sliceCount where !interrupt.isRaised {
      settings.slice = slice
      console.message("slice \(slice) of \(file.sliceCount)")
      let fit = try fit(
        settings, in: Self.sliceFolder(slice, of: folder), resuming: state, initial: network)
      // What suits one slice suits its neighbours.
      settings.totalVariation = fit.strength.chosen
      (network, state) = (fit.network, nil)
    }
    guard !interrupt.isRaised else { return }
    let slices = try (0..<file.sliceCount).map {
      try NumpyArray.read(Self.sliceFolder($0, of: folder) + "/slice.npy")
    }
    try NumpyArray(
      shape: [slices.count] + slices[0].shape, elements: slices.flatMap(\.elements)
    ).write(to: folder + "/slices.npy")
    console.message("\(counted(slices.count, "slice")) in \(folder)/slices.npy")
  }

  private static func sliceFolder(_ slice: Int, of folder: String) -> String {
    folder + "/slice-" + String(format: "%04d", slice)
  }

  // MARK: Resuming

  private func resume(_ folder: String) throws {
    var path = folder
    var isStack = false
    if !FileManager.default.fileExists(atPath: folder + "/" + Checkpoint.fileName) {
      let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      let open = entries.filter { $0.hasPrefix("slice-") }.sorted().last {
        FileManager.default.fileExists(atPath: "\(folder)/\($0)/\(Checkpoint.fileName)")
      }
      if let open { (path, isStack) = ("\(folder)/\(open)", true) }
    }
    let file = try RunFolder.checkpoint(in: path)
    let checkpoint = try Checkpoint.read(file)
    guard var configuration = SliceFitConfiguration(json: checkpoint.configuration) else {
      throw CheckpointError.damaged(path: file, entry: "configuration")
    }
    configuration.timeLimit = training.timeLimit.map { $0 + checkpoint.state.seconds }
    // The parameters come from the checkpoint; a network before it only has the right shape.
    let initial =
      configuration.slice > 0 && isStack ? try earlierNetwork(configuration, folder) : nil
    guard isStack else {
      _ = try fit(configuration, in: path, resuming: checkpoint.state, initial: initial)
      return
    }
    try fitStack(
      configuration, from: configuration.slice, in: folder, resuming: checkpoint.state,
      initial: initial)
  }

  private func earlierNetwork(_ configuration: SliceFitConfiguration, _ folder: String) throws
    -> Network
  {
    let earlier = Self.sliceFolder(configuration.slice - 1, of: folder)
    return try Model.read(earlier + "/model.safetensors").network
  }

  // MARK: One slice

  private func fit(
    _ configuration: SliceFitConfiguration, in path: String, resuming state: TrainingState?,
    initial: Network?
  ) throws -> SliceFit {
    let file = try SinogramFile(
      configuration.sinogram,
      layout: SinogramFile.Layout(rawValue: configuration.layout) ?? .viewsBins)
    let views = configuration.views ?? Array(0..<file.viewCount)
    let sinogram = ScanData.keeping(views, of: try file.sinogram(configuration.slice))
    let weights = try configuration.weights.map { path in
      let weights = try SinogramFile(path, layout: file.layout)
      return ScanData.keeping(
        views, of: try weights.sinogram(weights.sliceCount > 1 ? configuration.slice : 0))
    }
    let reference = try reference(for: configuration, in: file)
    let fit = try SliceFit(
      configuration, sinogram: sinogram, weights: weights,
      initial: try initial ?? configuration.initialModel?.read().network, workers: workers,
      preparing: showPreparation())
    console.finishProgress()
    if let state { try session.restore(state, into: fit, from: path) }
    // Only now, so that wrong input leaves no folder behind.
    let folder = try RunFolder(path: path)
    describe(fit)
    do {
      let outcome = try session.run(fit, in: folder)
      try report(fit, outcome, reference, folder: folder)
    } catch {
      folder.removeIfEmpty()
      throw error
    }
    return fit
  }

  /// Shows how far the search for the strength of the total variation is, and hears Ctrl-C.
  private func showPreparation() -> (Double) -> Bool {
    let start = ContinuousClock.now
    return { share in
      console.show(
        RunProgress(
          step: 0, elapsed: (ContinuousClock.now - start) / .seconds(1), share: share))
      return !interrupt.isRaised
    }
  }

  private func reference(for configuration: SliceFitConfiguration, in file: SinogramFile) throws
    -> Matrix?
  {
    guard let path = arguments[SliceResultOptions.reference] else { return nil }
    let reference = try CTSliceInput(path)
    let grid = configuration.grid
    guard reference.rows == grid.rows, reference.columns == grid.columns,
      [1, file.sliceCount].contains(reference.sliceCount)
    else {
      throw ScanError.wrongReference(
        path: path,
        found: (reference.isStack ? [reference.sliceCount] : [])
          + [reference.rows, reference.columns], expected: [grid.rows, grid.columns])
    }
    return try reference.slice(reference.sliceCount > 1 ? configuration.slice : 0)
  }

  private func describe(_ fit: SliceFit) {
    let network = fit.trainer.network
    let configuration = fit.configuration
    if !fit.strength.rungs.isEmpty {
      console.message("total variation of strength \(decimal(fit.strength.chosen))")
    }
    console.message(
      "\(network.summary), \(network.parameterCount) parameters; "
        + "\(counted(configuration.training.steps, "step")) of "
        + (configuration.method == .split
          ? counted(configuration.training.batch, "pixel")
          : counted(min(configuration.training.batch, configuration.scan.viewCount), "view"))
        + " on \(counted(workers.count, "thread"))")
  }

  // MARK: After

  private func report(
    _ fit: SliceFit, _ outcome: FitSession.Outcome, _ reference: Matrix?, folder: RunFolder
  ) throws {
    let slice = fit.slice()
    let measures = reference.flatMap {
      ReferenceMeasures(
        of: [slice], against: [$0], mask: fit.mask, peak: arguments[SliceResultOptions.peak])
    }
    let window = GrayWindow(showing: (reference ?? slice).elements)
    let metrics = fit.metrics(
      of: slice, measures: measures, stop: outcome.stop, rowsPerSecond: outcome.rowsPerSecond)
    try fit.model.write(to: folder.file("model.safetensors"))
    try slice.array.write(to: folder.file("slice.npy"))
    try Image(slice, window: window).write(to: folder.file("slice.png"))
    try comparison(fit, slice, reference, window).write(
      to: folder.file("comparison.png"), bitDepth: .eight)
    let residual = fit.residual(of: slice)
    try Image(residual, window: GrayWindow(showing: residual.elements)).write(
      to: folder.file("residual.png"))
    if let count = arguments[SliceFitOptions.reproject] {
      try fit.reprojected(slice, count: count).array.write(to: folder.file("reprojected.npy"))
    }
    try folder.writeHistory(
      fit.trainer.history,
      title: URL(fileURLWithPath: fit.configuration.sinogram).lastPathComponent)
    let record = RunRecord(
      task: "fit ct", arguments: arguments.words, started: started,
      seed: fit.configuration.training.seed, threads: workers.count,
      configuration: RecordedConfiguration(
        fit: fit.configuration, pictureWindow: window,
        variationSearch: fit.strength.rungs.map { .init(strength: $0.strength, error: $0.error) }),
      metrics: metrics)
    try AtomicFile.write(Data((try jsonText(record) + "\n").utf8), to: folder.file("run.json"))
    session.settle(outcome, in: folder, command: "inr fit ct")
    console.message(metrics.summary + "; results in \(folder.path)")
    if training.printsJSON { try StandardOutput.write(try jsonText(metrics) + "\n") }
  }

  /// Filtered back projection, fit, and the truth if it is known, side by side.
  private func comparison(
    _ fit: SliceFit, _ slice: Matrix, _ reference: Matrix?, _ window: GrayWindow
  ) -> Image {
    let backprojection = FilteredBackprojection(
      fit.configuration.scan, fit.configuration.grid, window: .hann, workers: workers
    ).reconstruct(fit.sinogram)
    var panels = [
      (caption: "filtered back projection", image: Image(backprojection, window: window)),
      (caption: "fit", image: Image(slice, window: window)),
    ]
    if let reference {
      panels.append((caption: "reference", image: Image(reference, window: window)))
    }
    return Image.panels(panels)
  }
}

/// The configuration of a run, and what was found before it began.
private struct RecordedConfiguration: Encodable {
  struct Rung: Encodable {
    let strength: Double
    let error: Double
  }

  let fit: SliceFitConfiguration
  /// The values that are black and white in the pictures.
  let pictureWindow: GrayWindow
  let variationSearch: [Rung]
}

extension SliceFit: ResumableFit {
  var configurationText: String { configuration.json }

  /// The pixels that count.
  fileprivate var mask: [Bool]? {
    configuration.isCircle
      ? configuration.grid.circle(radius: configuration.grid.inscribedRadius) : nil
  }
}

extension Matrix {
  fileprivate var array: NumpyArray { NumpyArray(shape: [rows, columns], elements: elements) }
}

extension SliceFitMetrics {
  /// One line for people.
  fileprivate var summary: String {
    var parts: [String] = []
    if let psnr { parts.append(String(format: "PSNR %.2f dB", psnr)) }
    if let ssim { parts.append(String(format: "SSIM %.4f", ssim)) }
    parts.append(String(format: "residual %.4g", residual))
    if let residualHeldOut { parts.append(String(format: "held out %.4g", residualHeldOut)) }
    return parts.joined(separator: ", ")
      + " after \(counted(steps, "step")) in \(String(format: "%.1f", seconds)) s"
      + (stop == StopReason.finished.rawValue ? "" : " (\(stop))")
  }
}
