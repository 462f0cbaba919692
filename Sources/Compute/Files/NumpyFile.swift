import Foundation

/// A `.npy` file whose elements are read when they are asked for, so that it may be larger than the
/// memory.
public struct NumpyFile: Sendable {
  public let path: String
  public let shape: [Int]
  private let layout: NumpyLayout
  /// All elements, where the file cannot be read in parts: a pipe, or one in Fortran order.
  private let whole: [Float]?

  /// No header that NumPy writes is longer.
  private static let longestHeader = 1 << 20

  /// Reads the header, and checks that the file is as long as it says.
  public init(_ path: String) throws(NumpyFileError) {
    self.path = path
    let beginning: Data
    let size: Int
    var isInParts = false
    if (try? FileSystemCalls.kind(at: path)) == .file, !path.hasPrefix("/dev/") {
      (beginning, size) = try Self.beginning(of: path)
      isInParts = true
    } else {
      do throws(FileError) { beginning = try readFile(path) } catch { throw .file(error) }
      size = beginning.count
    }
    layout = try NumpyLayout(beginning, fileSize: size, path: path)
    shape = layout.shape
    if !isInParts {
      whole = layout.elements(ofFile: beginning)
    } else if layout.isFortranOrder {
      whole = try NumpyArray.read(path).elements
    } else {
      whole = nil
    }
  }

  /// The elements in the given places of the array, counted in C order.
  public func elements(_ range: Range<Int>) throws(NumpyFileError) -> [Float] {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape.reduce(1, *),
      "elements \(range) of an array of shape \(shape)")
    if let whole { return Array(whole[range]) }
    let size = layout.elementType.size
    let data = try Self.read(path) { file in
      try file.seek(toOffset: UInt64(layout.start + range.lowerBound * size))
      return try file.read(upToCount: range.count * size) ?? Data()
    }
    guard data.count == range.count * size else {
      // It has become shorter since it was opened.
      throw .wrongSize(
        path: path, shape: shape, foundBytes: range.lowerBound * size + data.count,
        expectedBytes: layout.byteCount)
    }
    return layout.elements(in: data.bytes)
  }

  private static func beginning(of path: String) throws(NumpyFileError) -> (Data, size: Int) {
    try read(path) { file in
      let size = try file.seekToEnd()
      try file.seek(toOffset: 0)
      return (try file.read(upToCount: longestHeader) ?? Data(), Int(size))
    }
  }

  private static func read<Result>(
    _ path: String, _ body: (FileHandle) throws -> Result
  ) throws(NumpyFileError) -> Result {
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      return try body(file)
    } catch {
      let system = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
      throw .file(
        .notReadable(
          path: path, reason: system.localizedFailureReason ?? system.localizedDescription))
    }
  }
}
