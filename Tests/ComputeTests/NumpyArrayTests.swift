import Compute
import Foundation
import Testing

/// The bytes of a `.npy` file with the given header text.
private func npy(
  _ header: String, _ elements: [UInt8] = [], major: UInt8 = 1, minor: UInt8 = 0
) -> Data {
  let length = header.utf8.count
  let lengthBytes = (0..<(major == 1 ? 2 : 4)).map { UInt8(length >> (8 * $0) & 0xff) }
  return Data([0x93] + Array("NUMPY".utf8) + [major, minor] + lengthBytes)
    + Data(header.utf8) + Data(elements)
}

private func npy(_ type: String, _ shape: String, _ elements: [UInt8]) -> Data {
  npy("{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }\n", elements)
}

private func problem(of data: Data) -> String {
  do {
    let array = try NumpyArray.decode(data, from: "a.npy")
    return "no error, but \(array)"
  } catch {
    return error.description
  }
}

/// numpy.save of numpy.arange(6, dtype='<f4').reshape(2, 3) - 0.5 by NumPy 2.4.6.
private let savedByNumPy = """
  k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLC\
  B9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAC/AAAA\
  PwAAwD8AACBAAABgQAAAkEA=
  """

@Test(
  arguments: [
    ("|b1", [0, 1, 2], [0, 1, 1]),
    ("|u1", [0, 7, 255], [0, 7, 255]),
    ("|i1", [0, 7, 255], [0, 7, -1]),
    ("<u2", [1, 2, 0xff, 0xff], [513, 65535]),
    (">u2", [1, 2, 0xff, 0xff], [258, 65535]),
    ("<i2", [0xfe, 0xff], [-2]),
    (">i2", [0xff, 0xfe], [-2]),
    ("<u4", [0, 0, 0, 0x80], [2_147_483_648]),
    ("<i4", [0xfd, 0xff, 0xff, 0xff], [-3]),
    (">i4", [0xff, 0xff, 0xff, 0xfd], [-3]),
    ("<u8", [0, 0, 0, 0, 0, 0, 0, 0x80], [9_223_372_036_854_775_808]),
    ("<i8", [0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [-4]),
    (">i8", [0, 0, 0, 0, 0, 0, 1, 0], [256]),
    ("<f2", [0, 0x3e, 0, 0xc0], [1.5, -2]),
    ("<f4", [0, 0, 0xc0, 0x3f], [1.5]),
    (">f4", [0x3f, 0xc0, 0, 0], [1.5]),
    ("<f8", [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], [1.5]),
    (">f8", [0x3f, 0xf8, 0, 0, 0, 0, 0, 0], [1.5]),
    ("=f4", [0, 0, 0xc0, 0x3f], [1.5]),
  ] as [(String, [UInt8], [Float])])
func everyElementTypeKeepsItsValues(type: String, bytes: [UInt8], values: [Float]) throws {
  let array = try NumpyArray.decode(npy(type, "(\(values.count),)", bytes), from: "a.npy")
  #expect(array.shape == [values.count])
  #expect(array.elements == values)
  #expect(array.elementType.size * values.count == bytes.count)
}

@Test(
  arguments: [
    ("()", [], 1), ("(3,)", [3], 3), ("(3L,)", [3], 3), ("(2, 0)", [2, 0], 0),
    ("( 2,3 ,1)", [2, 3, 1], 6),
  ] as [(String, [Int], Int)])
func shapesOfAllRanksAreRead(text: String, shape: [Int], count: Int) throws {
  let bytes = [UInt8](repeating: 9, count: count)
  let array = try NumpyArray.decode(npy("|u1", text, bytes), from: "a.npy")
  #expect(array.shape == shape)
  #expect(array.elements == [Float](repeating: 9, count: count))
}

@Test(arguments: [1, 2, 3] as [UInt8])
func allVersionsAndOrdersOfKeysAreRead(major: UInt8) throws {
  let header = "{\"shape\":(2,),\"fortran_order\":False,\"descr\":\"|u1\"}  \n"
  let array = try NumpyArray.decode(npy(header, [3, 4], major: major), from: "a.npy")
  #expect(array == NumpyArray(shape: [2], elements: [3, 4], elementType: .uint8))
}

@Test(arguments: [[], [1], [5], [2, 3], [3, 1, 2], [0, 4]])
func arraysSurviveSavingAndLoading(shape: [Int]) throws {
  let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
  defer { try? FileManager.default.removeItem(atPath: path) }
  let array = NumpyArray(
    shape: shape, elements: (0..<shape.reduce(1, *)).map { Float($0) / 3 - 1 })
  try array.write(to: path)
  #expect(try NumpyArray.read(path) == array)
}

@Test func filesAreThoseThatNumPyWrites() throws {
  let array = NumpyArray(shape: [2, 3], elements: [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5])
  #expect(array.encoded.base64EncodedString() == savedByNumPy)
}

@Test func doublesAreWrittenBitByBit() throws {
  let values = [0.1, -0.0, .pi, .leastNonzeroMagnitude, -.greatestFiniteMagnitude, .infinity]
  let data = NumpyArray.encoded(values, shape: [3, 2])
  #expect(
    data.range(of: Data("'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }".utf8)) != nil)
  let found = values.indices.map { k in
    let bytes = data.suffix(48).dropFirst(8 * k).prefix(8)
    return Double(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
  }
  #expect(found.map(\.bitPattern) == values.map(\.bitPattern))
  #expect((data.count - 48) % 64 == 0)
  let array = try NumpyArray.decode(data, from: "a.npy")
  #expect(array.shape == [3, 2] && array.elementType == .float64)
}

@Test func aFileCutAnywhereIsRefused() {
  let whole = npy("<f4", "(2,)", [0, 0, 0xc0, 0x3f, 0, 0, 0, 0])
  for count in 0..<whole.count {
    #expect(throws: NumpyFileError.self, "the first \(count) bytes") {
      try NumpyArray.decode(whole.prefix(count), from: "a.npy")
    }
  }
  #expect(throws: NumpyFileError.self) { try NumpyArray.decode(whole + [0], from: "a.npy") }
}

