import Compute
import Foundation
import Imaging

/// The kinds of files for regions, by their endings.
enum RegionFormat: String, CaseIterable {
  case svg, png, json, npz

  init?(endingOf path: String) {
    self.init(rawValue: URL(fileURLWithPath: path).pathExtension.lowercased())
  }
}

/// Arrays with names: an `.npz` file, or a JSON object.
struct NamedArrays {
  enum Elements {
    case doubles([Double])
    case integers([Int32])
    case places([Int64])
    case bytes([UInt8])
    case words([UInt64])
  }

  private var arrays: [(name: String, elements: Elements, shape: [Int])] = []

  mutating func add(_ name: String, _ elements: Elements, shape: [Int]) {
    arrays.append((name, elements, shape))
  }

  func npz() throws(NumpyArchiveError) -> Data {
    var archive = NumpyArchive()
    for (name, elements, shape) in arrays {
      let data =
        switch elements {
        case .doubles(let elements): NumpyArray.encoded(elements, shape: shape)
        case .integers(let elements): NumpyArray.encoded(elements, shape: shape)
        case .places(let elements): NumpyArray.encoded(elements, shape: shape)
        case .bytes(let elements): NumpyArray.encoded(elements, shape: shape)
        case .words(let elements): NumpyArray.encoded(elements, shape: shape)
        }
      try archive.append(data, named: name)
    }
    return archive.encoded
  }

  /// An object of nested lists, with `summary`, which is JSON, in front.
  func json(summary: String) -> Data {
    var text = Data("{\"summary\": \(summary)".utf8)
    for (name, elements, shape) in arrays {
      text.append(contentsOf: ",\n\"\(name)\": ".utf8)
      switch elements {
      case .doubles(let elements): Self.append(elements[...], shape[...], to: &text)
      case .integers(let elements): Self.append(elements[...], shape[...], to: &text)
      case .places(let elements): Self.append(elements[...], shape[...], to: &text)
      case .bytes(let elements): Self.append(elements[...], shape[...], to: &text)
      case .words(let elements): Self.append(elements[...], shape[...], to: &text)
      }
    }
    text.append(contentsOf: "}\n".utf8)
    return text
  }

  private static func append<Element: CustomStringConvertible>(
    _ elements: ArraySlice<Element>, _ shape: ArraySlice<Int>, to text: inout Data
  ) {
    guard let count = shape.first else {
      text.append(contentsOf: elements[elements.startIndex].description.utf8)
      return
    }
    text.append(UInt8(ascii: "["))
    let size = count == 0 ? 0 : elements.count / count
    for k in 0..<count {
      if k > 0 { text.append(UInt8(ascii: ",")) }
      let start = elements.startIndex + k * size
      append(elements[start..<start + size], shape.dropFirst(), to: &text)
    }
    text.append(UInt8(ascii: "]"))
  }
}

/// Everything that `inr regions` writes of one call.
struct RegionFiles {
  /// Made once, and only if a file wants it.
  let picture: () -> VectorPicture
  let arrays: () -> NamedArrays
  let summary: String

  func write(to outputs: [(path: String, format: RegionFormat)]) throws {
    let drawing = outputs.contains { [.svg, .png].contains($0.format) } ? picture() : nil
    let arrays = outputs.contains { [.json, .npz].contains($0.format) } ? arrays() : NamedArrays()
    for (path, format) in outputs {
      switch format {
      case .svg: try drawing.map { try AtomicFile.write($0.svg, to: path) }
      case .png: try drawing.map { try $0.image.write(to: path) }
      case .json: try AtomicFile.write(arrays.json(summary: summary), to: path)
      case .npz: try AtomicFile.write(try arrays.npz(), to: path)
      }
    }
  }
}
