import Compute

/// A safetensors file that cannot be used, and what to do about it.
public enum SafetensorsError: Error, Equatable, CustomStringConvertible {
  case file(FileError)
  case notSafetensors(path: String, found: String)
  case headerTooLong(path: String, bytes: UInt64)
  case headerCutShort(path: String, foundBytes: Int, expectedBytes: Int)
  case badHeader(path: String, problem: String)
  case badTensor(path: String, name: String, problem: String)
  case wrongSize(path: String, foundBytes: Int, expectedBytes: Int)

  /// A longer header is a mistake: this is the format's own limit.
  public static let longestHeader = 100_000_000

  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .notSafetensors(let path, let found):
      "\(path) is not a safetensors file: found \(found), expected the length of a header and "
        + "the header; save the network with safetensors.torch.save_file"
    case .headerTooLong(let path, let bytes):
      "\(path) claims a header of \(bytes) bytes; expected at most \(Self.longestHeader); "
        + "it is damaged or no safetensors file, so save it again"
    case .headerCutShort(let path, let foundBytes, let expectedBytes):
      "\(path) is cut short or no safetensors file: its header ends at byte \(expectedBytes), "
        + "the file at byte \(foundBytes); copy or save it again"
    case .badHeader(let path, let problem):
      "\(path) has a broken safetensors header: \(problem); save it again"
    case .badTensor(let path, let name, let problem):
      "\(path) has a broken safetensors header: tensor \(name) \(problem); save it again"
    case .wrongSize(let path, let foundBytes, let expectedBytes):
      "\(path) does not hold what its header says: found \(foundBytes) bytes of tensors, "
        + "expected \(expectedBytes); copy or save it again"
    }
  }
}
