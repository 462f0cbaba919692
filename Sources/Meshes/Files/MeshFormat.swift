import Compute
import Foundation

/// The kinds of files that hold meshes.
public enum MeshFormat: String, Sendable, CaseIterable {
  case obj = "OBJ"
  case ply = "PLY"
  case stl = "STL"

  /// The format that the ending of a file's name says, in whatever case.
  public init?(endingOf path: String) {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."),
      let format = MeshFormat(rawValue: name[name.index(after: dot)...].uppercased())
    else { return nil }
    self = format
  }

  /// The format of the file with these bytes; its name decides only where the bytes do not.
  init?(of bytes: borrowing Span<UInt8>, named path: String) {
    let hint = MeshFormat(endingOf: path)
    if bytes.starts(with: "ply"), bytes.count == 3 || Self.isSpace(bytes[3]) {
      self = .ply
    } else if STLReader.isBinary(bytes) {
      self = .stl
    } else if bytes.starts(with: "solid"), hint != .obj {
      self = .stl
    } else if hint == .stl || hint == .ply {
      self = hint!
    } else if Self.isText(bytes), hint == .obj || Self.hasVertexLine(bytes) {
      self = .obj
    } else {
      return nil
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0d ~= byte }

  /// Whether the first bytes are those of a text.
  static func isText(_ bytes: borrowing Span<UInt8>) -> Bool {
    for i in 0..<min(bytes.count, 4096) where bytes[i] < 0x20 && !isSpace(bytes[i]) {
      return false
    }
    return true
  }

  /// Whether a line near the beginning starts with `v` and a space.
  private static func hasVertexLine(_ bytes: borrowing Span<UInt8>) -> Bool {
    var isLineStart = true
    for i in 0..<min(bytes.count, 1 << 20) {
      if isLineStart, bytes[i] == UInt8(ascii: "v"), i + 1 < bytes.count, isSpace(bytes[i + 1]) {
        return true
      }
      isLineStart = bytes[i] == 0x0a || bytes[i] == 0x0d || isLineStart && isSpace(bytes[i])
    }
    return false
  }
}

extension Span<UInt8> {
  func starts(with text: StaticString) -> Bool {
    let expected = Array("\(text)".utf8)
    guard count >= expected.count else { return false }
    return expected.indices.allSatisfy { self[$0] == expected[$0] }
  }
}
