import Compute
import Imaging
import Tomography

/// A slice, or a stack of them, from a `.npy` file; or a picture, whose luminance is the slice.
struct CTSliceInput {
  let path: String
  private let file: SliceFile?
  private let picture: Matrix?

  init(_ path: String) throws {
    self.path = path
    guard path.lowercased().hasSuffix(".png") else {
      (file, picture) = (try SliceFile(path), nil)
      return
    }
    let image = try Image.read(path).luminance
    file = nil
    picture = Matrix(rows: image.height, columns: image.width, elements: image.samples)
  }

  var isStack: Bool { file?.isStack ?? false }
  var sliceCount: Int { file?.sliceCount ?? 1 }
  var rows: Int { file?.rows ?? picture?.rows ?? 0 }
  var columns: Int { file?.columns ?? picture?.columns ?? 0 }

  /// - Parameter slice: counted from 0.
  func slice(_ slice: Int) throws -> Matrix {
    if let file { return try file.slice(slice) }
    guard slice == 0, let picture else {
      throw ScanFileError.noSlice(path: path, found: slice, count: 1)
    }
    return picture
  }
}
