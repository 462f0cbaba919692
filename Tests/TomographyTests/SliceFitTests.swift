import Compute
import Foundation
import Imaging
import Networks
import TestSupport
import Testing
import Tomography
import Training

/// Small fits, and what they are made of.
enum FitSample {
  /// Two discs in a third, and a hole: values from 0 to 1, edges on no pixel's border.
  static let phantom = EllipsePhantom([
    Ellipse(
      value: 0.6, centerX: 0.02, centerY: -0.03, semiAxisX: 0.72, semiAxisY: 0.61, rotation: 0),
    Ellipse(
      value: 0.4, centerX: 0.25, centerY: 0.12, semiAxisX: 0.24, semiAxisY: 0.3, rotation: 20),
    Ellipse(
      value: -0.5, centerX: -0.3, centerY: -0.1, semiAxisX: 0.15, semiAxisY: 0.25, rotation: 0),
  ])

  static func configuration(size: Int = 24, views: Int = 12) -> SliceFitConfiguration {
    configuration(
      ScanGeometry(angles: ScanGeometry.angles(from: 0, to: .pi, count: views), binCount: size + 9),
      SliceGrid(rows: size, columns: size))
  }

  static func configuration(_ scan: ScanGeometry, _ grid: SliceGrid) -> SliceFitConfiguration {
    var architecture = Architecture(activation: "sine")
    architecture.width = 32
    architecture.hiddenLayers = 1
    architecture.firstConstants = ["omega0": 15]
    var training = TrainingConfiguration()
    training.learningRate = 3e-3
    training.batch = 96
    training.steps = 30 * max(1, grid.pixelCount / 96)
    training.firstLayerRate = 0.25
    return SliceFitConfiguration(
      sinogram: "sinogram.npy", scan: scan, grid: grid, architecture: architecture,
      training: training)
  }

  /// The phantom's exact sinogram and picture.
  static func data(_ configuration: SliceFitConfiguration) -> (sinogram: Matrix, truth: Matrix) {
    let radius = EllipsePhantom.radius(filling: configuration.grid)
    return (
      phantom.sinogram(of: configuration.scan, radius: radius),
      phantom.rasterized(on: configuration.grid, radius: radius)
    )
  }

  static func fit(
    _ configuration: SliceFitConfiguration, _ sinogram: Matrix? = nil, weights: Matrix? = nil,
    initial: Network? = nil, threads: Int = 2
  ) throws -> SliceFit {
    let fit = try SliceFit(
      configuration, sinogram: sinogram ?? data(configuration).sinogram, weights: weights,
      initial: initial, workers: Workers(count: threads))
    _ = try fit.run(afterStep: { _ in .goOn }, save: { _ in })
    return fit
  }

  /// In dB, with the truth's largest value for its peak.
  static func psnr(_ slice: Matrix, _ truth: Matrix) -> Double {
    ReferenceMeasures(of: [slice], against: [truth])?.psnr ?? 0
  }
}

extension Network {
  /// All parameters.
  fileprivate var numbers: [Float] { ParameterBuffer(self).allValues }
}

@Suite struct SliceFitTests {
  private func psnr(_ configuration: SliceFitConfiguration) throws -> Double {
    let (sinogram, truth) = FitSample.data(configuration)
    return FitSample.psnr(try FitSample.fit(configuration, sinogram).slice(), truth)
  }

  private func direct(
    _ loss: SliceFitConfiguration.Loss, steps: Int = 60
  ) -> SliceFitConfiguration {
    var configuration = FitSample.configuration()
    configuration.method = .direct
    configuration.loss = loss
    configuration.training.steps = steps
    configuration.training.batch = configuration.scan.viewCount
    return configuration
  }

  // MARK: Quality

  @Test func itIsBetterThanTheReferenceMethods() throws {
    var configuration = FitSample.configuration(size: 64, views: 20)
    configuration.architecture.width = 64
    configuration.architecture.firstConstants = ["omega0": 25]
    configuration.training.batch = 256
    configuration.training.steps = 40 * 16
    configuration.training.learningRate = 1e-3
    let (sinogram, truth) = FitSample.data(configuration)
    let found = FitSample.psnr(try FitSample.fit(configuration, sinogram).slice(), truth)
    let projector = Projector(configuration.scan, configuration.grid, workers: Workers(count: 2))
    let filtered = FilteredBackprojection(
      configuration.scan, configuration.grid, window: .hann, workers: Workers(count: 2)
    ).reconstruct(sinogram)
    let sirt = try SIRT(iterations: 200).reconstruct(sinogram, with: projector)
    #expect(found > FitSample.psnr(filtered, truth) + 5)
    #expect(found > FitSample.psnr(sirt, truth) + 1)
  }

