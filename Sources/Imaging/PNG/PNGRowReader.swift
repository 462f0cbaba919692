import CPNG
import Compute

/// A PNG file that is read row by row, for pictures that do not fit into memory.
///
/// The samples are those of ``Image/read(_:)``, in whole numbers. Rows of interlaced files do not come
/// in order, so these cannot be read this way.
@safe
public final class PNGRowReader {
  public let path: String
  public let width: Int
  public let height: Int
  /// 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
  public let channels: Int
  public let bitDepth: Image.BitDepth
  /// Rows read so far.
  public private(set) var row = 0
  private let reader: OpaquePointer

  public init(_ path: String) throws(ImageFileError) {
    try Self.checkSignature(path)
    var picture = unsafe cpng_picture()
    var isInterlaced: Int32 = 0
    var message = [CChar](repeating: 0, count: Int(CPNG_ERROR_SIZE))
    // SAFETY: cpng_open_reader writes at most CPNG_ERROR_SIZE characters and keeps no pointer.
    let opened = unsafe cpng_open_reader(path, &picture, &isInterlaced, &message)
    guard let reader = unsafe opened else {
      if isInterlaced != 0 { throw .interlaced(path: path) }
      throw .brokenPNG(path: path, problem: PNG.text(of: message))
    }
    unsafe self.reader = reader
    self.path = path
    width = unsafe Int(picture.width)
    height = unsafe Int(picture.height)
    channels = unsafe Int(picture.channels)
    bitDepth = unsafe picture.bits == 16 ? .sixteen : .eight
  }

  // SAFETY: `reader` is ours, and nobody can use it any more.
  deinit { unsafe cpng_close_reader(reader) }

  /// The next `count` rows `[count, width, channels]`; white is 65535 whatever the file's bits.
  public func read(_ count: Int) throws(ImageFileError) -> [UInt16] {
    precondition(
      count >= 0 && row + count <= height,
      "\(count) rows behind row \(row) are more than the \(height) rows of the picture")
    defer { row += count }
    let sampleCount = count * width * channels
    if bitDepth == .sixteen {
      var rows = [UInt16](repeating: 0, count: sampleCount)
      try fill(&rows, count)
      return rows
    }
    var rows = [UInt8](repeating: 0, count: sampleCount)
    try fill(&rows, count)
    return rows.map { UInt16($0) * 257 }
  }

  /// Passes over rows.
  public func skip(_ count: Int) throws(ImageFileError) {
    for start in stride(from: 0, to: count, by: 64) { _ = try read(min(64, count - start)) }
  }

  private func fill<Sample: FixedWidthInteger>(
    _ rows: inout [Sample], _ count: Int
  ) throws(ImageFileError) {
    var message = [CChar](repeating: 0, count: Int(CPNG_ERROR_SIZE))
    // SAFETY: `rows` has `count` rows of as many samples of as many bits as the file's head says,
    // and cpng_read_rows writes no more.
    let isRead = unsafe rows.withUnsafeMutableBytes { bytes in
      unsafe cpng_read_rows(reader, bytes.baseAddress, UInt32(count), &message)
    }
    guard isRead == 1 else { throw .brokenPNG(path: path, problem: PNG.text(of: message)) }
  }

  /// Throws what ``Image/read(_:)`` throws of files that are no PNG.
  private static func checkSignature(_ path: String) throws(ImageFileError) {
    let start: [UInt8]
    do throws(FileError) { start = try readBeginning(of: path, count: 64) } catch {
      throw .file(error)
    }
    guard !start.starts(with: PNG.signature) else { return }
    if start.starts(with: NumpyArray.signature) { throw .notRowByRow(path: path) }
    throw .notAPicture(path: path, found: Image.contentName(of: start))
  }
}
