import Compute
import Foundation
import Tomography

extension Command {
  static let ctSIRT = Command(
    CommandSpecification(
      ["ct", "sirt"], summary: "Reconstruct slices by SIRT, the simultaneous iterative technique.",
      discussion: [
        "Slow and robust; the number of iterations decides between blur and noise. Ctrl-C ends the run "
          + "cleanly with the slice as it is."
      ],
      operands: [CTReconstruction.sinogram],
      sections: [
        ScanOptions.section,
        IterationOptions.section(with: [IterativeRun.relaxation]).defaults(["iterations": "200"]),
        SliceResultOptions.section,
      ],
      examples: [
        .init(
          "inr ct sirt sinogram.npy --angles 0:180:30 -o slice.npy", "200 iterations, not below 0"),
        .init(
          "inr ct sirt sinogram.npy --angles 0:180:30 --iterations 50 --allow-negative --circle",
          "fewer, of a slice that may be negative and is 0 outside its circle"),
      ]),
    run: { arguments in
      try IterativeRun(arguments, method: "sirt").run { run, data in
        SIRT(
          iterations: run.iteration.iterations ?? 200,
          isNonNegative: run.iteration.isNonNegative ?? true, mask: data.mask,
          tolerance: run.iteration.tolerance, relaxation: arguments[IterativeRun.relaxation] ?? 1)
      }
    })

  static let ctCGLS = Command(
    CommandSpecification(
      ["ct", "cgls"], summary: "Reconstruct slices by conjugate gradients for least squares.",
      discussion: [
        "The fewest iterations; with noise or few views, stop early. Ctrl-C ends the run cleanly with "
          + "the slice as it is."
      ],
      operands: [CTReconstruction.sinogram],
      sections: [
        ScanOptions.section, IterationOptions.section.defaults(["iterations": "20"]),
        SliceResultOptions.section,
      ],
      examples: [
        .init("inr ct cgls sinogram.npy --angles 0:180:60 -o slice.npy", "20 iterations"),
        .init(
          "inr ct cgls sinogram.npy --angles 0:180:60 --iterations 8 --reference truth.npy",
          "8 for noisy data, judged"),
      ]),
    run: { arguments in
      try IterativeRun(arguments, method: "cgls").run { run, data in
        CGLS(
          iterations: run.iteration.iterations ?? 20,
          isNonNegative: run.iteration.isNonNegative ?? false, mask: data.mask,
          tolerance: run.iteration.tolerance)
      }
    })

  static let ctTV = Command(
    CommandSpecification(
      ["ct", "tv"], summary: "Reconstruct slices of least total variation that explain the data.",
      discussion: [
        "The best of the classical methods for few views and for noise. --lambda auto finds the weight "
          + "of the variation without the truth: by predicting every fifth view from the others, or, "
          + "with --noise-level, by leaving a residual as large as the noise. For a stack it is found on "
          + "the first slice. Ctrl-C ends the run cleanly with the slice as it is."
      ],
      operands: [CTReconstruction.sinogram],
      sections: [
        ScanOptions.section,
        IterationOptions.section(with: [
          IterativeRun.lambda, IterativeRun.noiseLevel, IterativeRun.huber,
        ]).defaults(["iterations": "400"]),
        SliceResultOptions.section,
      ],
      examples: [
        .init("inr ct tv sinogram.npy --angles 0:180:30 -o slice.npy", "lambda is searched for"),
        .init(
          "inr ct tv sinogram.npy --angles 0:180:30 --lambda 2 --iterations 200", "lambda is known"),
      ]),
    run: { try IterativeRun($0, method: "tv").runTotalVariation() })
}

/// One call of `inr ct sirt`, `cgls` or `tv`.
private struct IterativeRun {
  static let relaxation = Option(
    "relaxation", .number(.positive(example: "1")), placeholder: "OMEGA",
    help: "Length of a step, less than 2.", default: "1")
  static let lambda = Option(
    "lambda", .lambda,
    help: "Weight of the total variation, in slice value times length squared.", default: "auto")
  static let noiseLevel = Option(
    "noise-level", .number(.positive(example: "0.02")), placeholder: "SIGMA",
    help: "Standard deviation of the sinogram's values, for --lambda auto.")
  static let huber = Option(
    "huber", .number(.nonNegative), placeholder: "VALUE",
    help: "Differences of neighbouring pixels below it count quadratically.", default: "0")

  let arguments: ParsedArguments
  let command: CTReconstruction
  let iteration: IterationOptions

  init(_ arguments: ParsedArguments, method: String) throws {
    self.arguments = arguments
    command = try CTReconstruction(arguments, method: method)
    iteration = try IterationOptions(arguments)
    if let relaxation = arguments[Self.relaxation], relaxation >= 2 {
      throw arguments.wrongValue(of: Self.relaxation, expected: "a number above 0 and below 2")
    }
    if case .value = arguments[Self.lambda], arguments.isGiven(Self.noiseLevel) {
      throw arguments.error(
        .notApplicable(
          option: "--noise-level", reason: "it serves to find lambda, which was given"))
    }
  }

