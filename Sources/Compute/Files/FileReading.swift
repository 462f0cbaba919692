import Foundation

/// The bytes of the file at `path`, which may also be a pipe such as `/dev/stdin`.
public func readFile(_ path: String) throws(FileError) -> Data {
  let kind: FileKind
  do throws(SystemCallError) {
    kind = try FileSystemCalls.kind(at: path)
    if kind == .file || kind == .stream { return try FileSystemCalls.read(path) }
  } catch {
    throw .notReadable(path: path, reason: error.description)
  }
  throw kind == .folder ? .isFolder(path: path) : .missing(path: path)
}
