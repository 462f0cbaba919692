import Compute
import Foundation
import Testing
import Tomography

/// A folder of files that goes away with the test.
private final class Folder: Sendable {
  let path = FileManager.default.temporaryDirectory.path + "/inr-scan-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func array(_ shape: [Int], _ elements: [Float]) throws -> String {
    let file = path + "/a.npy"
    try NumpyArray(shape: shape, elements: elements).write(to: file)
    return file
  }

  func text(_ text: String, _ name: String = "a.txt") throws -> String {
    let file = path + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    return file
  }
}

private func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

struct SinogramFileTests {
  /// Of slice s, view v and bin b: 100 s + 10 v + b.
  private static func value(_ slice: Int, _ view: Int, _ bin: Int) -> Float {
    Float(100 * slice + 10 * view + bin)
  }

  private static func sinogram(_ slice: Int) -> Matrix {
    let values = (0..<3).flatMap { v in (0..<4).map { value(slice, v, $0) } }
    return Matrix(rows: 3, columns: 4, elements: values)
  }

  @Test(arguments: SinogramFile.Layout.allCases)
  func everyLayoutGivesTheSameSinograms(layout: SinogramFile.Layout) throws {
    let folder = try Folder()
    let written = SinogramFile.array(of: [0, 1].map(Self.sinogram), isStack: true, layout: layout)
    // The shape says what the layout means, independently of the code that reads it.
    let axes = ["slices": 2, "views": 3, "bins": 4]
    let names = layout.rawValue.split(separator: ",").map(String.init)
    let shape = (names.count == 3 ? names : ["slices"] + names).compactMap { axes[$0] }
    #expect(written.shape == shape)
    let file = try SinogramFile(try folder.array(shape, written.elements), layout: layout)
    #expect(file.isStack && file.sliceCount == 2 && file.viewCount == 3 && file.binCount == 4)
    for slice in [1, 0] { #expect(try file.sinogram(slice) == Self.sinogram(slice)) }
  }

  @Test(arguments: [SinogramFile.Layout.viewsBins, .binsViews])
  func aSingleSinogramIsNoStack(layout: SinogramFile.Layout) throws {
    let folder = try Folder()
    let array = SinogramFile.array(of: [Self.sinogram(0)], isStack: false, layout: layout)
    #expect(array.shape == (layout == .viewsBins ? [3, 4] : [4, 3]))
    let path = try folder.array(array.shape, array.elements)
    let file = try SinogramFile(path, layout: layout)
    #expect(!file.isStack && file.sliceCount == 1)
    #expect(try file.sinogram() == Self.sinogram(0))
  }

  @Test func detectorPicturesHaveTheirViewsFirst() throws {
    let folder = try Folder()
    let elements = (0..<3).flatMap { v in
      (0..<2).flatMap { s in (0..<4).map { Self.value(s, v, $0) } }
    }
    let file = try SinogramFile(try folder.array([3, 2, 4], elements), layout: .viewsSlicesBins)
    #expect(try file.sinogram(1) == Self.sinogram(1))
  }

  @Test(
    arguments: [
      ([4], .viewsBins, "shape [4], expected [views, bins] or [slices, views, bins]"),
      ([1, 2, 3, 4], .binsViews, "expected [bins, views] or [slices, bins, views]"),
      ([3, 4], .viewsSlicesBins, "expected [views, slices, bins]; say with --layout"),
      ([0, 4], .viewsBins, "shape [0, 4], which has no view; expected at least one"),
      ([4, 0], .binsViews, "which has no view"), ([3, 0], .viewsBins, "which has no bin"),
      ([0, 3, 4], .viewsBins, "which has no slice"),
    ] as [([Int], SinogramFile.Layout, String)])
  func aShapeThatIsNoSinogramIsNamed(shape: [Int], layout: SinogramFile.Layout, part: String) throws
  {
    let folder = try Folder()
    let path = try folder.array(shape, [Float](repeating: 0, count: shape.reduce(1, *)))
    let message = message { _ = try SinogramFile(path, layout: layout) }
    #expect(message.contains(part) && message.hasPrefix(path), "\(message)")
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func aValueThatIsNoNumberIsNamedWithItsPlace(value: Float) throws {
    let folder = try Folder()
    var elements = [0, 1].flatMap { Self.sinogram($0).elements }
    elements[12 + 4 + 3] = value
    elements[12 + 8] = value
    let file = try SinogramFile(try folder.array([2, 3, 4], elements))
    #expect(throws: Never.self) { try file.sinogram(0) }
    let message = message { _ = try file.sinogram(1) }
    #expect(
      message.contains(
        "slice 1, view 1, bin 3 is \(value), expected numbers (and 1 more like it in this slice)"),
      "\(message)")
  }

  @Test func aSliceBeyondTheStackIsNamed() throws {
    let folder = try Folder()
    let file = try SinogramFile(try folder.array([2, 1, 1], [0, 0]))
    #expect(message { _ = try file.sinogram(2) }.contains("found no slice 2, expected 0 to 1"))
    let slices = try SliceFile(try folder.array([1, 1], [0]))
    #expect(
      message { _ = try slices.slice(1) }.contains("found no slice 1, expected 0, its only one"))
  }

