import Compute
import Foundation
import Imaging
import Testing

/// Row by row, PNG files are what they are as a whole.
struct PNGRowsTests {
  /// All rows of a file, a few at a time.
  private func rows(of path: String, atATime count: Int) throws -> (PNGRowReader, [UInt16]) {
    let reader = try PNGRowReader(path)
    var samples: [UInt16] = []
    while reader.row < reader.height {
      samples += try reader.read(min(count, reader.height - reader.row))
    }
    return (reader, samples)
  }

  @Test(arguments: [1, 3, 1000])
  func everyKindOfPNGHasTheSamplesOfTheWholePicture(count: Int) throws {
    let folder = try Fixture.path("pngs")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { !$0.hasPrefix("broken") }
    var interlaced = 0
    for name in names {
      let path = folder + "/" + name
      guard !name.contains("interlaced") else {
        interlaced += 1
        #expect(throws: ImageFileError.interlaced(path: path)) { try PNGRowReader(path) }
        continue
      }
      let whole = try Image.read(path)
      let (reader, samples) = try rows(of: path, atATime: count)
      #expect([reader.height, reader.width, reader.channels] == whole.shape, "\(name)")
      #expect(reader.bitDepth == whole.bitDepth, "\(name)")
      #expect(samples.map { Float($0) / 65535 } == whole.samples, "\(name)")
    }
    #expect(names.count > 50 && interlaced > 10)
  }

  @Test func skippedRowsAreThoseInBetween() throws {
    let path = try Fixture.path("pngs/rgb8.png")
    let (whole, samples) = try rows(of: path, atATime: 1)
    let reader = try PNGRowReader(path)
    try reader.skip(2)
    #expect(try reader.read(1) == Array(samples[(2 * whole.width * 3)..<(3 * whole.width * 3)]))
  }

  @Test(arguments: [1, 2, 3, 4], [(1, 1), (1, 9), (9, 1), (13, 7)])
  func rowsSurviveWritingAndReading(channels: Int, size: (Int, Int)) throws {
    try withFolder { folder throws in
      for (bitDepth, white) in [(Image.BitDepth.eight, 255), (.sixteen, 65535)] {
        let path = folder + "/\(white).png"
        let image = Image.noise(width: size.0, height: size.1, channels: channels, white: white)
        let writer = try PNGRowWriter(
          path, width: size.0, height: size.1, channels: channels, bitDepth: bitDepth)
        let rowLength = size.0 * channels
        var row = 0
        for count in [1, 2, 4, 1, 1, 1] where row < size.1 {
          let end = min(row + count, size.1)
          try writer.write(Array(image.samples[(row * rowLength)..<(end * rowLength)]))
          row = end
        }
        let read = try Image.read(path)
        #expect(read == image && read.bitDepth == bitDepth)
      }
    }
  }

  @Test(arguments: ["gray16", "palette4-transparent", "rgb8-1x1"])
  func aFileCutAnywhereIsRefused(name: String) throws {
    let whole = try Fixture.data("pngs/\(name).png")
    try withFolder { folder throws in
      let path = folder + "/cut.png"
      for count in 0..<whole.count {
        try whole.prefix(count).write(to: URL(filePath: path))
        #expect(throws: ImageFileError.self, "the first \(count) bytes") {
          try rows(of: path, atATime: 2)
        }
      }
      try whole.write(to: URL(filePath: path))
      #expect(throws: Never.self) { try rows(of: path, atATime: 2) }
    }
  }

  @Test func damageIsFound() throws {
    var data = try Fixture.data("pngs/rgb8.png")
    data[60] ^= 0x10
    try withFolder { folder throws in
      let path = folder + "/damaged.png"
      try data.write(to: URL(filePath: path))
      let error = #expect(throws: ImageFileError.self) { try rows(of: path, atATime: 2) }
      #expect(error?.description.contains("damaged.png is a broken PNG file: ") == true)
    }
  }

  @Test func whatCannotBeReadRowByRowIsNamed() throws {
    try withFolder { folder throws in
      #expect(throws: ImageFileError.file(.missing(path: folder + "/a.png"))) {
        try PNGRowReader(folder + "/a.png")
      }
      #expect(throws: ImageFileError.file(.isFolder(path: folder))) { try PNGRowReader(folder) }
      let array = try Fixture.path("arrays/uint8.npy")
      #expect(throws: ImageFileError.notRowByRow(path: array)) { try PNGRowReader(array) }
      try Data("GIF89a".utf8).write(to: URL(filePath: folder + "/a.gif"))
      #expect(throws: ImageFileError.notAPicture(path: folder + "/a.gif", found: "a GIF file")) {
        try PNGRowReader(folder + "/a.gif")
      }
      let error = #expect(throws: ImageFileError.self) {
        try PNGRowWriter(folder + "/none/a.png", width: 1, height: 1, channels: 1, bitDepth: .eight)
      }
      #expect(error?.description.contains("/none/a.png cannot be written") == true)
    }
  }
}
