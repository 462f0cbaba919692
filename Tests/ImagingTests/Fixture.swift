import Foundation
import Imaging
import Testing

/// Files made by other programs; see `Fixtures/README.md`.
enum Fixture {
  static func path(_ name: String) throws -> String {
    let url = Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil)
    return try #require(url, "there is no fixture \(name)").path
  }

  static func data(_ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: path(name)))
  }
}

/// Runs `body` with a folder of its own, which disappears afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

extension Image {
  var shape: [Int] { [height, width, channels] }

  /// A picture of pseudo-random whole numbers from 0 to `white`, divided by `white`.
  static func noise(
    width: Int, height: Int, channels: Int, white: Int = 255, seed: UInt32 = 1
  ) -> Image {
    var state = seed
    let samples = (0..<width * height * channels).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(Int(state >> 8) % (white + 1)) / Float(white)
    }
    return Image(width: width, height: height, channels: channels, samples: samples)
  }
}
