import Foundation

/// A system call that failed: its error number, described in the system's own words.
package struct SystemCallError: Error, Equatable, CustomStringConvertible {
  package let number: Int32

  package var description: String {
    // SAFETY: strerror returns a terminated string, copied before any other call can change it.
    unsafe String(cString: strerror(number))
  }

  static var last: SystemCallError { SystemCallError(number: errno) }
}

/// What stands under a name in the file system.
package enum FileKind {
  case missing, file, folder
  /// A pipe, a terminal, a device.
  case stream
}

/// The calls behind ``AtomicFile`` and ``readFile(_:)``, with errors instead of return codes.
///
/// SAFETY (all of them): Swift passes each path as a terminated string that lives until the call
/// returns, and no call keeps it.
package enum FileSystemCalls {
  /// The kind of the file at `path`; symbolic links are followed.
  package static func kind(at path: String) throws(SystemCallError) -> FileKind {
    var facts = stat()
    guard unsafe stat(path, &facts) == 0 else {
      if errno == ENOENT { return .missing }
      throw .last
    }
    return switch facts.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    default: .stream
    }
  }

  /// Where the file at `path` really is, free of symbolic links; `path` if that is unknown.
  package static func resolved(_ path: String) -> String {
    guard let resolved = unsafe realpath(path, nil) else { return path }
    // SAFETY: realpath's memory is ours; it is copied, then freed once.
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  package static func read(_ path: String) throws(SystemCallError) -> Data {
    let file = try open(path, O_RDONLY)
    defer { close(file) }
    var facts = stat()
    guard unsafe fstat(file, &facts) == 0 else { throw .last }
    // One byte more than the file is said to hold shows its end without another round.
    var data = Data(count: max(Int(facts.st_size) + 1, 1 << 16))
    var filled = 0
    while true {
      if filled == data.count { data.append(Data(count: data.count)) }
      let room = data.count - filled
      // SAFETY: `room` bytes follow the first `filled` ones in `data`.
      let count = unsafe data.withUnsafeMutableBytes { buffer in
        unsafe Foundation.read(file, buffer.baseAddress! + filled, room)
      }
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw .last
      }
      filled += count
    }
    data.removeSubrange(filled...)
    return data
  }

  /// The first `count` bytes of a file, or as many as there are.
  package static func read(_ path: String, first count: Int) throws(SystemCallError) -> [UInt8] {
    let file = try open(path, O_RDONLY)
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: count)
    // SAFETY: `bytes` has room for `count` bytes.
    let found = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe Foundation.read(file, buffer.baseAddress, count)
    }
    guard found >= 0 else { throw .last }
    bytes.removeSubrange(found...)
    return bytes
  }

  /// Writes `data` to a file that must not exist yet, and on to the disk.
  package static func create(_ path: String, holding data: Data) throws(SystemCallError) {
    let file = try open(path, O_WRONLY | O_CREAT | O_EXCL)
    do throws(SystemCallError) {
      try write(data, to: file)
      guard fsync(file) == 0 else { throw .last }
    } catch {
      close(file)
      remove(path)
      throw error
    }
    guard close(file) == 0 else {
      let error = SystemCallError.last
      remove(path)
      throw error
    }
  }

  /// Writes `data` into a pipe or a device.
  package static func stream(_ data: Data, to path: String) throws(SystemCallError) {
    let file = try open(path, O_WRONLY)
    defer { close(file) }
    try write(data, to: file)
  }

  package static func rename(_ path: String, to newPath: String) throws(SystemCallError) {
    guard unsafe Foundation.rename(path, newPath) == 0 else { throw .last }
  }

  package static func remove(_ path: String) {
    _ = unsafe unlink(path)
  }

  private static func open(_ path: String, _ flags: Int32) throws(SystemCallError) -> Int32 {
    let file = unsafe Foundation.open(path, flags | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw .last }
    return file
  }

  private static func write(_ data: Data, to file: Int32) throws(SystemCallError) {
    var written = 0
    while written < data.count {
      // SAFETY: written < data.count, and that many bytes less remain.
      let count = unsafe data.withUnsafeBytes { buffer in
        unsafe Foundation.write(file, buffer.baseAddress! + written, buffer.count - written)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw .last
      }
      written += count
    }
  }
}
