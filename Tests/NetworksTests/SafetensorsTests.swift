import Compute
import Foundation
import Networks
import Testing

/// The bytes of a file with the given header, which need not be right.
func safetensorsBytes(_ header: String, _ data: [UInt8] = []) -> Data {
  var bytes = Data()
  bytes.append(storing: [UInt64(header.utf8.count)])
  return bytes + Data(header.utf8) + Data(data)
}

@Suite struct SafetensorsTests {
  private let sample = Safetensors(
    tensors: [
      .init("b.single", shape: [3, 1], [1.5, -0.0, .leastNonzeroMagnitude] as [Float]),
      .init("a.double", shape: [2], [.pi, -.infinity] as [Double]),
      .init("größe \"quoted\"/\\", shape: [], [Int64.min] as [Int64]),
      .init("complex", shape: [1, 2], real: [1, 2], imaginary: [-3, 4]),
      .init("empty", shape: [0, 5], [] as [Float]),
    ],
    metadata: ["format": "pt", "text": "line\nbreak \u{1F600}"])

  @Test func whatIsWrittenIsReadBack() throws {
    let copy = try Safetensors.decode(sample.encoded, from: "copy")
    #expect(copy.metadata == sample.metadata)
    #expect(copy.tensors.count == sample.tensors.count)
    for tensor in sample.tensors { #expect(copy[tensor.name] == tensor) }
    #expect(copy["complex"]?.complexParts?.imaginary == [-3, 4])
    #expect(copy["a.double"]?.doubles == [.pi, -.infinity])
    #expect(copy["b.single"]?.floats?[1].sign == .minus)
    #expect(copy.encoded == sample.encoded)
  }

  @Test func everyTensorBeginsAtAMultipleOfItsElementSize() throws {
    let bytes = sample.encoded
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(length % 8 == 0)
    let json = try JSONSerialization.jsonObject(with: bytes[8..<8 + length])
    var header = try #require(json as? [String: Any])
    header["__metadata__"] = nil
    #expect(header.count == sample.tensors.count)
    for (name, entry) in header {
      let offsets = try #require((entry as? [String: Any])?["data_offsets"] as? [Int])
      #expect(try offsets[0] % #require(sample[name]).elementType.size == 0, "\(name)")
    }
  }

  @Test(
    arguments: [
      ("BOOL", [0, 1, 2], [0, 1, 1]), ("I8", [0xff], [-1]), ("U8", [0xff], [255]),
      ("I16", [0xfe, 0xff], [-2]), ("U16", [0xfe, 0xff], [65534]),
      ("I32", [0, 0, 0, 0x80], [-2_147_483_648]), ("U32", [0, 0, 0, 0x80], [2_147_483_648]),
      ("I64", [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [-3]),
      ("U64", [0, 0, 0, 0, 0, 0, 0, 0x80], [0x1p63]),
      ("F16", [0, 0x3c, 0, 0xc0], [1, -2]), ("BF16", [0x80, 0x3f, 0x49, 0x40], [1, 3.140625]),
      ("F32", [0, 0, 0x80, 0xbf], [-1]), ("F64", [0, 0, 0, 0, 0, 0, 0xe0, 0x3f], [0.5]),
    ] as [(String, [UInt8], [Double])])
  func elementsHaveTheValuesOfTheirType(type: String, bytes: [UInt8], values: [Double]) throws {
    let header = """
      {"x":{"dtype":"\(type)","shape":[\(values.count)],"data_offsets":[0,\(bytes.count)]}}
      """
    let tensor = try #require(
      try Safetensors.decode(safetensorsBytes(header, bytes), from: "")["x"])
    #expect(tensor.doubles == values)
    #expect(tensor.floats == values.map { Float($0) })
    #expect(tensor.complexParts == nil)
  }

  @Test(arguments: [
    (#"[]"#, "header"), (#"{"#, "header"), (#"{"x":3}"#, "in x"), (#"nonsense"#, "header"),
    (#"{"x":{"dtype":"F32","shape":[1]}}"#, "data_offsets"),
    (#"{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, "in x"),
    (#"{"x":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}"#, "in x"),
    (#"{"x":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}"#, "F99; expected one of BOOL"),
    (#"{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, "impossible shape [-1]"),
    (#"{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}"#, "impossible"),
    (#"{"x":{"dtype":"F32","shape":[0,-1],"data_offsets":[0,0]}}"#, "impossible"),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, "hold 4 bytes; expected 8"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, "data_offsets [0]"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#, "data_offsets"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, "data_offsets [4, 0]"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, "data_offsets"),
    (
      #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[-9223372036854775808,9223372036854775807]}}"#,
      "data_offsets"
    ),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, "begins at byte 4"),
    (
      #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""y":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#, "begins at byte 2"
    ),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "found 4 bytes of tensors"),
    (#"{"x":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}"#, "expected 3"),
    (
      #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""\u0078":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#,
      #"key "x" stands in it twice"#
    ),
    (#"{"x":{"dtype":"F32","dtype":"U8","shape":[1],"data_offsets":[0,4]}}"#, "twice"),
    (#"{"__metadata__":{"a":1},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "metadata"),
    (String(repeating: #"{"x":"#, count: 5000), "header"),
    (String(repeating: "[", count: 100_000), "header"),
  ])
  func aHeaderThatLiesIsRefused(header: String, mention: String) {
    let error = #expect(throws: SafetensorsError.self) {
      try Safetensors.decode(safetensorsBytes(header, [1, 2, 3, 4]), from: "some.safetensors")
    }
    let text = error?.description ?? ""
    #expect(text.contains(mention), "\(text)")
    #expect(text.hasPrefix("some.safetensors "))
    #expect(!text.contains("\n"))
  }

  @Test func aFileCutAnywhereIsRefused() throws {
    let bytes = sample.encoded
    let headerEnd = 8 + bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    for count in 0..<bytes.count {
      let error = #expect(throws: SafetensorsError.self, "cut to \(count) bytes") {
        try Safetensors.decode(bytes.prefix(count), from: "cut")
      }
      let dataCount = bytes.count - headerEnd
      switch count {
      case ..<8: break
      case ..<headerEnd:
        #expect(
          error == .headerCutShort(path: "cut", foundBytes: count, expectedBytes: headerEnd))
      default:
        #expect(
          error
            == .wrongSize(path: "cut", foundBytes: count - headerEnd, expectedBytes: dataCount))
      }
    }
    #expect(throws: SafetensorsError.self) { try Safetensors.decode(bytes + [0], from: "longer") }
  }

  @Test(
    arguments: [
      ([], "an empty file"), ([1, 2], "found 2 bytes"),
      (Array("v 0 0 1 ".utf8), #"text that starts "#),
      (Array("PK\u{3}\u{4}aaaaaaaa".utf8), "zip archive"),
      ([0x80, 2, 0, 0, 0, 0, 0, 0, 0], "pickle"),
      (Array(repeating: 0xff, count: 20), "a header of 18446744073709551615 bytes"),
      ([0, 0, 0, 1, 0, 0, 0, 0, 1], "ends at byte 16777224, the file at byte 9"),
      (Array(repeating: 0, count: 8), "broken"),
    ] as [([UInt8], String)])
  func otherFilesAreCalledWhatTheyAre(bytes: [UInt8], mention: String) {
    let error = #expect(throws: SafetensorsError.self) {
      try Safetensors.decode(Data(bytes), from: "other")
    }
    #expect(error?.description.contains(mention) == true, "\(error?.description ?? "")")
  }

  @Test func aMissingFileAndAFolderAreNamed() {
    #expect(throws: SafetensorsError.file(.missing(path: "/no/such.safetensors"))) {
      try Safetensors.read("/no/such.safetensors")
    }
    #expect(throws: SafetensorsError.file(.isFolder(path: "/"))) { try Safetensors.read("/") }
  }
}
