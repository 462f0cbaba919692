import Compute

/// A file of a scan or a slice that cannot be used, and what to do about it.
public enum ScanFileError: Error, Equatable, CustomStringConvertible {
  case numpy(NumpyFileError)
  case file(FileError)
  /// - Parameter expected: names of the axes, such as "[views, bins]".
  case wrongShape(path: String, found: [Int], expected: String, advice: String)
  case empty(path: String, shape: [Int], axis: String)
  /// - Parameter place: such as "view 3, bin 17".
  case notFinite(path: String, place: String, value: String, count: Int)
  case noSlice(path: String, found: Int, count: Int)
  case notAngles(path: String, problem: String)

  public var description: String {
    switch self {
    case .numpy(let error): error.description
    case .file(let error): error.description
    case .wrongShape(let path, let found, let expected, let advice):
      "\(path) holds an array of shape \(found), expected \(expected); \(advice)"
    case .empty(let path, let shape, let axis):
      "\(path) holds an array of shape \(shape), which has no \(axis); expected at least one"
    case .notFinite(let path, let place, let value, let count):
      "\(path): \(place) is \(value), expected numbers"
        + (count > 1 ? " (and \(count - 1) more like it in this slice)" : "")
        + "; repair or leave out what is broken"
    case .noSlice(let path, let found, let count):
      "\(path): found no slice \(found), expected "
        + (count == 1 ? "0, its only one" : "0 to \(count - 1)") + "; slices count from 0"
    case .notAngles(let path, let problem):
      "\(path): \(problem); expected one angle a line, or a .npy file of shape [views]"
    }
  }
}
