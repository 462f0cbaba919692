import Compute
import Foundation
import Meshes
import Networks
import ShapeFitting
import Testing
import Training

@Suite struct ShapeFitTests {
  typealias Target = ShapeField.Target
  typealias Loss = ShapeFitConfiguration.Loss

  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func fit(
    _ target: Target, _ loss: Loss, steps: Int = 300, threads: Int = 2,
    _ change: (inout ShapeFitConfiguration) -> Void = { _ in }
  ) throws -> ShapeFit {
    var configuration = SampleFit.configuration(
      try SampleFit.sphere(in: scratch), target, loss, steps: steps)
    change(&configuration)
    return try ShapeFit(configuration, workers: Workers(count: threads))
  }

  /// Expects a closed surface at the sphere that was fitted, within a share of its radius.
  private func expectSphere(
    _ mesh: Mesh, within share: Double, center: SIMD3<Double> = SampleFit.center,
    radius: Double = SampleFit.radius, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let bounds = try #require(mesh.bounds, sourceLocation: sourceLocation)
    #expect(
      (bounds.center - center).norm < share * radius, "\(bounds)", sourceLocation: sourceLocation)
    let distances = mesh.positions.map { ($0 - center).norm / radius }
    #expect(
      abs(moments(distances).mean - 1) < share, "\(moments(distances))",
      sourceLocation: sourceLocation)
    #expect(mesh.report().isSolid, sourceLocation: sourceLocation)
    let volume = 4 / 3 * Double.pi * radius * radius * radius
    #expect(
      abs(mesh.signedVolume / volume - 1) < 3 * share, "\(mesh.signedVolume)",
      sourceLocation: sourceLocation)
  }

  private func gridIoU(_ fit: ShapeFit) throws -> Double {
    try #require(fit.gridOverlap { _ in true }?.iou)
  }

  // MARK: Results

  @Test(arguments: [
    (Target.sdf, Loss.absolute, 0.0), (.sdf, .squared, 0), (.sdf, .absolute, 0.1),
    (.occupancy, .squared, 0), (.occupancy, .crossEntropy, 0),
  ])
  func aSphereComesBackWhereItWas(target: Target, loss: Loss, eikonal: Double) throws {
    let fit = try fit(target, loss) { $0.eikonal = eikonal }
    #expect(fit.field.level == (target == .occupancy && loss == .squared ? 0.5 : 0))
    let untrained = try gridIoU(fit)
    #expect(try SampleFit.run(fit) == .finished)
    let iou = try gridIoU(fit)
    // What 300 steps of a small network reach, by far.
    #expect(iou > 0.95 && iou > untrained)
    try expectSphere(try SampleFit.surface(fit), within: 0.02)
  }

  // A sphere's slopes are of length 1 with the term, and further from it without.
  @Test func theEikonalTermMakesSlopesEven() throws {
    func meanDeviation(_ weight: Double) throws -> Double {
      let fit = try fit(.sdf, .absolute, steps: 100) { ($0.eikonal, $0.nearShare) = (weight, 1) }
      try SampleFit.run(fit)
      let points = fit.solid.uniformPoints(2000, seed: 1, workers: Workers(count: 2))
      let step = 1e-2
      func values(_ shift: SIMD3<Double>) -> [Double] {
        let moved = points.flatMap { point in
          [Float(point.x + shift.x), Float(point.y + shift.y), Float(point.z + shift.z)]
        }
        return fit.trainer.values(at: Matrix(rows: points.count, columns: 3, elements: moved))
          .map(Double.init)
      }
      var squares = [Double](repeating: 0, count: points.count)
      for axis in 0..<3 {
        var shift = SIMD3<Double>.zero
        shift[axis] = step
        for (i, pair) in zip(values(shift), values(-shift)).enumerated() {
          let slope = (pair.0 - pair.1) / (2 * step)
          squares[i] += slope * slope
        }
      }
      return moments(squares.map { abs($0.squareRoot() - 1) }).mean
    }
    let (with, without) = (try meanDeviation(0.3), try meanDeviation(0))
    #expect(with < 0.8 * without, "\(with), without \(without)")
  }

  @Test func theMeasuresOfAFitAreThoseOfItsSurface() throws {
    let fit = try fit(.sdf, .absolute) { $0.gridResolution = 40 }
    try SampleFit.run(fit)
    let surface = try SampleFit.surface(fit)
    var shares: [Double] = []
    let metrics = try fit.metrics(surface: surface, stop: .finished, rowsPerSecond: 7) { share in
      shares.append(share)
      return true
    }
    #expect(shares.last == 1 && shares == shares.sorted())
    #expect(metrics.grid == [40, 40, 40] && metrics.randomPoints == 1 << 18)
    let (iou, iouRandom) = (try #require(metrics.iou), try #require(metrics.iouRandom))
    #expect(try iou == gridIoU(fit))
    // A grid cell is 0.06 of the radius, and the surface of two solids of nearly the same shape
    // crosses it anywhere.
    #expect(abs(iou - iouRandom) < 0.01 && iouRandom > 0.95)
    let union = Double.pi / 6 / (1.2 * 1.2 * 1.2) * Double(1 << 18)
    let expected = (iouRandom * (1 - iouRandom) / union).squareRoot()
    #expect(abs(try #require(metrics.iouStandardError) / expected - 1) < 0.05)
    // In the mesh's unit: the radius is 4.
    let chamfer = try #require(metrics.chamferL1)
    let hausdorff = try #require(metrics.hausdorff)
    #expect(chamfer > 0 && chamfer < 0.02 * 4 && hausdorff >= chamfer && hausdorff < 0.15 * 4)
    let comparison = try MeshComparison(surface, try #require(fit.mesh))
    #expect(comparison.chamferL1 == chamfer)
    #expect(try #require(metrics.normalConsistency) > 0.97)
    #expect(abs(try #require(metrics.fScoreThreshold) - 0.08) < 1e-6)
    #expect((0...1).contains(try #require(metrics.fScore)))
    #expect(metrics.steps == 300 && metrics.rowsPerSecond == 7 && metrics.stop == "finished")
    #expect(metrics.seconds > 0 && metrics.seconds == fit.trainer.seconds)
    let partly = try fit.metrics(surface: surface, stop: .finished, rowsPerSecond: 7) { _ in false }
    #expect(partly.iou == nil && partly.iouRandom == iouRandom && partly.chamferL1 == chamfer)
  }

  // The points along the run are the first quarter of those that judge its end.
  @Test func theCurveEndsWhereTheRunIsJudged() throws {
    let fit = try fit(.occupancy, .squared, steps: 200) {
      ($0.training.batch, $0.samples) = (4096, 20_000)
    }
    try SampleFit.run(fit)
    let curve = fit.trainer.history.filter { $0.measures["iou"] != nil }
    // A batch is a sixteenth of the points, so that 128 steps have eight times as many.
    #expect(curve.map(\.step) == [0, 128, 200])
    let values = curve.compactMap { $0.measures["iou"] }
    let judged = fit.randomOverlap()
    let (iou, error) = (try #require(judged.iou), try #require(judged.standardError))
    // Of a quarter of the points twice the error.
    #expect(abs(values[2] - iou) < 4 * 2 * error)
    #expect(values[0] < values[1] && values[1] < values[2] && values[1] > 0.5)
  }

  // MARK: Repetition

  @Test(arguments: [(Target.sdf, Loss.absolute, 0.1), (.occupancy, .crossEntropy, 0)])
  func interruptionAndThreadsChangeNoBit(target: Target, loss: Loss, eikonal: Double) throws {
    func fresh(_ threads: Int) throws -> ShapeFit {
      try fit(target, loss, steps: 50, threads: threads) { $0.eikonal = eikonal }
    }
    let whole = try fresh(1)
    try SampleFit.run(whole)
    // 20 steps an epoch, so the run is taken up within the second and the third.
    let interrupted = try fresh(3)
    let stop = try interrupted.run(
      afterStep: { $0.step == 27 ? .stop(.interrupted) : .goOn }, save: { _ in })
    #expect(stop == .interrupted)
    let second = try fresh(2)
    #expect(second.canRestore(interrupted.trainer.snapshot()))
    second.restore(interrupted.trainer.snapshot())
    _ = try second.run(afterStep: { $0.step == 40 ? .stop(.interrupted) : .goOn }, save: { _ in })
    let third = try fresh(4)
    third.restore(second.trainer.snapshot())
    #expect(try SampleFit.run(third) == .finished)
    let (a, b) = (whole.trainer.snapshot(), third.trainer.snapshot())
    #expect(a.parameters == b.parameters && a.secondMoments == b.secondMoments)
    #expect(whole.trainer.history.map(\.loss) == third.trainer.history.map(\.loss))
    #expect(whole.trainer.history.map(\.measures) == third.trainer.history.map(\.measures))
    #expect(whole.randomOverlap() == third.randomOverlap())
    #expect(try SampleFit.surface(whole) == SampleFit.surface(third))

    let other = try fit(target, loss, steps: 50) { ($0.eikonal, $0.training.seed) = (eikonal, 1) }
    try SampleFit.run(other)
    #expect(other.trainer.snapshot().parameters != a.parameters)
    #expect(!(try fit(target, loss, steps: 26)).canRestore(interrupted.trainer.snapshot()))
  }

  @Test func aTimeLimitEndsTheRun() throws {
    let fit = try fit(.sdf, .absolute, steps: 1_000_000) { $0.timeLimit = 0.02 }
    #expect(try SampleFit.run(fit) == .timeLimit)
    #expect(fit.trainer.seconds >= 0.02 && fit.trainer.step >= 1)
  }

  // MARK: Models

  @Test func theModelHasTheWayBackToTheShape() throws {
    let fit = try fit(.sdf, .absolute)
    try SampleFit.run(fit)
    try fit.model.write(to: scratch.file("m.safetensors"))
    let model = try Model.read(scratch.file("m.safetensors"))
    let field = try #require(try ShapeField(model, path: "m"))
    #expect(field == fit.field)
    let surface = NetworkSurface(model.network, field)
    let mesh = try surface.surface(on: surface.grid(resolution: 32), rim: .capped).mesh
    #expect(try mesh == SampleFit.surface(fit))
  }

  @Test func aRunMayBeginWithAModel() throws {
    let first = try fit(.sdf, .absolute)
    try SampleFit.run(first)
    try first.model.write(to: scratch.file("m.safetensors"))
    let second = try fit(.sdf, .absolute, steps: 1) {
      $0.initialModel = InitialModel(path: scratch.file("m.safetensors"))
    }
    #expect(second.trainer.snapshot().parameters == first.trainer.snapshot().parameters)
    #expect(second.gridOverlap { _ in true } == first.gridOverlap { _ in true })
  }

  // MARK: Boxes

  @Test func theMarginIsAShareOfTheLongestSide() throws {
    let mesh = scratch.file("box.obj")
    try SampleShape.cuboid(Box(lower: [1, 2, 3], upper: [5, 4, 4])).write(to: mesh)
    var configuration = SampleFit.configuration(mesh, .sdf, .absolute)
    configuration.margin = 0.25
    let fit = try ShapeFit(configuration)
    // The box is 6, 4, 3 around (3, 3, 3.5).
    #expect((fit.field.transformation.applied(to: [3, 3, 3.5])).norm < 1e-12)
    #expect((fit.field.transformation.applied(to: [6, 5, 5]) - [1, 2.0 / 3, 0.5]).norm < 1e-12)
    #expect((fit.field.box.upper - [1, 2.0 / 3, 0.5]).norm < 1e-12)
    #expect((fit.field.box.lower + [1, 2.0 / 3, 0.5]).norm < 1e-12)
    #expect(fit.voxelCounts == SIMD3(32, 21, 16))
  }

  // Half of the sphere, by a box that cuts it: its surface is capped at the box.
  @Test func boundsTakeAPartOfTheShape() throws {
    let fit = try fit(.sdf, .absolute) { $0.bounds = [10, 16, -11, 1, -3, 9] }
    #expect((fit.field.transformation.applied(to: [13, -5, 3])).norm < 1e-12)
    try SampleFit.run(fit)
    #expect(try gridIoU(fit) > 0.9)
    let mesh = try SampleFit.surface(fit)
    #expect(mesh.report().isSolid)
    let half = 2 / 3 * Double.pi * 64
    #expect(abs(mesh.signedVolume / half - 1) < 0.1)
    let bounds = try #require(mesh.bounds)
    #expect(abs(bounds.lower.x - 10) < 0.01 && abs(bounds.upper.x - 14) < 0.2)
    // Distances to the whole sphere would be those of the half that is not there.
    let metrics = try fit.metrics(surface: mesh, stop: .finished, rowsPerSecond: 1)
    #expect(metrics.chamferL1 == nil && metrics.hausdorff == nil)
    #expect(try #require(metrics.iouRandom) > 0.9)
  }

  // With no margin the mesh reaches to the sides of the box, and is whole.
  @Test func aMeshThatFillsItsBoxIsCompared() throws {
    let fit = try fit(.sdf, .absolute) { $0.margin = 0 }
    try SampleFit.run(fit)
    let metrics = try fit.metrics(
      surface: SampleFit.surface(fit), stop: .finished, rowsPerSecond: 1)
    #expect(try #require(metrics.chamferL1) < 0.1)
  }
}
