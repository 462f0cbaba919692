import Compute
import Foundation
import Meshes
import Networks
import ShapeFitting
import Testing
import Training

/// What cannot be fitted, and what it is told.
@Suite struct ShapeFitErrorTests {
  private let scratch: Scratch
  private let sphere: String

  init() throws {
    scratch = try Scratch()
    sphere = try SampleFit.sphere(in: scratch, rows: 6)
  }

  private func error(
    _ path: String, _ target: ShapeField.Target = .sdf,
    _ loss: ShapeFitConfiguration.Loss = .absolute,
    _ change: (inout ShapeFitConfiguration) -> Void = { _ in }
  ) -> (any Error)? {
    var configuration = SampleFit.configuration(path, target, loss)
    change(&configuration)
    do {
      _ = try ShapeFit(configuration, workers: Workers(count: 1))
      return nil
    } catch {
      return error
    }
  }

  private func shapeError(
    _ target: ShapeField.Target = .sdf, _ loss: ShapeFitConfiguration.Loss = .absolute,
    _ change: (inout ShapeFitConfiguration) -> Void = { _ in }
  ) -> ShapeFitError? {
    error(sphere, target, loss, change) as? ShapeFitError
  }

  @Test func aLossOfAnotherTargetIsNamed() {
    let wrong = shapeError(.occupancy, .absolute)
    #expect(
      wrong
        == .lossOfTarget(
          loss: "absolute", target: "occupancy", expected: "cross-entropy or squared"))
    #expect(
      wrong?.description
        == "the loss absolute does not go with the target occupancy; expected "
        + "cross-entropy or squared")
    #expect(
      shapeError(.sdf, .crossEntropy)
        == .lossOfTarget(loss: "cross-entropy", target: "sdf", expected: "absolute or squared"))
    #expect(shapeError(.sdf, .squared) == nil && shapeError(.occupancy, .crossEntropy) == nil)
  }

  @Test(arguments: [
    [0, 0, -9, 9, -9, 9], [9, -9, -9, 9, -9, 9], [0, 1, -9, 9, 9, 9],
    [-Double.infinity, .infinity, -9, 9, -9, 9], [.nan, 9, -9, 9, -9, 9],
  ])
  func boundsWithoutVolumeAreRefused(bounds: [Double]) {
    guard case .emptyBounds = shapeError(.sdf, .absolute, { $0.bounds = bounds }) else {
      Issue.record("\(bounds) were taken")
      return
    }
  }

  @Test func boundsThatMissTheShapeAreNamedWithIt() throws {
    let bounds = [-1.0, 1, -1, 1, -1, 1]
    let text = try #require(shapeError(.sdf, .absolute) { $0.bounds = bounds }).description
    #expect(
      text.replacing(sphere, with: "FILE")
        == "FILE: the bounds -1,1,-1,1,-1,1 and the shape, which reaches over 6,14,-9,-1,-1,7, "
        + "have nothing in common")
  }

  // In the middle of the sphere, all is inside.
  @Test func boundsWithoutAnyOfTheSurfaceAreRefused() throws {
    let wrong = error(sphere) { $0.bounds = [9.5, 10.5, -5.5, -4.5, 2.5, 3.5] } as? ShapeFitError
    #expect(
      wrong?.description
        == "\(sphere): the box holds nothing of the surface, only space on one side of it; choose "
        + "other bounds")
  }

  @Test func anInitialModelOfSomethingElseIsNamed() throws {
    let path = scratch.file("m.safetensors")
    let network = Architecture(activation: "sine").makeNetwork(inputs: 2, outputs: 3, seed: 0)
    try Model(network: network).write(to: path)
    let wrong = shapeError { $0.initialModel = InitialModel(path: path) }
    #expect(wrong == .wrongModel(path: path, inputs: 2, outputs: 3))
    #expect(
      wrong?.description
        == "\(path): the model takes 2 coordinates and gives 3 values, expected 3 and 1")
  }

  @Test func aMeshInOnePlaceIsRefused() throws {
    let path = scratch.file("point.obj")
    try "v 1 2 3\nv 1 2 3\nv 1 2 3\nf 1 2 3\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    #expect(error(path) as? ShapeFitError == .noExtent(path: path))
  }

  // Whatever is wrong with a shape's file, the message begins with its name.
  @Test(arguments: [
    "v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", "v 0 0 0\nv 1 0 0\nv 0 1 0\n", "", "hello\n",
    "v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n",
    "v -1e308 0 0\nv 1e308 0 0\nv 0 1e308 0\nf 1 2 3\n",
    "v 0 0 0\nv 1e-320 0 0\nv 0 1e-320 0\nf 1 2 3\n",
  ])
  func whatIsNoMeshIsNamed(text: String) throws {
    let path = scratch.file("bad.obj")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let found = try #require(error(path))
    #expect("\(found)".hasPrefix(path), "\(found)")
  }

  @Test func missingFilesAreNamed() throws {
    for name in ["none.obj", "none.npy", "none.xyz"] {
      let path = scratch.file(name)
      #expect("\(try #require(error(path)))".hasPrefix(path))
    }
  }
}