/// An array of the numbers 0, 1, 2, … in C order, stored with its first index running fastest.
private func fortranOrdered(_ shape: [Int]) -> Data {
  var values: [UInt8] = [0]
  // The last axis is the slowest in the file; a step along it is one in C order.
  var step = 1
  for size in shape.reversed() {
    values = values.flatMap { value in (0..<size).map { value + UInt8($0 * step) } }
    step *= size
  }
  let text = "(" + shape.map { "\($0)," }.joined(separator: " ") + ")"
  return npy("{'descr': '|u1', 'fortran_order': True, 'shape': \(text), }\n", values)
}

@Test(arguments: [[], [5], [2, 3], [3, 1, 2], [2, 3, 4], [0, 4]])
func fortranOrderIsPutIntoCOrder(shape: [Int]) throws {
  let count = shape.reduce(1, *)
  let array = try NumpyArray.decode(fortranOrdered(shape), from: "a.npy")
  #expect(array.shape == shape)
  #expect(array.elements == (0..<count).map { Float($0) })
}

/// numpy.save of numpy.asfortranarray(numpy.arange(6, dtype='>i2').reshape(2, 3)), by its bytes.
@Test func aFortranOrderedFileOfNumPyIsRead() throws {
  let header = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }\n"
  let data = npy(header, [0, 0, 0, 3, 0, 1, 0, 4, 0, 2, 0, 5])
  #expect(try NumpyArray.decode(data, from: "a.npy").elements == [0, 1, 2, 3, 4, 5])
}

// MARK: - In parts

private func withFile(_ data: Data, _ body: (String) throws -> Void) throws {
  let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
  defer { try? FileManager.default.removeItem(atPath: path) }
  try data.write(to: URL(fileURLWithPath: path))
  try body(path)
}

@Test(arguments: [
  npy(
    "<f4", "(2, 3)",
    [Float](arrayLiteral: 0, 1, 2, 3, 4, 5).flatMap { number in
      (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
    }),
  npy(">u2", "(2, 3)", [0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5]),
  fortranOrdered([2, 3]),
])
func aPartOfAFileIsThatPartOfTheArray(data: Data) throws {
  try withFile(data) { path in
    let file = try NumpyFile(path)
    #expect(file.shape == [2, 3])
    for start in 0...6 {
      for end in start...6 {
        #expect(try file.elements(start..<end) == (start..<end).map { Float($0) })
      }
    }
  }
}

@Test func aFileThatIsCutShortIsRefusedBeforeAnyOfItIsUsed() throws {
  let whole = npy("<f4", "(2,)", [0, 0, 0xc0, 0x3f, 0, 0, 0, 0])
  for count in 0..<whole.count {
    try withFile(whole.prefix(count)) { path in
      #expect(throws: NumpyFileError.self, "the first \(count) bytes") { _ = try NumpyFile(path) }
    }
  }
  #expect(throws: NumpyFileError.file(.missing(path: "/nowhere/a.npy"))) {
    try NumpyFile("/nowhere/a.npy")
  }
  #expect(throws: NumpyFileError.file(.isFolder(path: "/"))) { try NumpyFile("/") }
}

