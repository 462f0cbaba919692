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

/// The first `count` bytes, or as many as there are, of a file that can be read more than once.
public func readBeginning(of path: String, count: Int) throws(FileError) -> [UInt8] {
  let kind: FileKind
  do throws(SystemCallError) {
    kind = try FileSystemCalls.kind(at: path)
    if kind == .file { return try FileSystemCalls.read(path, first: count) }
  } catch {
    throw .notReadable(path: path, reason: error.description)
  }
  switch kind {
  case .folder: throw .isFolder(path: path)
  case .missing: throw .missing(path: path)
  case .file, .stream:
    throw .notReadable(path: path, reason: "it is a pipe, and has to be read more than once")
  }
}
