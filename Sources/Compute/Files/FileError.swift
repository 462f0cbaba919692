/// A file that cannot be read or written, and what to do about it.
public enum FileError: Error, Equatable, CustomStringConvertible {
  case missing(path: String)
  case isFolder(path: String)
  case notReadable(path: String, reason: String)
  case folderMissing(path: String, folder: String)
  case notWritable(path: String, reason: String, advice: String)

  public var description: String {
    switch self {
    case .missing(let path):
      "\(path): there is no such file; check the name and the folder"
    case .isFolder(let path):
      "\(path) is a folder; a file was expected, so name one inside it"
    case .notReadable(let path, let reason):
      "\(path) cannot be read (\(reason)); check its permissions"
    case .folderMissing(let path, let folder):
      "\(path) cannot be written: there is no folder \(folder); make it first"
    case .notWritable(let path, let reason, let advice):
      "\(path) cannot be written (\(reason)); \(advice)"
    }
  }
}
