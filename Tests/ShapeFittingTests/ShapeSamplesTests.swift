import Compute
import Meshes
import Networks
import ShapeFitting
import Testing
import Training

@Suite struct ShapeSamplesTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func fit(
    _ target: ShapeField.Target, threads: Int = 2,
    _ change: (inout ShapeFitConfiguration) -> Void = { _ in }
  ) throws -> ShapeFit {
    var configuration = SampleFit.configuration(
      try SampleFit.sphere(in: scratch), target, target == .sdf ? .absolute : .squared)
    change(&configuration)
    return try ShapeFit(configuration, workers: Workers(count: threads))
  }

  /// The sphere's radius in the network's coordinates, whose box has a tenth of the diameter free on
  /// each side.
  private let radius = 1 / 1.2

  @Test(arguments: ShapeField.Target.allCases)
  func samplesDependOnSeedAndEpochAlone(target: ShapeField.Target) throws {
    let fit = try fit(target)
    let third = try DrawnSamples(fit, epoch: 3)
    let first = try DrawnSamples(fit, epoch: 0)
    #expect(third.points.count == 10_000 && third.targets.count == 10_000)
    #expect(Set(third.points).isDisjoint(with: first.points))
    #expect(try DrawnSamples(fit, epoch: 3) == third)
    #expect(try DrawnSamples(self.fit(target, threads: 3), epoch: 3) == third)
    let other = try self.fit(target) { $0.training.seed = 1 }
    #expect(Set(try DrawnSamples(other, epoch: 3).points).isDisjoint(with: third.points))
  }

  @Test func occupanciesAreTheAnswersOfTheSolid() throws {
    let fit = try fit(.occupancy)
    let samples = try DrawnSamples(fit, epoch: 1)
    let distances = fit.solid.signedDistances(samples.points, workers: Workers(count: 2))
    // The solid was asked before points were rounded to Float, by 6e-8 a coordinate.
    for (target, distance) in zip(samples.targets, distances) where abs(distance) > 1e-6 {
      #expect(target == (distance < 0 ? 1 : 0))
    }
    #expect(samples.targets.contains(0) && samples.targets.contains(1))
  }

  // Network coordinates, not the mesh's: there the sphere has the radius 4.
  @Test func distancesAreThoseOfTheNetworksCoordinates() throws {
    let samples = try DrawnSamples(try fit(.sdf), epoch: 1)
    let sag = Float(radius * (Double.pi / 48) * (Double.pi / 48))
    for (target, point) in zip(samples.targets, samples.points) {
      let ideal = Float(point.norm - radius)
      #expect(target > ideal - 1e-5 && target < ideal + sag)
    }
    #expect(samples.targets.contains { $0 < -0.5 } && samples.targets.contains { $0 > 0.3 })
  }

  // Half of the near points have a quarter of the spread. The sphere is flat at this scale.
  @Test(arguments: [0.0, 0.3, 1.0], [0.01, 0.004])
  func sharesAndSpreadAreAsAsked(share: Double, spread: Double) throws {
    let fit = try fit(.sdf) {
      ($0.nearShare, $0.nearSpread, $0.samples) = (share, spread, 20_000)
    }
    let distances = try DrawnSamples(fit, epoch: 0).targets.map { Double(abs($0)) }
    let deviation = 2 * spread
    // The shares of normal numbers within ¼, ½, 1, 2, 4 and 8 deviations.
    let normal = [0.1974, 0.3829, 0.6827, 0.9545, 1, 1]
    for (i, reach) in [0.25, 0.5, 1, 2].enumerated() {
      let shell = 4 * Double.pi * radius * radius * 2 * reach * deviation / 8
      let expected = share * (normal[i] + normal[i + 2]) / 2 + (1 - share) * shell
      let found = Double(distances.count { $0 < reach * deviation }) / 20_000
      // Four standard errors, of at most 0.0035, and the sag of the polyhedron, a hundredth of the
      // largest distance asked for.
      #expect(abs(found - expected) < 0.016, "within \(reach): \(found), expected \(expected)")
    }
  }

  @Test(arguments: [1, 2, 3]) func fewSamplesAreEnough(count: Int) throws {
    let fit = try fit(.occupancy) { ($0.samples, $0.training.batch) = (count, 1) }
    #expect(try DrawnSamples(fit, epoch: 0).points.count == count)
  }
}