  @Test func theFilteredLossIsFasterThanThatOfTheProjections() throws {
    let filtered = try psnr(direct(.filtered))
    let plain = try psnr(direct(.projection))
    #expect(filtered > plain + 1)
  }

  @Test func aStartFromTheFilteredBackProjectionIsNearer() throws {
    var configuration = direct(.filtered, steps: 1)
    let random = try psnr(configuration)
    configuration.start = .fbp
    let fitted = try psnr(configuration)
    #expect(fitted > random + 3)
  }

  // MARK: Units and geometry

  @Test(arguments: SliceFitConfiguration.Method.allCases)
  func unitsDoNotMatter(method: SliceFitConfiguration.Method) throws {
    var plain = method == .split ? FitSample.configuration() : direct(.filtered, steps: 40)
    // A strength and a limit mean the same in both.
    plain.totalVariation = method == .split ? nil : 0.1
    plain.huber = method == .split ? nil : 3
    let (sinogram, truth) = FitSample.data(plain)
    let expected = try FitSample.fit(plain, sinogram)
    var other = plain
    other.scan.binWidth = 0.2
    other.grid.pixelSize = 0.2
    other.huber = plain.huber.map { $0 * 0.008 * 0.2 }
    let small = Matrix(
      rows: sinogram.rows, columns: sinogram.columns,
      elements: sinogram.elements.map { $0 * 0.008 * 0.2 })
    let found = try FitSample.fit(other, small)
    let psnr = (
      FitSample.psnr(expected.slice(), truth),
      FitSample.psnr(
        found.slice(), Matrix(rows: 24, columns: 24, elements: truth.elements.map { $0 * 0.008 }))
    )
    #expect(psnr.0 > 18)
    // Rounding grows in the course of a run.
    #expect(abs(psnr.0 - psnr.1) < 0.3)
    #expect(abs(expected.strength.chosen - found.strength.chosen) < 1e-12)
  }

  @Test func fansRectanglesAndShiftedAxesAreFitted() throws {
    let fan = ScanGeometry(
      beam: .fan(sourceToOrigin: 100, sourceToDetector: 150),
      angles: ScanGeometry.angles(from: 0.1, to: 2 * .pi + 0.1, count: 24), binCount: 47,
      binWidth: 1.5, center: 22.2)
    let shifted = ScanGeometry(
      angles: ScanGeometry.angles(from: 0, to: .pi, count: 16), binCount: 60, center: 33.7)
    let configurations = [
      FitSample.configuration(fan, SliceGrid(rows: 24, columns: 24)),
      FitSample.configuration(shifted, SliceGrid(rows: 24, columns: 30)),
      FitSample.configuration(
        shifted, SliceGrid(rows: 31, columns: 25, axisRow: 17.5, axisColumn: 10.25)),
    ]
    for configuration in configurations {
      let found = try psnr(configuration)
      #expect(found > 18)
    }
  }

  @Test(arguments: SliceFitConfiguration.Method.allCases)
  func pointsOfAPixelAreAveraged(method: SliceFitConfiguration.Method) throws {
    var configuration = method == .split ? FitSample.configuration(size: 17) : direct(.filtered)
    configuration.supersampling = 2
    configuration.isCircle = true
    let (sinogram, truth) = FitSample.data(configuration)
    let fit = try FitSample.fit(configuration, sinogram)
    let slice = fit.slice()
    #expect(slice.rows == truth.rows && slice.columns == truth.columns)
    #expect(fit.lattice.count == 4 * truth.elements.count)
    #expect(FitSample.psnr(slice, truth) > 17)
    let mask = configuration.grid.circle(radius: configuration.grid.inscribedRadius)
    #expect(zip(mask, slice.elements).allSatisfy { $0 || $1 == 0 })
  }

  @Test func emptySpaceHasNoBias() throws {
    // Errors of both signs, cut off below zero, would leave a mean of 0.4 of their size.
    let configuration = FitSample.configuration(size: 32, views: 40)
    let (sinogram, truth) = FitSample.data(configuration)
    let slice = try FitSample.fit(configuration, sinogram).slice()
    let grid = configuration.grid
    let object = grid.circle(radius: 14)
    let empty = slice.elements.indices.filter { !object[$0] }
    #expect(empty.allSatisfy { truth.elements[$0] == 0 } && empty.count > 300)
    let mean = empty.reduce(0.0) { $0 + Double(slice.elements[$1]) } / Double(empty.count)
    // 0.0047 by the plain squared error, 0.0011 by ours.
    #expect(mean < 0.002)
  }

