import Foundation
import Imaging
import Testing

/// What a file shows, as `Fixtures/make_pngs.py` says.
private struct ShownPicture: Decodable {
  let file: String
  let width, height, channels, white, bits: Int
  let samples: [Int]

  var shape: [Int] { [height, width, channels] }

  static func all() throws -> [ShownPicture] {
    try JSONDecoder().decode([ShownPicture].self, from: Fixture.data("pngs.json"))
  }
}

@Test func everyKindOfPNGShowsWhatItsMakerSays() throws {
  let pictures = try ShownPicture.all()
  #expect(pictures.count == 64)
  for shown in pictures {
    let image = try Image.read(Fixture.path("pngs/\(shown.file)"))
    #expect(image.shape == shown.shape, "\(shown.file)")
    #expect(image.bitDepth.rawValue == shown.bits, "\(shown.file)")
    // Samples of fewer than 8 bits are exact in 8 bits: 255 is a multiple of 1, 3 and 15.
    #expect(
      image.samples == shown.samples.map { Float($0) / Float(shown.white) }, "\(shown.file)")
  }
}

@Test(arguments: [
  "gray1-transparent-interlaced", "gray16", "palette4-transparent", "rgb8-1x1", "rgba16-interlaced",
])
func aPNGCutAnywhereIsRefused(name: String) throws {
  let whole = try Fixture.data("pngs/\(name).png")
  try withFolder { folder throws in
    let path = folder + "/cut.png"
    for count in 0..<whole.count {
      try whole.prefix(count).write(to: URL(filePath: path))
      #expect(throws: ImageFileError.self, "the first \(count) bytes") { try Image.read(path) }
    }
    try whole.write(to: URL(filePath: path))
    #expect(throws: Never.self) { try Image.read(path) }
  }
}

@Test(arguments: [
  ("huge", "1000000 x 1000000 pixels are too many"),
  ("large", "bytes cannot hold 30000 x 30000 pixels"),
  ("short", "Not enough image data"),
  ("no-pixels", "Invalid IHDR data"),
  ("bits", "Invalid IHDR data"),
])
func aPNGThatPromisesTooMuchIsRefused(name: String, reason: String) throws {
  let path = try Fixture.path("pngs/broken-\(name).png")
  let error = #expect(throws: ImageFileError.self) { try Image.read(path) }
  #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
}

@Test func aDamagedPNGIsRefused() throws {
  let whole = try Fixture.data("pngs/rgb8.png")
  try withFolder { folder throws in
    let path = folder + "/damaged.png"
    // Byte 41 starts the packed pixels, after signature (8), IHDR (25) and the head of IDAT (8).
    for place in [20, 45, 60] {
      var damaged = whole
      damaged[place] ^= 0x10
      try damaged.write(to: URL(filePath: path))
      #expect(throws: ImageFileError.self, "byte \(place)") { try Image.read(path) }
    }
  }
}

@Test(arguments: [1, 2, 3, 4], [(1, 1), (1, 9), (9, 1), (13, 7)])
func picturesSurviveSavingAndLoading(channels: Int, size: (Int, Int)) throws {
  try withFolder { folder throws in
    let path = folder + "/a.png"
    for (bitDepth, white) in [(Image.BitDepth.eight, 255), (.sixteen, 65535)] {
      let image = Image.noise(width: size.0, height: size.1, channels: channels, white: white)
      try image.write(to: path, bitDepth: bitDepth)
      let read = try Image.read(path)
      #expect(read == image)
      #expect(read.bitDepth == bitDepth)
    }
  }
}

@Test func samplesAreClippedAndRoundedToTheNearestStep() throws {
  try withFolder { folder throws in
    let path = folder + "/a.png"
    let samples: [Float] = [
      -3, -0.001, 0.49 / 255, 0.51 / 255, 254.49 / 255, 254.51 / 255, 1.2, 40,
    ]
    try Image(width: 8, height: 1, channels: 1, samples: samples).write(to: path)
    #expect(
      try Image.read(path).samples.map { $0 * 255 } == [0, 0, 0, 1, 254, 255, 255, 255])
  }
}

@Test func aPictureKeepsTheBitDepthOfItsFile() throws {
  try withFolder { folder throws in
    let wide = try Image.read(Fixture.path("pngs/rgb16.png"))
    try wide.write(to: folder + "/wide.png")
    #expect(try Image.read(folder + "/wide.png") == wide)
    try wide.write(to: folder + "/narrow.png", bitDepth: .eight)
    #expect(try Image.read(folder + "/narrow.png").bitDepth == .eight)
  }
}
