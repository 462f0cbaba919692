import CPNG
import Compute

/// A PNG file that is written row by row, for pictures that do not fit into memory.
///
/// It is packed faster, and less well, than ``Image/write(to:bitDepth:)`` packs.
@safe
public final class PNGRowWriter {
  public let width: Int
  public let height: Int
  public let channels: Int
  public let bitDepth: Image.BitDepth
  private let path: String
  private var row = 0
  private let writer: OpaquePointer

  /// Makes the file at `path`, or empties it.
  public init(
    _ path: String, width: Int, height: Int, channels: Int, bitDepth: Image.BitDepth
  ) throws(ImageFileError) {
    precondition(width > 0 && height > 0 && 1...4 ~= channels)
    guard max(width, height) <= 0x7fff_ffff else {
      throw .notEncodable(path: path, problem: "\(width) x \(height) pixels are too many")
    }
    var picture = unsafe cpng_picture()
    unsafe picture.width = UInt32(width)
    unsafe picture.height = UInt32(height)
    unsafe picture.channels = Int32(channels)
    unsafe picture.bits = Int32(bitDepth.rawValue)
    var message = [CChar](repeating: 0, count: Int(CPNG_ERROR_SIZE))
    // SAFETY: cpng_open_writer only reads the head, writes at most CPNG_ERROR_SIZE characters, and
    // keeps no pointer.
    guard let writer = unsafe cpng_open_writer(path, &picture, &message) else {
      throw .notWritable(path: path, problem: PNG.text(of: message))
    }
    unsafe self.writer = writer
    (self.width, self.height, self.channels) = (width, height, channels)
    self.bitDepth = bitDepth
    self.path = path
  }

  // SAFETY: `writer` is ours, and nobody can use it any more.
  deinit { unsafe cpng_close_writer(writer) }

  /// Writes the next rows `[rows, width, channels]`, clipped to 0...1; none may be NaN. The last row
  /// completes the file.
  public func write(_ samples: [Float]) throws(ImageFileError) {
    let (count, rest) = samples.count.quotientAndRemainder(dividingBy: width * channels)
    precondition(rest == 0 && row + count <= height, "\(samples.count) samples are no whole rows")
    switch bitDepth {
    case .eight:
      try put(samples.map { UInt8(min(max($0, 0), 1) * 255 + 0.5) }, count)
    case .sixteen:
      try put(samples.map { UInt16(min(max($0, 0), 1) * 65535 + 0.5) }, count)
    }
    row += count
  }

  private func put<Sample: FixedWidthInteger>(
    _ rows: [Sample], _ count: Int
  ) throws(ImageFileError) {
    var message = [CChar](repeating: 0, count: Int(CPNG_ERROR_SIZE))
    // SAFETY: `rows` has `count` rows of as many samples of as many bits as the writer was made for;
    // cpng_write_rows only reads them.
    let isWritten = unsafe rows.withUnsafeBytes { bytes in
      unsafe cpng_write_rows(writer, bytes.baseAddress, UInt32(count), &message)
    }
    guard isWritten == 1 else { throw .notWritable(path: path, problem: PNG.text(of: message)) }
  }
}
