import Imaging

/// Rows of a picture file, a strip at a time from the top; a strip may begin with rows of the one
/// before it.
final class PictureStrips {
  private var reader: PNGRowReader
  private var kept: [UInt16] = []
  /// Rows in `kept`.
  private var range = 0..<0

  init(_ path: String) throws(ImageFileError) { reader = try PNGRowReader(path) }

  private var rowLength: Int { reader.width * reader.channels }

  /// Some rows; white is 65535.
  func rows(_ wanted: Range<Int>) throws(ImageFileError) -> ArraySlice<UInt16> {
    if wanted.lowerBound < range.lowerBound {
      reader = try PNGRowReader(reader.path)
      (kept, range) = ([], 0..<0)
    }
    if wanted.lowerBound >= range.upperBound {
      try reader.skip(wanted.lowerBound - range.upperBound)
      (kept, range) = ([], wanted.lowerBound..<wanted.lowerBound)
    }
    kept.removeFirst((wanted.lowerBound - range.lowerBound) * rowLength)
    range = wanted.lowerBound..<range.upperBound
    if wanted.upperBound > range.upperBound {
      kept += try reader.read(wanted.upperBound - range.upperBound)
      range = range.lowerBound..<wanted.upperBound
    }
    return kept[..<(wanted.count * rowLength)]
  }
}
