import Compute
import Foundation
import Imaging
import Meshes

/// One call of `inr render` for a mesh.
struct RenderMeshRun {
  let arguments: ParsedArguments
  let path: String
  let output: String
  let size: PixelSize
  let camera: MeshCamera
  let workers: Workers
  let console = Console(.normal)

  /// - Parameter output: a `.png` or `.npy` file.
  init(_ arguments: ParsedArguments, path: String, output: String) throws {
    self.arguments = arguments
    self.path = path
    self.output = output
    size = arguments[RenderRun.size] ?? .meshPreview
    camera = try CameraOptions(arguments).camera
    workers = Workers(count: arguments[TrainingOptions.threads] ?? Workers.processorCount)
    let largest = 1 << 19
    guard max(size.width, size.height) <= largest else {
      throw arguments.wrongValue(
        of: RenderRun.size, expected: "at most \(largest) pixels a side for a mesh")
    }
  }

  func run() throws {
    try checkMemory()
    let mesh = try Mesh.read(path)
    guard let bounds = mesh.bounds, bounds.diagonal > 0, bounds.diagonal.isFinite else {
      throw MeshCommandError.noExtent(path: path)
    }
    var image = meshPreview(mesh, size: size, camera: camera, workers: workers)
    if arguments[RenderRun.bitDepth] == "16" { image.bitDepth = .sixteen }
    try image.write(to: output)
    console.message("\(output): \(image.width) x \(image.height) pixels")
  }

  private func checkMemory() throws {
    // Shade and coverage, both once more in bands, the mean of them, and the picture's samples.
    let needed = size.width * size.height * 28
    guard let available = Machine.availableMemory, needed >= available else { return }
    throw MeshCommandError.memory(
      what: "\(size.width) x \(size.height) pixels", needed: needed, available: available,
      advice: "take a smaller --size")
  }
}
