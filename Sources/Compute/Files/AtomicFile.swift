import Foundation

/// Files that appear complete or not at all.
public enum AtomicFile {
  /// Writes `data` to `path`, replacing what is there.
  ///
  /// The bytes go to a hidden file in the same folder (`.inr-PID-N.partial`), on to the disk, and
  /// get their name last; when anything fails, the hidden file is removed and `path` is untouched.
  /// A symbolic link keeps pointing to the file that it names. A pipe or a device, and anything in
  /// `/dev`, is written directly: it cannot be replaced.
  public static func write(_ data: Data, to path: String) throws(FileError) {
    do throws(SystemCallError) {
      switch try FileSystemCalls.kind(at: path) {
      case .folder: break
      case .missing: return try replace(path, with: data)
      case .file where path.hasPrefix("/dev/"), .stream:
        return try FileSystemCalls.stream(data, to: path)
      case .file: return try replace(FileSystemCalls.resolved(path), with: data)
      }
    } catch {
      throw failure(error, writing: path)
    }
    throw .isFolder(path: path)
  }

  /// Replaces the file at `path` by one that `body` writes, for files too large to be data first.
  ///
  /// - Parameter body: gets the hidden name of an empty file to write to, in the folder of `path`;
  ///   when it throws, `path` is untouched.
  public static func replace(
    _ path: String, by body: (_ temporary: String) throws -> Void
  ) throws {
    let target = FileSystemCalls.resolved(path)
    var temporary: String?
    do {
      let name = try create(inFolderOf: target, holding: Data())
      temporary = name
      try body(name)
      try FileSystemCalls.rename(name, to: target)
    } catch {
      if let temporary { FileSystemCalls.remove(temporary) }
      if let error = error as? SystemCallError { throw failure(error, writing: path) }
      throw error
    }
  }

  private static func replace(_ path: String, with data: Data) throws(SystemCallError) {
    let temporary = try create(inFolderOf: path, holding: data)
    do {
      try FileSystemCalls.rename(temporary, to: path)
    } catch {
      FileSystemCalls.remove(temporary)
      throw error
    }
  }

  /// Writes `data` under the first free hidden name in the folder of `path` and returns that name.
  private static func create(
    inFolderOf path: String, holding data: Data
  ) throws(SystemCallError) -> String {
    let folder = folder(of: path)
    let processID = ProcessInfo.processInfo.processIdentifier
    var attempt = 0
    while true {
      let name = "\(folder)/.inr-\(processID)-\(attempt).partial"
      do {
        try FileSystemCalls.create(name, holding: data)
        return name
      } catch {
        attempt += 1
        guard error.number == EEXIST, attempt < 1000 else { throw error }
      }
    }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func failure(_ error: SystemCallError, writing path: String) -> FileError {
    let advice: String
    switch error.number {
    case ENOENT where path.isEmpty: advice = "give the file a name"
    case ENOENT: return .folderMissing(path: path, folder: folder(of: path))
    case ENOTDIR: advice = "a part of the path is a file, not a folder"
    case ENOSPC, EDQUOT: advice = "make room, or write to another disk"
    case EACCES, EPERM, EROFS: advice = "write to a folder that is yours"
    case ENAMETOOLONG: advice = "choose a shorter name"
    default: advice = "write to another place"
    }
    return .notWritable(path: path, reason: error.description, advice: advice)
  }
}