@Test func aFileThatShrinksWhileItIsReadIsRefused() throws {
  try withFile(npy("|u1", "(4,)", [1, 2, 3, 4])) { path in
    let file = try NumpyFile(path)
    try npy("|u1", "(4,)", [1, 2]).write(to: URL(fileURLWithPath: path))
    #expect(throws: NumpyFileError.self) { try file.elements(0..<4) }
  }
}

@Test func aSliceOfDataIsReadFromItsStart() throws {
  let data = Data([1, 2, 3]) + npy("|u1", "(2,)", [5, 6])
  #expect(try NumpyArray.decode(data.dropFirst(3), from: "a.npy").elements == [5, 6])
}

@Test(
  arguments: [
    (Data(), "a.npy is not a .npy file: found an empty file, expected NumPy's signature"),
    (Data("hello\nworld".utf8), "found text that starts with \"hello\""),
    (
      Data("PK\u{3}\u{4}".utf8),
      "found a zip archive (.npz?), expected NumPy's signature; take one array out of it: "
        + "numpy.save('a.npy', numpy.load('a.npy')['NAME'])"
    ),
    (Data([0x89, 0x50, 0x4e, 0x47]), "found the bytes 89 50 4e 47"),
    (npy("{}", major: 4), "has version 4.0 of the .npy format; expected 1.0, 2.0 or 3.0"),
    (npy("{}", minor: 1), "has version 1.1"),
    (npy("<f4", "(2,)", [0, 0, 0, 0]), "shape [2] needs 8 bytes of elements, found 4"),
    (npy("<f4", "(1,)", [0, 0, 0, 0, 0]), "shape [1] needs 4 bytes of elements, found 5"),
    (npy("|O", "(1,)", [0]), "holds elements of type |O; expected real numbers"),
    (npy("<c8", "(1,)", [0]), "holds elements of type <c8"),
    (npy("<U3", "(1,)", [0]), "holds elements of type <U3"),
    (npy("f4", "(1,)", [0, 0, 0, 0]), "holds elements of type f4"),
    (
      npy("{'descr': [('x', '<f4'), ('y', '<f4', (2,))], 'fortran_order': False, 'shape': (1,)}"),
      "holds elements of type [('x', '<f4'), ('y', '<f4', (2,))]"
    ),
    (
      npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", [0]),
      "shape [2, 2] needs 16 bytes of elements, found 1"
    ),
    (npy("<f4", "(-1,)", []), "found '-1,), }\n', expected a size of at least 0"),
    (npy("<f4", "(99999999999999999999,)", []), "expected a size of at least 0"),
    (npy("<f4", "(4611686018427387904, 4)", []), "the shape [4611686018427387904, 4] is too large"),
    (npy("<f4", "3", []), "found '3, }\n', expected '('"),
    (npy("<f4", "(3 4)", []), "found '4), }\n', expected ')'"),
    (npy("<f4", "(3", []), "expected a size of at least 0"),
    (npy("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}"), "expected True or False"),
    (npy("{'descr': '<f4', 'fortran_order': False}"), "no 'shape'"),
    (npy("{'descr': '<f4', 'descr': '<f4'}"), "unexpected or repeated key 'descr'"),
    (npy("{'order': 'C'}"), "unexpected or repeated key 'order'"),
    (npy("{'descr': '<f4"), "expected a quoted word"),
    (npy("{'descr': [('x'"), "expected ']'"),
    (npy(""), "found the end, expected '{'"),
    (
      npy("{'descr': '|u1', 'fortran_order': False, 'shape': ()} extra", [1]),
      "text after the closing"
    ),
  ] as [(Data, String)])
func brokenFilesAreRefusedWithTheReason(data: Data, reason: String) {
  let problem = problem(of: data)
  #expect(problem.contains(reason))
  #expect(problem.hasPrefix("a.npy"))
}

@Test func aHeaderThatLiesAboutItsLengthIsRefused() {
  var data = npy("<f4", "(1,)", [0, 0, 0, 0])
  data[9] = 0xff
  #expect(problem(of: data).contains("is cut short: its header needs 65"))
  var long = npy("{}", major: 2)
  long[11] = 0xff
  #expect(problem(of: long).contains("is cut short: its header needs 4278"))
}

@Test func filesThatCannotBeReadAreNamed() {
  #expect(throws: NumpyFileError.file(.missing(path: "/nowhere/a.npy"))) {
    try NumpyArray.read("/nowhere/a.npy")
  }
  #expect(throws: NumpyFileError.file(.isFolder(path: "/"))) { try NumpyArray.read("/") }
}
