import CPNG
import Foundation

/// PNG files in memory; libpng does the work.
enum PNG {
  /// The first bytes of every PNG file.
  static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  /// What libpng, or our own check, says about a broken file.
  struct Problem: Error {
    let text: String
  }

  /// The picture in `data`. Samples of 8 bits are divided by 255, those of 16 bits by 65535; fewer
  /// bits likewise; palettes become RGB, transparent colours an alpha channel.
  static func decode(_ data: Data) throws(Problem) -> Image {
    var picture = unsafe cpng_picture()
    var message = [CChar](repeating: 0, count: Int(CPNG_ERROR_SIZE))
    // SAFETY: cpng_read reads `count` bytes of `data` and writes at most CPNG_ERROR_SIZE
    // characters; both buffers outlive the call.
    let isRead = unsafe data.withUnsafeBytes { bytes in
      unsafe cpng_read(
        bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &picture, &message)
    }
    guard isRead == 1 else { throw Problem(text: text(of: message)) }
    // SAFETY: cpng_read left `byte_count` bytes at `samples`, which we own and free once.
    defer { unsafe cpng_free(picture.samples) }
    let stored = unsafe UnsafeRawBufferPointer(
      start: picture.samples, count: picture.byte_count)
    let samples: [Float]
    let isWide = unsafe picture.bits == 16
    if isWide {
      samples = unsafe stored.bindMemory(to: UInt16.self).map { Float($0) / 65535 }
    } else {
      samples = unsafe stored.map { Float($0) / 255 }
    }
    return unsafe Image(
      width: Int(picture.width), height: Int(picture.height), channels: Int(picture.channels),
      samples: samples, bitDepth: isWide ? .sixteen : .eight)
  }

  /// The bytes of a PNG file that shows `image`, its samples clipped to 0...1; none may be NaN.
  static func encode(_ image: Image, bitDepth: Image.BitDepth) throws(Problem) -> Data {
    switch bitDepth {
    case .eight:
      try encode(image.samples.map { UInt8(min(max($0, 0), 1) * 255 + 0.5) }, image, bits: 8)
    case .sixteen:
      try encode(image.samples.map { UInt16(min(max($0, 0), 1) * 65535 + 0.5) }, image, bits: 16)
    }
  }

  /// The bytes of a PNG file with the size of `image` and the given samples.
  private static func encode<Sample: FixedWidthInteger>(
    _ samples: consuming [Sample], _ image: Image, bits: Int32
  ) throws(Problem) -> Data {
    precondition(samples.count == image.samples.count)
    guard max(image.width, image.height) <= 0x7fff_ffff else {
      throw Problem(text: "\(image.width) x \(image.height) pixels are too many for a PNG")
    }
    var file = unsafe cpng_file()
    var message = [CChar](repeating: 0, count: Int(CPNG_ERROR_SIZE))
    // SAFETY: `samples` has `byte_count` bytes, as checked above; cpng_write only reads them, writes
    // at most CPNG_ERROR_SIZE characters, and keeps no pointer.
    let isWritten = unsafe samples.withUnsafeMutableBytes { bytes in
      var picture = unsafe cpng_picture(
        width: UInt32(image.width), height: UInt32(image.height), channels: Int32(image.channels),
        bits: bits, samples: bytes.baseAddress, byte_count: bytes.count)
      return unsafe cpng_write(&picture, &file, &message)
    }
    guard isWritten == 1 else { throw Problem(text: text(of: message)) }
    // SAFETY: cpng_write left `count` bytes at `bytes`, which `Data` owns from here and frees once.
    return unsafe Data(
      bytesNoCopy: file.bytes, count: file.count,
      deallocator: .custom { memory, _ in unsafe cpng_free(memory) })
  }

  /// An error text that C wrote.
  static func text(of message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
