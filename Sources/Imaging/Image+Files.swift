import Compute
import Foundation

extension Image {
  /// The kinds of file that hold a picture.
  public enum FileFormat: Sendable {
    case png, npy

    /// The format that the ending of `path` names; ask before long work whose result goes there.
    public init(endingOf path: String) throws(ImageFileError) {
      let lowercase = path.lowercased()
      if lowercase.hasSuffix(".png") {
        self = .png
      } else if lowercase.hasSuffix(".npy") {
        self = .npy
      } else {
        throw .unknownEnding(path: path)
      }
    }
  }

  /// Reads a PNG or `.npy` file; its content says which, not its name.
  ///
  /// - PNG: every kind; white is 1; palettes become RGB, transparent colours an alpha channel.
  /// - `.npy`: shapes `[height, width]` and `[height, width, channels]`; `uint8` is divided by 255,
  ///   `uint16` by 65535; `bool` and floating-point numbers are taken as they are.
  public static func read(_ path: String) throws(ImageFileError) -> Image {
    let data: Data
    do throws(FileError) { data = try readFile(path) } catch { throw .file(error) }
    if data.starts(with: PNG.signature) {
      do throws(PNG.Problem) { return try PNG.decode(data) } catch {
        throw .brokenPNG(path: path, problem: error.text)
      }
    }
    guard data.starts(with: NumpyArray.signature) else {
      throw .notAPicture(path: path, found: contentName(of: data))
    }
    let array: NumpyArray
    do throws(NumpyFileError) { array = try NumpyArray.decode(data, from: path) } catch {
      throw .numpy(error)
    }
    return try Image(array, from: path)
  }

  private init(_ array: NumpyArray, from path: String) throws(ImageFileError) {
    let shape = array.shape.count == 2 ? array.shape + [1] : array.shape
    guard shape.count == 3, shape.allSatisfy({ $0 > 0 }), shape[2] <= 4 else {
      throw .wrongShape(path: path, shape: array.shape)
    }
    let samples: [Float]
    var bitDepth = BitDepth.sixteen
    switch array.elementType {
    case .bool:
      samples = array.elements
      bitDepth = .eight
    case .uint8:
      samples = array.elements.map { $0 / 255 }
      bitDepth = .eight
    case .uint16: samples = array.elements.map { $0 / 65535 }
    case .float16, .float32, .float64: samples = array.elements
    case .int8, .int16, .int32, .uint32, .int64, .uint64:
      throw .wrongElementType(path: path, type: array.elementType.rawValue)
    }
    self.init(
      width: shape[1], height: shape[0], channels: shape[2], samples: samples, bitDepth: bitDepth)
    try checkFinite(path)
  }

  /// Writes a PNG or a `.npy` file (`float32`), as the ending of `path` says.
  ///
  /// - Parameter bitDepth: of a PNG; ``bitDepth`` unless given. Its samples are clipped to 0...1.
  public func write(to path: String, bitDepth: BitDepth? = nil) throws(ImageFileError) {
    let format = try FileFormat(endingOf: path)
    try checkFinite(path)
    let data: Data
    switch format {
    case .png:
      do throws(PNG.Problem) {
        data = try PNG.encode(self, bitDepth: bitDepth ?? self.bitDepth)
      } catch {
        throw .notEncodable(path: path, problem: error.text)
      }
    case .npy:
      let shape = channels == 1 ? [height, width] : [height, width, channels]
      data = NumpyArray(shape: shape, elements: samples).encoded
    }
    do throws(FileError) { try AtomicFile.write(data, to: path) } catch { throw .file(error) }
  }

  private func checkFinite(_ path: String) throws(ImageFileError) {
    guard let i = samples.firstIndex(where: { !$0.isFinite }) else { return }
    let pixel = i / channels
    throw .notFinite(
      path: path, value: samples[i].isNaN ? "nan" : "\(samples[i])", row: pixel / width,
      column: pixel % width,
      channel: i % channels)
  }

  /// What a file that cannot be read seems to be.
  static func contentName(of data: some Collection<UInt8>) -> String {
    let known: [(start: [UInt8], name: String)] = [
      ([0xff, 0xd8, 0xff], "a JPEG file"), (Array("GIF8".utf8), "a GIF file"),
      (Array("II*\0".utf8), "a TIFF file"), (Array("MM\0*".utf8), "a TIFF file"),
      (Array("RIFF".utf8), "a WebP or other RIFF file"), (Array("BM".utf8), "a BMP file"),
      (Array("PK".utf8), "a zip archive"), (Array("%PDF".utf8), "a PDF file"),
    ]
    if data.isEmpty { return "an empty file" }
    if let match = known.first(where: { data.starts(with: $0.start) }) { return match.name }
    if data.count < PNG.signature.count, PNG.signature.starts(with: data) {
      return "\(data.count) bytes of a PNG file"
    }
    let isText = data.prefix(64).allSatisfy { $0 >= 0x20 && $0 != 0x7f || 9...13 ~= $0 }
    return isText ? "text" : "unknown content"
  }
}