  @Test func slicesAreReadOneByOne() throws {
    let folder = try Folder()
    let stack = try SliceFile(try folder.array([2, 1, 3], [0, 1, 2, 3, 4, 5]))
    #expect(stack.isStack && stack.sliceCount == 2 && stack.rows == 1 && stack.columns == 3)
    #expect(try stack.slice(1) == Matrix(rows: 1, columns: 3, elements: [3, 4, 5]))
    let single = try SliceFile(try folder.array([2, 3], [0, 1, 2, 3, 4, .nan]))
    #expect(!single.isStack && single.rows == 2)
    #expect(message { _ = try single.slice() }.contains("row 1, column 2 is nan"))
    for shape in [[3], [1, 1, 1, 3]] {
      let path = try folder.array(shape, [0, 0, 0])
      #expect(
        message { _ = try SliceFile(path) }.contains("expected [rows, columns] or [slices, rows"))
    }
    let empty = try folder.array([2, 0], [])
    #expect(message { _ = try SliceFile(empty) }.contains("which has no column"))
  }
}

struct AngleFileTests {
  @Test(
    arguments: [
      ("0\n1.5\n-3e1\n", [0, 1.5, -30]), ("0 1 2", [0, 1, 2]), ("0, 1; 2\r\n", [0, 1, 2]),
      ("# degrees\n\nangle\n4 # the first\n5\n", [4, 5]), ("7", [7]),
    ] as [(String, [Double])])
  func textIsReadLineByLine(text: String, angles: [Double]) throws {
    let folder = try Folder()
    #expect(try AngleFile.read(try folder.text(text)) == angles)
  }

  @Test(arguments: [[3], [1, 3], [3, 1]])
  func anArrayOfOneAxisIsRead(shape: [Int]) throws {
    let folder = try Folder()
    #expect(try AngleFile.read(try folder.array(shape, [0, 0.5, 1])) == [0, 0.5, 1])
  }

  @Test(arguments: [
    ("", "found no angles"), ("angle\n", "found no angles"),
    ("0\nx1\n", "line 2 has \"x1\"; expected one angle a line"),
    ("0\n1 2\n", "line 2 has 2 columns"), ("0\nnan\n", "angle 1 is nan"),
  ])
  func textThatHoldsNoAnglesIsNamed(text: String, part: String) throws {
    let folder = try Folder()
    let path = try folder.text(text)
    let message = message { _ = try AngleFile.read(path) }
    #expect(message.hasPrefix(path) && message.contains(part), "\(message)")
  }

  @Test func aFileThatHoldsNoAnglesIsNamed() throws {
    let folder = try Folder()
    let square = try folder.array([2, 2], [0, 0, 0, 0])
    #expect(message { _ = try AngleFile.read(square) }.contains("found an array of shape [2, 2]"))
    let text = try folder.text("0\n1\n", "b.npy")
    #expect(message { _ = try AngleFile.read(text) }.contains("is not a .npy file"))
    #expect(message { _ = try AngleFile.read("/nowhere/a.txt") }.contains("there is no such file"))
  }
}
