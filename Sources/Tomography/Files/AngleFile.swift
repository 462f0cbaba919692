import Compute
import Foundation

/// Files of angles: a `.npy` array of one axis, or text with one number a line.
public enum AngleFile {
  /// The angles in their order, in the unit that the file has.
  ///
  /// In text, `#` begins a comment, a first line without any number is a heading, and numbers may
  /// also stand on one line with spaces, commas or semicolons between them.
  public static func read(_ path: String) throws(ScanFileError) -> [Double] {
    let data: Data
    do throws(FileError) { data = try readFile(path) } catch { throw .file(error) }
    let angles =
      data.starts(with: NumpyArray.signature) || path.lowercased().hasSuffix(".npy")
      ? try arrayAngles(in: data, from: path) : try textAngles(in: data, from: path)
    guard !angles.isEmpty else { throw .notAngles(path: path, problem: "found no angles") }
    if let index = angles.firstIndex(where: { !$0.isFinite }) {
      throw .notAngles(path: path, problem: "angle \(index) is \(angles[index])")
    }
    return angles
  }

  private static func arrayAngles(in data: Data, from path: String) throws(ScanFileError)
    -> [Double]
  {
    let array: NumpyArray
    do throws(NumpyFileError) { array = try NumpyArray.decode(data, from: path) } catch {
      throw .numpy(error)
    }
    guard array.shape.count(where: { $0 != 1 }) <= 1 else {
      throw .notAngles(path: path, problem: "found an array of shape \(array.shape)")
    }
    return array.elements.map { Double($0) }
  }

  private static func textAngles(in data: Data, from path: String) throws(ScanFileError)
    -> [Double]
  {
    guard let text = String(data: data, encoding: .utf8) else {
      throw .notAngles(path: path, problem: "found bytes that are no text")
    }
    var lines: [(number: Int, words: [Substring])] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let words = line.prefix { $0 != "#" }.split { $0.isWhitespace || $0 == "," || $0 == ";" }
      if !words.isEmpty { lines.append((index + 1, words)) }
    }
    if let first = lines.first, first.words.allSatisfy({ Double($0) == nil }) {
      lines.removeFirst()
    }
    if lines.count > 1, let line = lines.first(where: { $0.words.count > 1 }) {
      throw .notAngles(
        path: path, problem: "line \(line.number) has \(line.words.count) columns")
    }
    var angles: [Double] = []
    for line in lines {
      for word in line.words {
        guard let angle = Double(word) else {
          throw .notAngles(path: path, problem: "line \(line.number) has \"\(word.prefix(40))\"")
        }
        angles.append(angle)
      }
    }
    return angles
  }
}
