import Compute
import Imaging

/// What experiments work with.
package struct Laboratory: Sendable {
  package let workers: Workers
  /// The folder of the pictures.
  package let data: String

  package init(workers: Workers, data: String) {
    self.workers = workers
    self.data = data
  }

  /// A square gray picture: the averages of the photograph's pixels.
  func photograph(side: Int) throws -> Image {
    let picture = try Image.read(data + "/cameraman.png").luminance
    precondition(picture.width == picture.height && picture.width % side == 0)
    return picture.areaAveraged(by: picture.width / side)
  }
}
