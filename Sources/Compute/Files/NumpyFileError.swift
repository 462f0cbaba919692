/// A `.npy` file that cannot be used, and what to do about it.
public enum NumpyFileError: Error, Equatable, CustomStringConvertible {
  case file(FileError)
  case notNumpy(path: String, found: String)
  case unknownVersion(path: String, version: String)
  case headerCutShort(path: String, foundBytes: Int, expectedBytes: Int)
  case badHeader(path: String, problem: String)
  case unsupportedElementType(path: String, found: String)
  case wrongSize(path: String, shape: [Int], foundBytes: Int, expectedBytes: Int)

  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .notNumpy(let path, let found):
      "\(path) is not a .npy file: found \(found), expected NumPy's signature; "
        + (found.contains("npz")
          ? "take one array out of it: numpy.save('a.npy', numpy.load('\(path)')['NAME'])"
          : "make one with numpy.save")
    case .unknownVersion(let path, let version):
      "\(path) has version \(version) of the .npy format; expected 1.0, 2.0 or 3.0; "
        + "save it with numpy.save"
    case .headerCutShort(let path, let foundBytes, let expectedBytes):
      "\(path) is cut short: its header needs \(expectedBytes) bytes, found \(foundBytes); "
        + "copy or save it again"
    case .badHeader(let path, let problem):
      "\(path) has a broken .npy header: \(problem); save it again with numpy.save"
    case .unsupportedElementType(let path, let found):
      "\(path) holds elements of type \(found); expected real numbers of at most 64 bits; "
        + "convert with array.astype('float32')"
    case .wrongSize(let path, let shape, let foundBytes, let expectedBytes):
      "\(path) does not hold what its header says: shape \(shape) needs \(expectedBytes) bytes "
        + "of elements, found \(foundBytes); copy or save it again"
    }
  }
}
