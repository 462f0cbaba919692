import Compute
import Imaging
import Meshes

/// A shaded picture of a mesh before a white background, gray.
///
/// - Parameter mesh: all its vertices are finite. One without extent gives a white picture.
func meshPreview(
  _ mesh: Mesh, size: PixelSize = .meshPreview, camera: MeshCamera = MeshCamera(),
  workers: Workers = Workers()
) -> Image {
  let renderer = MeshRenderer(
    camera: camera, columns: size.width, rows: size.height, workers: workers)
  return Image(
    width: size.width, height: size.height, channels: 1,
    samples: renderer.render(mesh).over(1).elements)
}

extension PixelSize {
  /// How large pictures of meshes are, unless someone says otherwise.
  static let meshPreview = PixelSize(width: 1024, height: 768)
}