  /// Runs a method whose options do not depend on the data.
  func run(
    _ method: (IterativeRun, ScanData) -> any IterativeReconstruction
  ) throws {
    let interrupt = SignalHandling.install(telling: command.console)
    try command.run(until: interrupt) { data, workers in
      let projector = Projector(
        data.scan, data.grid, model: command.scanOptions.projection, workers: workers)
      let method = method(self, data)
      let progress = IterationProgress(command, data, method.iterations, interrupt)
      return { sinogram, index in
        try reconstruct(sinogram, index, method, projector, progress)
      }
    }
  }

  func runTotalVariation() throws {
    let interrupt = SignalHandling.install(telling: command.console)
    try command.run(until: interrupt) { data, workers in
      let projector = Projector(
        data.scan, data.grid, model: command.scanOptions.projection, workers: workers)
      var method = TotalVariationReconstruction(
        lambda: 0, iterations: iteration.iterations ?? 400,
        isNonNegative: iteration.isNonNegative ?? true, mask: data.mask,
        tolerance: iteration.tolerance, huber: arguments[Self.huber] ?? 0)
      var isKnown = false
      if case .value(let value) = arguments[Self.lambda] {
        method.lambda = value
        isKnown = true
      }
      let progress = IterationProgress(command, data, method.iterations, interrupt)
      return { sinogram, index in
        var outcome: CTReconstruction.Outcome
        if isKnown {
          outcome = try reconstruct(sinogram, index, method, projector, progress)
        } else {
          (outcome, method.lambda) = try search(sinogram, method, projector, progress)
          isKnown = true
        }
        outcome.lambda = method.lambda
        return outcome
      }
    }
  }

  private func reconstruct(
    _ sinogram: Matrix, _ index: Int, _ method: any IterativeReconstruction,
    _ projector: Projector, _ progress: IterationProgress
  ) throws -> CTReconstruction.Outcome {
    var last = (iterations: 0, norm: 0.0)
    let slice = try method.reconstruct(sinogram, with: projector, start: nil) { step, norm in
      last = (step, norm)
      return progress.goesOn(slice: index, step: step, residual: norm)
    }
    return CTReconstruction.Outcome(
      slice: slice, iterations: last.iterations, residual: last.norm / progress.rayRoot)
  }

  /// The first slice, and the λ that was found on it.
  private func search(
    _ sinogram: Matrix, _ method: TotalVariationReconstruction, _ projector: Projector,
    _ progress: IterationProgress
  ) throws -> (CTReconstruction.Outcome, lambda: Double) {
    let views = sinogram.rows
    let noise = arguments[Self.noiseLevel]
    guard noise != nil || views >= 3 else { throw ScanError.lambdaUnknown(views: views) }
    let selection = TotalVariationSelection(
      method,
      criterion: noise.map { .discrepancy(noise: $0) } ?? .heldOutViews(every: min(5, views)))
    let name = noise == nil ? "error on the views held out" : "residual"
    var last = (iterations: 0, norm: 0.0)
    let result = try selection.reconstruct(
      sinogram, with: projector,
      afterRung: { rung in
        command.console.message(
          String(format: "lambda %.4g: %@ %.4g", rung.lambda, name, rung.error))
        return !progress.interrupt.isRaised
      },
      afterIteration: { step, norm in
        last = (step, norm)
        return progress.goesOn(slice: 0, step: step, residual: norm)
      })
    let outcome = CTReconstruction.Outcome(
      slice: result.slice, iterations: last.iterations, residual: last.norm / progress.rayRoot)
    return (outcome, result.lambda)
  }
}

/// Shows how far an iterative run has come, and hears whether to go on.
private struct IterationProgress {
  let console: Console
  let interrupt: InterruptFlag
  /// The root of the number of rays: residual norms become root mean squares.
  let rayRoot: Double
  private let iterations: Int
  private let sliceCount: Int
  private let start = ContinuousClock.now

  init(
    _ command: CTReconstruction, _ data: ScanData, _ iterations: Int, _ interrupt: InterruptFlag
  ) {
    console = command.console
    self.interrupt = interrupt
    self.iterations = iterations
    sliceCount = command.options.slice == nil ? data.file.sliceCount : 1
    rayRoot = Double(data.scan.viewCount * data.scan.binCount).squareRoot()
  }

  func goesOn(slice: Int, step: Int, residual: Double) -> Bool {
    console.show(
      RunProgress(
        step: slice * iterations + step, of: sliceCount * iterations, loss: residual / rayRoot,
        elapsed: (ContinuousClock.now - start) / .seconds(1)))
    return !interrupt.isRaised
  }
}