  @Test func nothingIsOutsideTheCircleOrNegative() throws {
    var configuration = FitSample.configuration()
    configuration.training.steps = 20
    let open = try FitSample.fit(configuration).slice()
    #expect(open.elements.allSatisfy { $0 >= 0 })
    configuration.isNonNegative = false
    #expect(try FitSample.fit(configuration).slice().elements.contains { $0 < 0 })
    configuration.isCircle = true
    let fit = try FitSample.fit(configuration)
    let mask = configuration.grid.circle(radius: configuration.grid.inscribedRadius)
    #expect(zip(mask, fit.slice().elements).allSatisfy { $0 || $1 == 0 })
    #expect(zip(mask, open.elements).contains { !$0 && $1 != 0 })
    // Passes count the pixels that are trained on.
    let metrics = fit.metrics(of: fit.slice(), measures: nil, stop: .finished, rowsPerSecond: 1)
    let inside = Double(mask.count { $0 })
    #expect(abs(metrics.passes - 20 * 96 / inside) < 1e-9)
  }

  @Test(arguments: SliceFitConfiguration.Method.allCases, [1, 2])
  func fewViewsRun(method: SliceFitConfiguration.Method, views: Int) throws {
    var configuration = FitSample.configuration(views: views)
    configuration.method = method
    configuration.training.steps = 12
    let slice = try FitSample.fit(configuration).slice()
    #expect(slice.elements.allSatisfy(\.isFinite) && slice.elements.contains { $0 > 0.1 })
  }

  @Test func theNetworkHasTheSlicesValues() throws {
    var configuration = FitSample.configuration()
    configuration.training.steps = 60
    var (sinogram, _) = FitSample.data(configuration)
    for i in sinogram.elements.indices { sinogram.elements[i] *= 40 }
    let fit = try FitSample.fit(configuration, sinogram)
    let values = FieldEvaluator(fit.network).values(at: fit.lattice).map { max(0, $0) }
    let slice = fit.slice().elements.map(Double.init)
    #expect(slice.contains { $0 > 20 })
    #expect(relativeDeviation(values, from: slice) < 1e-5)
    // What it leaves of the sinogram, in the sinogram's unit.
    let residual = fit.residual(of: fit.slice())
    let squares = residual.elements.reduce(0.0) { $0 + Double($1) * Double($1) }
    let metrics = fit.metrics(of: fit.slice(), measures: nil, stop: .finished, rowsPerSecond: 1)
    let expected = (squares / Double(residual.elements.count)).squareRoot()
    #expect(abs(metrics.residual - expected) < 1e-9 * expected && metrics.residualHeldOut == nil)
  }

