/// The ASCII codes that files of meshes are made of.
enum ASCII {
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let hash = UInt8(ascii: "#")
  static let slash = UInt8(ascii: "/")
  static let backslash = UInt8(ascii: "\\")
  static let minus = UInt8(ascii: "-")
  static let plus = UInt8(ascii: "+")
  static let point = UInt8(ascii: ".")
  static let zero = UInt8(ascii: "0")
  static let nine = UInt8(ascii: "9")
  static let e = UInt8(ascii: "e")
  static let f = UInt8(ascii: "f")
  static let v = UInt8(ascii: "v")

  /// Whether `byte` is white space that ends no line.
  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0b || byte == 0x0c
  }

  static func isLineEnd(_ byte: UInt8) -> Bool { byte == newline || byte == carriageReturn }
}
