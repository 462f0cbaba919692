import Foundation
import Imaging
import Networks
import Testing

/// A folder of its own in which a test runs the program; it goes away with the test.
final class Workspace: Sendable {
  let path = FileManager.default.temporaryDirectory.path + "/inr-e2e-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// With a picture of 16 x 12 pixels called `picture.png`.
  convenience init(channels: Int, bitDepth: Image.BitDepth = .eight) throws {
    try self.init()
    try Self.picture(channels: channels, bitDepth: bitDepth).write(to: file("picture.png"))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// A smooth picture.
  static func picture(
    width: Int = 16, height: Int = 12, channels: Int = 1, bitDepth: Image.BitDepth = .eight
  ) -> Image {
    let samples = (0..<width * height * channels).map { i in
      let (pixel, c) = (i / channels, i % channels)
      let (x, y) = (Double(pixel % width) / 16, Double(pixel / width) / 12)
      return Float(0.5 + 0.3 * sin(5 * x + Double(c)) * cos(4 * y))
    }
    return Image(
      width: width, height: height, channels: channels, samples: samples, bitDepth: bitDepth)
  }

  // MARK: Files

  func file(_ name: String) -> String { path + "/" + name }

  func write(_ text: String, to name: String) throws {
    try write(Data(text.utf8), to: name)
  }

  func write(_ data: Data, to name: String) throws {
    try data.write(to: URL(fileURLWithPath: file(name)))
  }

  func data(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: file(name)))
  }

  func text(_ name: String) throws -> String { String(decoding: try data(name), as: UTF8.self) }

  func json(_ name: String) throws -> [String: Any] { try jsonObject(try data(name)) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  func model(_ name: String = "run/model.safetensors") throws -> Model {
    try Model.read(file(name))
  }

  /// Everything in the folder, hidden files and folders included.
  var contents: Set<String> {
    Set(FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? [])
  }

  // MARK: Calls

  func run(_ words: [String]) throws -> BuiltProgram.Outcome {
    try BuiltProgram.run(words, in: path)
  }

  func run(_ words: String...) throws -> BuiltProgram.Outcome { try run(words) }

  /// A small, short fit of `picture.png` to the folder `run`.
  ///
  /// - Parameter words: more options; one of those of ``smallFit`` takes its place.
  @discardableResult
  func fit(
    _ words: [String], picture: String = "picture.png",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> BuiltProgram.Outcome {
    let outcome = try run(["fit", "image", picture] + Self.options(words))
    #expect(outcome.exitCode == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    return outcome
  }

  @discardableResult
  func fit(_ words: String..., sourceLocation: SourceLocation = #_sourceLocation) throws
    -> BuiltProgram.Outcome
  {
    try fit(words, sourceLocation: sourceLocation)
  }

  /// `words`, and a small fit's options for the rest.
  static func options(_ words: [String]) -> [String] {
    var small = [
      ["--width", "12"], ["--hidden-layers", "1"], ["--steps", "40"], ["--threads", "2"],
      ["-o", "run"],
    ]
    if words.contains("--epochs") { small.removeAll { $0[0] == "--steps" } }
    if words.contains("--init-from") {
      small.removeAll { ["--width", "--hidden-layers"].contains($0[0]) }
    }
    return words + small.filter { !words.contains($0[0]) }.joined()
  }
}

/// The one JSON object that `data` is.
func jsonObject(_ data: Data) throws -> [String: Any] {
  try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
}

/// The one JSON object that a program printed.
func jsonObject(_ outcome: BuiltProgram.Outcome) throws -> [String: Any] {
  try jsonObject(Data(outcome.output.utf8))
}

/// Expects that a call ends with `code` and one line on standard error that contains all `parts`,
/// that it prints no results, and that it leaves no file, whole or half, behind.
func expectRefusal(
  of words: [String], with code: Int32, naming parts: [String], in workspace: Workspace,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let before = workspace.contents
  let outcome = try workspace.run(words)
  let call = words.joined(separator: " ")
  #expect(outcome.exitCode == code, "\(call)", sourceLocation: sourceLocation)
  #expect(outcome.output.isEmpty, "\(call)", sourceLocation: sourceLocation)
  #expect(outcome.errors.hasPrefix("inr"), "\(call)", sourceLocation: sourceLocation)
  #expect(
    outcome.errors.hasSuffix("\n") && outcome.errors.count(where: \.isNewline) == 1,
    "\(call): \(outcome.errors)", sourceLocation: sourceLocation)
  for part in parts {
    #expect(
      outcome.errors.contains(part), "\(call): \(outcome.errors)", sourceLocation: sourceLocation)
  }
  #expect(workspace.contents == before, "\(call)", sourceLocation: sourceLocation)
}
