import Compute
import Foundation
import Testing

/// A model file whose header does not tell the truth, and what the message says of it.
private struct Lie: Sendable, CustomTestStringConvertible {
  /// A part of the header's text, and what stands in its place.
  var change: (old: String, new: String)?
  /// The length of the header that the file claims.
  var length: UInt64?
  /// Bytes that are missing at the end, or too many if negative.
  var missing = 0
  let part: String

  static func text(_ old: String, _ new: String, _ part: String) -> Lie {
    Lie(change: (old, new), part: part)
  }

  var testDescription: String { "\(change?.new ?? length.map { "\($0)" } ?? "\(missing)")" }

  /// A copy of a model's file with this lie.
  func told(of file: Data) throws -> Data {
    let count = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    var header = String(decoding: file[8..<8 + count], as: UTF8.self)
    if let change {
      try #require(header.contains(change.old), "\(header)")
      header = header.replacingOccurrences(of: change.old, with: change.new)
    }
    let claim = length ?? UInt64(header.utf8.count)
    var data = Data((0..<8).map { UInt8(truncatingIfNeeded: claim >> (8 * $0)) })
    data.append(contentsOf: header.utf8)
    data.append(file[(8 + count)...])
    if missing < 0 { data.append(Data(count: -missing)) }
    return missing > 0 ? data.dropLast(missing) : data
  }
}

/// What every command that reads a model says of one whose header lies.
struct BadModelEndToEndTests {
  private static let lies = [
    Lie(length: .max, part: "claims a header of 18446744073709551615 bytes"),
    Lie(length: 1 << 40, part: "claims a header of 1099511627776 bytes"),
    Lie(length: 90_000, part: "its header ends at byte 90008"),
    Lie(length: 30, part: "it is not valid JSON"),
    Lie(length: 0, part: "m.safetensors"),
    Lie(missing: 4, part: "does not hold what its header says"),
    Lie(missing: -4, part: "does not hold what its header says"),
    .text(#""shape":[12,12]"#, #""shape":[1000000,1000000]"#, "layers.1.weight"),
    .text(#""shape":[12,12]"#, #""shape":[8589934592,8589934592]"#, "impossible shape"),
    .text(#""shape":[12,12]"#, #""shape":[-12,-12]"#, "impossible shape"),
    .text(#""shape":[12,12]"#, #""shape":[6,24]"#, "layers.1."),
    .text(#""shape":[12,12]"#, #""shape":[144]"#, "layers.1.weight"),
    .text(#""shape":[12,12]"#, #""shape":"large""#, "layers.1.weight"),
    .text("[192,768]", "[192,1000000000]", "1000000000"),
    .text("[192,768]", "[768,192]", "[768, 192]"),
    .text("[192,768]", "[-4,768]", "[-4, 768]"),
    .text("[192,768]", "[48,624]", "begins at byte 48"),
    .text(#""dtype":"F32","shape":[12,12]"#, #""dtype":"F99","shape":[12,12]"#, "F99"),
    .text(#""dtype":"F32","shape":[12,12]"#, #""dtype":"F64","shape":[12,12]"#, "F64"),
    .text(#""dtype":"F32","shape":[12,12]"#, #""shape":[12,12]"#, #"there is no "dtype""#),
    .text("layers.1.bias", "layers.1.weight", "layers.1.weight"),
    .text("layers.1.weight", "layers.7.weight", "layers."),
    .text(#"{"__metadata__""#, #"[{"__metadata__""#, "it is not valid JSON"),
    .text(#"\"activation\":\"sine\""#, #"\"activation\":\"cosine\""#, "called cosine"),
    .text(#"\"omega0\":[20,30]"#, #"\"omega0\":[20,30,40]"#, "omega0"),
    .text(#"\"format\":1"#, #"\"format\":7"#, "version 7"),
  ]

  private func workspace() throws -> Workspace {
    let workspace = try Workspace(channels: 1)
    try workspace.fit(["--steps", "1", "--first-omega0", "20"])
    try NumpyArray(shape: [1, 2], elements: [0, 0]).write(to: workspace.file("points.npy"))
    return workspace
  }

  @Test(arguments: lies)
  private func aHeaderThatLiesIsNamedByEveryCommand(lie: Lie) throws {
    let workspace = try workspace()
    try workspace.write(
      try lie.told(of: try workspace.data("run/model.safetensors")), to: "m.safetensors")
    for call in [
      "render m.safetensors", "info m.safetensors", "evaluate m.safetensors points.npy -o v.npy",
      "fit image picture.png --init-from m.safetensors --steps 1",
    ] {
      try expectRefusal(
        of: call.split(separator: " ").map(String.init), with: 1,
        naming: ["m.safetensors", lie.part], in: workspace)
    }
  }

  /// The size and the bits of the picture that was fitted matter to a rendering alone.
  @Test(arguments: [
    (#"\"width\":16"#, #"\"width\":0"#, "the width of the picture fitted is 0", "--size"),
    (#"\"width\":16"#, #"\"width\":-5"#, "is -5", "--size"),
    (#"\"height\":12"#, #"\"height\":1000000000000000000"#, "the height", "--size"),
    (#"\"bit_depth\":8"#, #"\"bit_depth\":99"#, "the bit_depth", "--bit-depth"),
  ])
  func aPictureThatCannotBeIsAskedFor(old: String, new: String, part: String, option: String) throws
  {
    let workspace = try workspace()
    let lie = Lie.text(old, new, part)
    try workspace.write(
      try lie.told(of: try workspace.data("run/model.safetensors")), to: "m.safetensors")
    try expectRefusal(
      of: ["render", "m.safetensors"], with: 1, naming: ["m.safetensors", part, option],
      in: workspace)
    let given = option == "--size" ? "4x4" : "8"
    let told = try workspace.run("render", "m.safetensors", option, given)
    #expect(told.exitCode == 0, "\(told.errors)")
    #expect(try workspace.run("info", "m.safetensors").exitCode == 0)
  }
}
