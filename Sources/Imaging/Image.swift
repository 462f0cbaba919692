/// A picture of 1 (gray), 2 (gray, alpha), 3 (RGB) or 4 (RGBA) channels.
///
/// - Shape: `[height, width, channels]`; row 0 is on top.
/// - Units: 0 is black, 1 is white; values outside are allowed and are clipped in PNG files. They
///   are the file's own values: nothing here knows about gamma.
public struct Image: Sendable, Equatable {
  /// The bits of a sample in a PNG file.
  public enum BitDepth: Int, Sendable {
    case eight = 8
    case sixteen = 16

    /// The integer that stands for white.
    var white: Float { self == .eight ? 255 : 65535 }
  }

  public let width: Int
  public let height: Int
  public let channels: Int
  /// The samples, row by row; the channels of a pixel stand together.
  public private(set) var samples: [Float]
  /// How precise the samples are: that of the file they came from, and of the PNG they go to.
  public var bitDepth: BitDepth

  public init(
    width: Int, height: Int, channels: Int, samples: [Float], bitDepth: BitDepth = .eight
  ) {
    precondition(width > 0 && height > 0, "a picture cannot have \(width) x \(height) pixels")
    precondition(1...4 ~= channels, "a picture has 1 to 4 channels, not \(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.samples = samples
    self.bitDepth = bitDepth
    precondition(
      samples.count == width * height * channels,
      "\(samples.count) samples do not make \(width) x \(height) pixels of \(channels) channels")
  }

  /// A picture of one value throughout.
  public init(
    width: Int, height: Int, channels: Int, filledWith value: Float, bitDepth: BitDepth = .eight
  ) {
    self.init(
      width: width, height: height, channels: channels,
      samples: [Float](repeating: value, count: width * height * channels), bitDepth: bitDepth)
  }

  /// Whether size, channels and samples are the same; how precise they are does not count.
  public static func == (first: Image, second: Image) -> Bool {
    first.hasShape(of: second) && first.samples == second.samples
  }

  public var pixelCount: Int { width * height }

  /// How many channels show colour: all but alpha.
  public var colorChannels: Int { channels < 3 ? 1 : 3 }

  public var hasAlpha: Bool { channels == 2 || channels == 4 }

  /// The position of a sample in ``samples``.
  public func index(row: Int, column: Int, channel: Int = 0) -> Int {
    precondition(
      0..<height ~= row && 0..<width ~= column && 0..<channels ~= channel,
      "no sample at row \(row), column \(column), channel \(channel) "
        + "of \(width) x \(height) pixels of \(channels) channels")
    return (row * width + column) * channels + channel
  }

  public subscript(row: Int, column: Int, channel: Int) -> Float {
    get { samples[index(row: row, column: column, channel: channel)] }
    set { samples[index(row: row, column: column, channel: channel)] = newValue }
  }

  /// The samples of one row.
  func range(ofRow row: Int) -> Range<Int> {
    row * width * channels..<(row + 1) * width * channels
  }

  func hasShape(of other: Image) -> Bool {
    width == other.width && height == other.height && channels == other.channels
  }
}
