import Compute

/// A picture that cannot be read or written, and what to do about it.
public enum ImageFileError: Error, Equatable, CustomStringConvertible {
  case file(FileError)
  case numpy(NumpyFileError)
  case notAPicture(path: String, found: String)
  case brokenPNG(path: String, problem: String)
  case wrongShape(path: String, shape: [Int])
  case wrongElementType(path: String, type: String)
  case notFinite(path: String, value: String, row: Int, column: Int, channel: Int)
  case unknownEnding(path: String)
  case notEncodable(path: String, problem: String)
  case interlaced(path: String)
  case notRowByRow(path: String)
  case notWritable(path: String, problem: String)

  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .numpy(let error):
      error.description
    case .notAPicture(let path, let found):
      "\(path) is no picture that can be read: found \(found), expected a PNG or .npy file; "
        + "convert it to PNG"
    case .brokenPNG(let path, let problem):
      "\(path) is a broken PNG file: \(problem); copy or save it again"
    case .wrongShape(let path, let shape):
      "\(path) holds an array of shape \(shape); expected [rows, columns] or "
        + "[rows, columns, channels] with 1 to 4 channels and no empty axis; "
        + "transpose or slice it first"
    case .wrongElementType(let path, let type):
      "\(path) holds elements of type \(type); expected uint8 (white is 255), uint16 (white is "
        + "65535), bool or floating point (white is 1); convert with array.astype"
    case .notFinite(let path, let value, let row, let column, let channel):
      "\(path): the sample at row \(row), column \(column), channel \(channel) is \(value); "
        + "expected numbers; find out where it comes from, for no picture can show it"
    case .unknownEnding(let path):
      "\(path): the ending does not say which kind of picture to write; use .png or .npy"
    case .notEncodable(let path, let problem):
      "\(path) cannot be written as PNG: \(problem); write .npy instead"
    case .interlaced(let path):
      "\(path) is an interlaced PNG file, whose rows do not come in order, expected one without "
        + "interlacing; save it again without, or fit it as a whole"
    case .notRowByRow(let path):
      "\(path) is a .npy file, expected a PNG file, which can be read row by row; convert it to PNG"
    case .notWritable(let path, let problem):
      "\(path) cannot be written: \(problem); make room, or write to another place"
    }
  }
}
