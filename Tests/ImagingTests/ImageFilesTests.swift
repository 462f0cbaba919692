import Compute
import Foundation
import Imaging
import Testing

/// The picture that all files of `Fixtures/make_arrays.py` hold.
private let ramp: Image = {
  var image = Image(width: 4, height: 3, channels: 3, filledWith: 0)
  for row in 0..<3 {
    for column in 0..<4 {
      for channel in 0..<3 {
        image[row, column, channel] = Float(40 * row + 10 * column + channel) / 255
      }
    }
  }
  return image
}()

@Test(
  arguments: [
    ("uint8", .eight), ("uint16", .sixteen), ("uint16-big-endian", .sixteen), ("float32", .sixteen),
    ("float64", .sixteen), ("float64-big-endian", .sixteen), ("version3", .sixteen),
    ("fortran", .sixteen),
  ] as [(String, Image.BitDepth)])
func arraysOfAllTypesShowTheSamePicture(name: String, bitDepth: Image.BitDepth) throws {
  let image = try Image.read(Fixture.path("arrays/\(name).npy"))
  #expect(image == ramp)
  #expect(image.bitDepth == bitDepth)
}

@Test func anArrayOfTwoAxesIsGray() throws {
  let gray = try Image.read(Fixture.path("arrays/uint8-gray.npy"))
  #expect(gray.channels == 1)
  #expect(gray.samples == stride(from: 0, to: 36, by: 3).map { ramp.samples[$0] })
}

@Test func floatingPointSamplesAreTakenAsTheyAre() throws {
  try withFolder { folder throws in
    let path = folder + "/a.npy"
    let image = Image(width: 2, height: 2, channels: 1, samples: [-1, 0.25, 3, 1e-9])
    try image.write(to: path)
    #expect(try Image.read(path) == image)
    #expect(try NumpyArray.read(path).shape == [2, 2])
    try ramp.write(to: folder + "/B.NPY")
    #expect(try NumpyArray.read(folder + "/B.NPY").shape == [3, 4, 3])
  }
}

@Test func theContentDecidesNotTheName() throws {
  try withFolder { folder throws in
    try ramp.write(to: folder + "/a.npy")
    try FileManager.default.moveItem(atPath: folder + "/a.npy", toPath: folder + "/a.png")
    #expect(try Image.read(folder + "/a.png") == ramp)
  }
}

@Test(arguments: [
  ("int32", "holds elements of type int32; expected uint8"),
  ("complex", "holds elements of type <c8"),
  ("object", "holds elements of type |O"),
  ("structured", "holds elements of type [('x', '<f4'), ('y', '<i2')]"),
  ("channels-first", "holds an array of shape [3, 3, 8]; expected [rows, columns]"),
  ("line", "holds an array of shape [5]; expected [rows, columns]"),
])
func otherArraysAreRefused(name: String, reason: String) throws {
  let path = try Fixture.path("arrays/\(name).npy")
  let error = #expect(throws: ImageFileError.self) { try Image.read(path) }
  #expect(error?.description.hasPrefix("\(path) \(reason)") == true, "\(String(describing: error))")
}

@Test(
  arguments: [
    (Data(), "an empty file"), (Data("a picture\n".utf8), "text"), (Data("é".utf8), "text"),
    (Data([0xff, 0xd8, 0xff, 0xe0]), "a JPEG file"), (Data("GIF89a".utf8), "a GIF file"),
    (Data([0x89, 0x50, 0x4e]), "3 bytes of a PNG file"), (Data([0, 1, 2]), "unknown content"),
  ] as [(Data, String)])
func whatIsNoPictureIsNamed(data: Data, found: String) throws {
  try withFolder { folder throws in
    let path = folder + "/a.png"
    try data.write(to: URL(filePath: path))
    #expect(throws: ImageFileError.notAPicture(path: path, found: found)) { try Image.read(path) }
  }
}

@Test func archivesAreNamed() throws {
  let path = try Fixture.path("arrays/archive.npz")
  #expect(throws: ImageFileError.notAPicture(path: path, found: "a zip archive")) {
    try Image.read(path)
  }
}

@Test(arguments: ["png", "npy"], [Float.nan, .infinity, -.infinity])
func samplesThatAreNoNumbersAreNotWritten(ending: String, value: Float) throws {
  try withFolder { folder throws in
    var image = Image(width: 3, height: 2, channels: 2, filledWith: 0.5)
    image[1, 2, 0] = value
    let path = folder + "/a.\(ending)"
    #expect(
      throws: ImageFileError.notFinite(path: path, value: "\(value)", row: 1, column: 2, channel: 0)
    ) { try image.write(to: path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }
}

@Test func samplesThatAreNoNumbersAreNotRead() throws {
  try withFolder { folder throws in
    let path = folder + "/a.npy"
    try NumpyArray(shape: [1, 2], elements: [0, .nan]).write(to: path)
    #expect(
      throws: ImageFileError.notFinite(path: path, value: "nan", row: 0, column: 1, channel: 0)
    ) { try Image.read(path) }
  }
}

@Test func filesThatCannotBeReadOrWrittenAreNamed() throws {
  try withFolder { folder throws in
    #expect(throws: ImageFileError.file(.missing(path: folder + "/a.png"))) {
      try Image.read(folder + "/a.png")
    }
    #expect(throws: ImageFileError.file(.isFolder(path: folder))) { try Image.read(folder) }
    #expect(throws: ImageFileError.unknownEnding(path: "a.jpg")) { try ramp.write(to: "a.jpg") }
    #expect(throws: ImageFileError.unknownEnding(path: "png")) {
      try Image.FileFormat(endingOf: "png")
    }
    let path = folder + "/none/a.png"
    #expect(throws: ImageFileError.file(.folderMissing(path: path, folder: folder + "/none"))) {
      try ramp.write(to: path)
    }
  }
}
