import Foundation

extension NumpyArray {
  /// The first bytes of every `.npy` file.
  public static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads a `.npy` file of version 1, 2 or 3, in C or Fortran order: floating-point numbers,
  /// integers or truth values, in either byte order; they keep their values (no scaling; `true` is
  /// 1).
  public static func read(_ path: String) throws(NumpyFileError) -> NumpyArray {
    let data: Data
    do throws(FileError) { data = try readFile(path) } catch { throw .file(error) }
    return try decode(data, from: path)
  }

  /// The array in `data`, the bytes of a whole `.npy` file; `path` names it in errors.
  public static func decode(_ data: Data, from path: String) throws(NumpyFileError) -> NumpyArray {
    let layout = try NumpyLayout(data, fileSize: data.count, path: path)
    return NumpyArray(
      shape: layout.shape, elements: layout.elements(ofFile: data), elementType: layout.elementType)
  }
}