  @Test func aWarmStartBeginsWithTheEarlierSlice() throws {
    var configuration = FitSample.configuration()
    let (sinogram, truth) = FitSample.data(configuration)
    let first = try FitSample.fit(configuration, sinogram)
    // The next slice is a little lighter, so that its problem has other units; one step changes
    // little.
    configuration.training.steps = 1
    configuration.training.learningRate = 1e-5
    let light = Matrix(
      rows: sinogram.rows, columns: sinogram.columns, elements: sinogram.elements.map { 0.9 * $0 })
    let next = try FitSample.fit(configuration, light, initial: first.network).slice()
    let cold = try FitSample.fit(configuration, light).slice()
    func psnr(_ slice: Matrix) -> Double {
      FitSample.psnr(
        Matrix(rows: 24, columns: 24, elements: slice.elements.map { $0 / 0.9 }), truth)
    }
    #expect(psnr(next) > psnr(cold) + 8, "\(psnr(next)) \(psnr(cold))")
    // A network of another kind is none to begin with.
    let color = SampleNetwork.make("sine", outputs: 3)
    #expect(throws: SliceFitError.self) {
      try FitSample.fit(configuration, light, initial: color)
    }
  }

  // MARK: What is withheld

  @Test(
    arguments: SliceFitConfiguration.Method.allCases, [false, true])
  func raysHeldOutHaveNoInfluence(method: SliceFitConfiguration.Method, areViews: Bool) throws {
    var configuration = FitSample.configuration()
    configuration.method = method
    configuration.start = .fbp
    configuration.training.steps = method == .split ? 24 : 4
    configuration.holdOut = 0.2
    configuration.holdsOutViews = areViews
    let (sinogram, _) = FitSample.data(configuration)
    let fit = try FitSample.fit(configuration, sinogram)
    let heldOut = try #require(fit.problem.heldOut)
    let count = heldOut.elements.count { $0 > 0 }
    #expect(count > 40 && count < 120)
    if areViews {
      // 12 views: a fifth of them are 2.
      let views = Set(heldOut.elements.indices.filter { heldOut.elements[$0] > 0 }.map { $0 / 33 })
      #expect(views.count == 2 && count == 66)
    }
    #expect(zip(heldOut.elements, fit.problem.weights.elements).allSatisfy { ($0 > 0) != ($1 > 0) })
    var changed = sinogram
    var random = SplitMix64(seed: 4)
    for i in heldOut.elements.indices where heldOut.elements[i] > 0 {
      changed.elements[i] += 50 * random.nextUniform(bound: 1)
    }
    let other = try FitSample.fit(configuration, changed)
    #expect(other.trainer.network.numbers == fit.trainer.network.numbers)
    #expect(
      other.strength.chosen == fit.strength.chosen && other.problem.scale == fit.problem.scale)
    // They are judged, though.
    let metrics = [fit, other].map {
      $0.metrics(of: $0.slice(), measures: nil, stop: .finished, rowsPerSecond: 1)
    }
    #expect((metrics[1].residualHeldOut ?? 0) > 10 * (metrics[0].residualHeldOut ?? .infinity))
    // And others do have influence.
    var seen = sinogram
    for i in heldOut.elements.indices where heldOut.elements[i] == 0 { seen.elements[i] *= 1.1 }
    #expect(try FitSample.fit(configuration, seen).network.numbers != fit.network.numbers)
  }

  @Test(arguments: SliceFitConfiguration.Method.allCases)
  func theParametersThatPredictBestAreKept(method: SliceFitConfiguration.Method) throws {
    var configuration = FitSample.configuration()
    configuration.method = method
    configuration.holdOut = 0.2
    configuration.training.steps = method == .split ? 90 : 30
    configuration.training.schedule = Schedule(.constant)
    // So fast that it becomes worse again and again.
    configuration.training.learningRate = 0.03
    let (sinogram, _) = FitSample.data(configuration)
    let fit = try SliceFit(configuration, sinogram: sinogram, workers: Workers(count: 2))
    let heldOut = try #require(fit.problem.heldOut)
    let interval = method == .split ? 6 : 1
    var best = (error: Double.infinity, step: 0, network: fit.trainer.network)
    func error(_ network: Network) -> Double {
      let values = FieldEvaluator(network).values(at: fit.lattice)
      return fit.problem.residual(
        of: fit.problem.slice(of: values, isNonNegative: true), weights: heldOut)
    }
    _ = try fit.run(
      afterStep: { progress in
        if progress.step % interval == 0 {
          let network = fit.trainer.network
          if error(network) < best.error { best = (error(network), progress.step, network) }
        }
        return .goOn
      }, save: { _ in })
    #expect(best.step < configuration.training.steps)
    #expect(
      fit.network.numbers
        == best.network.scalingOutputs(by: Float(fit.problem.scale)).numbers)
    let metrics = fit.metrics(of: fit.slice(), measures: nil, stop: .finished, rowsPerSecond: 1)
    let unit = fit.problem.scale * configuration.grid.pixelSize
    #expect(abs((metrics.residualHeldOut ?? 0) - best.error * unit) < 1e-3 * best.error * unit)
  }

  @Test func raysOfNoWorthHaveNoInfluence() throws {
    var configuration = FitSample.configuration()
    configuration.training.steps = 12
    let (sinogram, _) = FitSample.data(configuration)
    var weights = Matrix(rows: 12, columns: 33, elements: Array(repeating: 3, count: 396))
    var broken = sinogram
    // A dead bin.
    for view in 0..<12 { (weights[view, 15], broken[view, 15]) = (0, 1e4) }
    let fit = try FitSample.fit(configuration, sinogram, weights: weights)
    let other = try FitSample.fit(configuration, broken, weights: weights)
    #expect(other.network.numbers == fit.network.numbers)
  }

  // MARK: Interruption

  @Test(
    arguments: SliceFitConfiguration.Method.allCases, [1, 4])
  func aFitGoesOnInTheSameBits(method: SliceFitConfiguration.Method, threads: Int) throws {
    var configuration = FitSample.configuration()
    configuration.method = method
    configuration.holdOut = 0.1
    configuration.training.steps = method == .split ? 36 : 12
    let (sinogram, _) = FitSample.data(configuration)
    func make(_ threads: Int) throws -> SliceFit {
      try SliceFit(configuration, sinogram: sinogram, workers: Workers(count: threads))
    }
    let whole = try make(2)
    // A pass has 6 steps: before the first step, inside a pass of either half, and between two.
    let stops = method == .split ? [3, 12, 20, 31] : [2, 7]
    var states = [whole.trainer.snapshot()]
    _ = try whole.run(
      afterStep: { stops.contains($0.step) ? .save : .goOn }, save: { states.append($0) })
    #expect(states.count == stops.count + 1)
    for state in states {
      let resumed = try make(threads)
      #expect(resumed.canRestore(state))
      resumed.restore(state)
      _ = try resumed.run(afterStep: { _ in .goOn }, save: { _ in })
      #expect(
        resumed.trainer.network.numbers == whole.trainer.network.numbers, "step \(state.step)")
      #expect(resumed.network.numbers == whole.network.numbers)
      #expect(resumed.trainer.keptNetwork?.score == whole.trainer.keptNetwork?.score)
    }
  }

  @Test func aStateOfAnotherFitIsRefused() throws {
    let configuration = FitSample.configuration()
    let sinogram = FitSample.data(configuration).sinogram
    let fit = try SliceFit(configuration, sinogram: sinogram, workers: Workers(count: 1))
    var state = fit.trainer.snapshot()
    #expect(fit.canRestore(state))
    state.step = configuration.training.steps + 1
    #expect(!fit.canRestore(state))
    state = fit.trainer.snapshot()
    state.targets.removeLast()
    #expect(!fit.canRestore(state))
    state = fit.trainer.snapshot()
    state.parameters.removeLast()
    #expect(!fit.canRestore(state))
    // Targets that only a later step has.
    state = fit.trainer.snapshot()
    state.step = 3
    #expect(!fit.canRestore(state))
  }

  @Test func aTimeLimitEndsTheRun() throws {
    var configuration = FitSample.configuration()
    configuration.timeLimit = 1e-9
    let fit = try SliceFit(
      configuration, sinogram: FitSample.data(configuration).sinogram, workers: Workers(count: 1))
    #expect(try fit.run(afterStep: { _ in .goOn }, save: { _ in }) == .timeLimit)
    #expect(fit.trainer.step == 1)
  }

  @Test func theConfigurationSurvivesItsText() {
    var configuration = FitSample.configuration(
      ScanGeometry(
        beam: .fan(sourceToOrigin: 1.0 / 3, sourceToDetector: 2), angles: [0, 0.1, .pi], binCount: 3
      ),
      SliceGrid(rows: 5, columns: 7, pixelSize: 0.3))
    configuration.views = [0, 2, 4]
    (configuration.method, configuration.loss, configuration.huber) = (.direct, .projection, 0.25)
    (configuration.photons, configuration.holdOut, configuration.similarity) = (1e4, 0.1, 0.03)
    #expect(SliceFitConfiguration(json: configuration.json) == configuration)
    #expect(SliceFitConfiguration(json: "{}") == nil)
  }

  // MARK: What cannot be fitted

  private func message(_ sinogram: Matrix, weights: Matrix? = nil, holdOut: Double = 0) -> String {
    var configuration = FitSample.configuration(size: 8, views: 2)
    configuration.holdOut = holdOut
    do {
      _ = try SliceFit(configuration, sinogram: sinogram, weights: weights)
      return "nothing"
    } catch { return "\(error)" }
  }

  @Test func wrongDataAreRefused() {
    func matrix(_ value: Float, rows: Int = 2, changed: Float? = nil) -> Matrix {
      var matrix = Matrix(
        rows: rows, columns: 17, elements: Array(repeating: value, count: 17 * rows))
      if let changed { matrix[1, 4] = changed }
      return matrix
    }
    #expect(message(matrix(1, rows: 3)).contains("3 x 17, expected 2 x 17"))
    #expect(message(matrix(1, changed: .nan)).contains("view 1, bin 4 is not finite"))
    #expect(message(matrix(0)).contains("largest value is 0.0; expected line integrals"))
    #expect(message(matrix(-2)).contains("largest value is -2.0"))
    #expect(message(matrix(3e38)).contains("too large for sums"))
    #expect(message(matrix(1), holdOut: 1).contains("--hold-out 1.0 leaves no ray"))
    #expect(message(matrix(1), weights: matrix(1, rows: 1)).contains("weights of 1 x 17"))
    #expect(message(matrix(1), weights: matrix(0)).contains("all rays have the weight 0"))
    let negative = message(matrix(1), weights: matrix(-1, changed: -2))
    #expect(negative.contains("view 0, bin 0 has the weight -1.0"), "\(negative)")
    #expect(
      message(matrix(1), weights: matrix(1, changed: .infinity)).contains("[1, 4]"))
  }
}
