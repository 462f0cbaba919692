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
          "activation": "sine; relu behind a grid", "width": "256; 64 behind a grid",
          "hidden-layers": "2; 1 behind a grid",
          "encoding": "grid where --photons tells of noise for which half as many cells as pixels "
            + "along a side are enough, unless an activation or a constant is given; else none, or "
            + "fourier for relu, leaky-relu and soft-relu",
          "grid-levels": "8", "grid-features": "2", "grid-coarsest": "8",
          "grid-finest":
            "with --photons N, sqrt(views pixels-a-side) N^(1/4) / 20; else a cell for each pixel",
          "grid-entries": "16, or as many as the finest lattice has vertices",
          "first-omega0": "as --omega0 if that is given, else by the number of pixels",
        ]),
        TrainingOptions.section.without(["target-psnr"]).defaults([
          "beta2": "0.999; 0.99 behind a grid",
          "batch": "512 pixels; all views for --method direct",
          "epochs": "60 for 256 x 256 pixels; 400 steps for --method direct", "schedule": "linear",
          "precision": "bfloat16 if the processor has it, but single for soap and kfac",
          "checkpoint-every": "30", "output": "outputs/NAME",
        ]),
      ],
      examples: [
        .init("inr fit ct sinogram.npy --angles 0:180:60", "60 views over half a turn"),
        .init(
          "inr fit ct sinogram.npy --angles 0:180:60 --photons 1e4 --attenuation 0.04",
          "noisy data: a grid of trained tables learns the slice, several times as fast"),
        .init(
          "inr fit ct sinogram.npy --angles 0:180:60 --photons 1e4 --activation sine",
          "the same by a network of sines, which takes coordinates"),
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

  private var session: FitSession { FitSession(training, console, workers, interrupt: interrupt) }

  func run() throws {
    if let folder = training.resumedFolder {
      try FitSession.checkResumption(
        arguments, operand: arguments[Self.sinogram], name: "SINOGRAM.npy",
        allowing: Self.afterwards)
      try arguments.require(SliceResultOptions.reference, for: SliceResultOptions.peak)
      return try resume(folder)
    }
    guard let path = arguments[Self.sinogram] else {
      throw arguments.error(.missingOperand(name: "SINOGRAM.npy"))
    }
    try arguments.require(SliceResultOptions.reference, for: SliceResultOptions.peak)
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

  /// Fits the slices from one on, each from the network of the one before, until one is interrupted.
  private func fitStack(
    _ first: SliceFitConfiguration, from start: Int, in folder: String,
    resuming state: TrainingState?, initial: Network?
  ) throws {
    var (state, network) = (state, initial)
    var settings = first
    var secondsLeft = training.timeLimit
    let file = try SinogramFile(
      first.sinogram, layout: SinogramFile.Layout(rawValue: first.layout) ?? .viewsBins)
    for slice in start..<max(start, file.sliceCount) {
      settings.slice = slice
      let before = state?.seconds ?? 0
      settings.timeLimit = secondsLeft.map { $0 + before }
      console.message("slice \(slice) of \(file.sliceCount)")
      let (fit, stop) = try fit(
        settings, in: Self.sliceFolder(slice, of: folder),
        beginning: slice == 0 && state == nil ? folder : nil, resuming: state, initial: network)
      guard stop == .finished, !interrupt.isRaised || slice + 1 == file.sliceCount else {
        console.message("to go on with the stack: inr fit ct --resume \(folder)")
        return
      }
      secondsLeft = secondsLeft.map { $0 - (fit.trainer.seconds - before) }
      // What suits one slice suits its neighbours.
      settings.totalVariation = fit.strength.chosen
      (network, state) = (fit.network, nil)
    }
    let slices = try (0..<file.sliceCount).map {
      try NumpyArray.read(Self.sliceFolder($0, of: folder) + "/slice.npy")
    }
    try NumpyArray(
      shape: [slices.count] + slices[0].shape, elements: slices.flatMap(\.elements)
    ).write(to: folder + "/" + Self.stackFile)
    console.message("\(counted(slices.count, "slice")) in \(folder)/\(Self.stackFile)")
  }

  private static let stackFile = "slices.npy"

  /// What a later `--resume` could take for a part of the stack that begins now.
  private static func removeEarlierStack(in folder: String) {
    let files = FileManager.default
    let slices = ((try? files.contentsOfDirectory(atPath: folder)) ?? []).filter {
      $0.hasPrefix("slice-")
    }
    let old = slices.flatMap { ["\($0)/\(Checkpoint.fileName)", "\($0)/run.json"] }
    for name in old + [Checkpoint.fileName] {
      try? files.removeItem(atPath: folder + "/" + name)
    }
  }

  private static func sliceFolder(_ slice: Int, of folder: String) -> String {
    folder + "/slice-" + String(format: "%04d", slice)
  }

  // MARK: Resuming

  private func resume(_ folder: String) throws {
    let files = FileManager.default
    let open = { (path: String) in
      files.fileExists(atPath: path + "/" + Checkpoint.fileName)
    }
    let slices = ((try? files.contentsOfDirectory(atPath: folder)) ?? []).filter {
      $0.hasPrefix("slice-")
    }.sorted().map { folder + "/" + $0 }
    if open(folder) || slices.isEmpty {
      let (configuration, state) = try checkpoint(in: folder)
      _ = try fit(configuration, in: folder, resuming: state, initial: nil)
    } else if let slice = slices.first(where: open) {
      let (configuration, state) = try checkpoint(in: slice)
      try fitStack(
        configuration, from: configuration.slice, in: folder, resuming: state,
        initial: try earlierNetwork(configuration.slice, folder))
    } else {
      // Between two slices.
      let isFinished = Self.isFinished(slices, in: folder)
      guard !isFinished,
        let last = slices.lazy.reversed().compactMap(FinishedRun.configuration).first
      else { throw RunFolderError.nothingToResume(path: folder, isFinished: isFinished) }
      try fitStack(
        last, from: last.slice + 1, in: folder, resuming: nil,
        initial: try earlierNetwork(last.slice + 1, folder))
    }
  }

  /// Whether the stack's file is there, and not from an earlier stack.
  private static func isFinished(_ slices: [String], in folder: String) -> Bool {
    func date(_ path: String) -> Date? {
      try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
    }
    guard let written = date(folder + "/" + stackFile) else { return false }
    return slices.compactMap { date($0 + "/run.json") }.allSatisfy { $0 <= written }
  }

  /// What a run goes on with; without a state where it had not begun to train.
  private func checkpoint(in folder: String) throws -> (SliceFitConfiguration, TrainingState?) {
    let file = try RunFolder.checkpoint(in: folder)
    let checkpoint = try Checkpoint.read(file)
    guard var configuration = SliceFitConfiguration(json: checkpoint.configuration) else {
      throw CheckpointError.otherTask(path: file, command: "inr fit ct")
    }
    configuration.timeLimit = training.timeLimit.map { $0 + checkpoint.state.seconds }
    // The strength is in the checkpoint as soon as it is known.
    return (configuration, configuration.totalVariation == nil ? nil : checkpoint.state)
  }

  /// The network that a slice of a stack starts from. A checkpoint's parameters take the place of its
  /// own.
  private func earlierNetwork(_ slice: Int, _ folder: String) throws -> Network? {
    guard slice > 0 else { return nil }
    return try Model.read(Self.sliceFolder(slice - 1, of: folder) + "/model.safetensors").network
  }

  // MARK: One slice

  /// - Parameter stack: the folder of a stack that begins with this slice.
  private func fit(
    _ configuration: SliceFitConfiguration, in path: String, beginning stack: String? = nil,
    resuming state: TrainingState?, initial: Network?
  ) throws -> (fit: SliceFit, stop: StopReason) {
    let file = try SinogramFile(
      configuration.sinogram,
      layout: SinogramFile.Layout(rawValue: configuration.layout) ?? .viewsBins)
    let views = configuration.views ?? Array(0..<file.viewCount)
    let sinogram = ScanData.keeping(views, of: try file.sinogram(configuration.slice))
    let weights = try configuration.weights.map { path in
      let weights = try SinogramFile(path, layout: file.layout)
      guard weights.viewCount == file.viewCount, weights.binCount == file.binCount else {
        throw SliceFitError.shape(
          path: path, found: (weights.viewCount, weights.binCount),
          expected: (file.viewCount, file.binCount), what: "weights")
      }
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
    if state == nil { folder.removeCheckpoints() }
    if let stack { Self.removeEarlierStack(in: stack) }
    guard fit.strength.isComplete else {
      try session.postpone(fit, in: folder)
      console.message(
        "interrupted before the strength of the total variation was known; "
          + "to go on: inr fit ct --resume \(folder.path)")
      return (fit, .interrupted)
    }
    describe(fit)
    do {
      let outcome = try session.run(fit, in: folder)
      try report(fit, outcome, reference, folder: folder)
      return (fit, outcome.stop)
    } catch {
      folder.removeIfEmpty()
      throw error
    }
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
    let slice = try reference.slice(reference.sliceCount > 1 ? configuration.slice : 0)
    guard measures(of: slice, against: slice, configuration.mask) != nil else {
      throw ScanError.emptyReference(path: path)
    }
    return slice
  }

  private func measures(of slice: Matrix, against reference: Matrix, _ mask: [Bool]?)
    -> ReferenceMeasures?
  {
    ReferenceMeasures(
      of: [slice], against: [reference], mask: mask, peak: arguments[SliceResultOptions.peak])
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
        + " on \(counted(workers.count, "thread"))"
        + FitSession.precision(of: configuration.training))
  }

  // MARK: After

  private func report(
    _ fit: SliceFit, _ outcome: FitSession.Outcome, _ reference: Matrix?, folder: RunFolder
  ) throws {
    let slice = fit.slice()
    let found = reference.flatMap { measures(of: slice, against: $0, fit.configuration.mask) }
    let window = GrayWindow(showing: (reference ?? slice).elements)
    let metrics = fit.metrics(
      of: slice, measures: found, stop: outcome.stop, rowsPerSecond: outcome.rowsPerSecond)
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
      fit.trainer.history, tracking: fit.configuration.training.tracking,
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

/// What run.json says of a slice that is done.
private struct FinishedRun: Decodable {
  struct Configuration: Decodable {
    let fit: SliceFitConfiguration
  }

  let configuration: Configuration
  let metrics: SliceFitMetrics

  /// The settings that go with its neighbours.
  static func configuration(in folder: String) -> SliceFitConfiguration? {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let data = FileManager.default.contents(atPath: folder + "/run.json"),
      let run = try? decoder.decode(Self.self, from: data)
    else { return nil }
    var settings = run.configuration.fit
    settings.totalVariation = run.metrics.totalVariation
    return settings
  }
}

extension SliceFit: ResumableFit {
  /// With the strength that was found, so that a resumed run need not search again, unless it was not.
  var configurationText: String {
    var copy = configuration
    if strength.isComplete { copy.totalVariation = strength.chosen }
    return copy.json
  }
}

extension SliceFitConfiguration {
  /// The pixels that count.
  fileprivate var mask: [Bool]? {
    isCircle ? grid.circle(radius: grid.inscribedRadius) : nil
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
