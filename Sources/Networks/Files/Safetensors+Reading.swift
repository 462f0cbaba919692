import Compute
import Foundation

extension Safetensors {
  /// Reads a file; no length, offset or shape in it is used before it was checked.
  public static func read(_ path: String) throws(SafetensorsError) -> Safetensors {
    let data: Data
    do throws(FileError) { data = try readFile(path) } catch { throw .file(error) }
    return try decode(data, from: path)
  }

  /// The tensors in `data`, the bytes of a whole file; `path` names it in errors.
  public static func decode(
    _ data: Data, from path: String
  ) throws(SafetensorsError) -> Safetensors {
    let text = try headerText(of: data, from: path)
    let header = try SafetensorsHeader(text, from: path)
    let tensorData = data.dropFirst(8 + text.count)
    let tensors = try header.extents(from: path)
    try checkTiling(tensors, of: tensorData.count, from: path)
    return Safetensors(
      tensors: tensors.map { tensor in
        let bytes = tensorData.dropFirst(tensor.bytes.lowerBound).prefix(tensor.bytes.count)
        return Tensor(
          name: tensor.name, elementType: tensor.elementType, shape: tensor.shape, bytes: bytes)
      },
      metadata: header.metadata)
  }

  /// The JSON that stands behind its length, eight bytes in little-endian order.
  private static func headerText(
    of data: Data, from path: String
  ) throws(SafetensorsError) -> Data {
    let content = knownContent(of: data)
    guard data.count >= 8, content == nil else {
      throw .notSafetensors(path: path, found: content ?? "\(data.count) bytes")
    }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= SafetensorsError.longestHeader else {
      throw .headerTooLong(path: path, bytes: length)
    }
    guard length <= data.count - 8 else {
      throw .headerCutShort(path: path, foundBytes: data.count, expectedBytes: 8 + Int(length))
    }
    return data.dropFirst(8).prefix(Int(length))
  }

  /// What a file that is no safetensors file is, where its first bytes tell.
  private static func knownContent(of data: Data) -> String? {
    if data.isEmpty { return "an empty file" }
    if data.starts(with: Array("PK".utf8)) { return "a zip archive (PyTorch's .pt, or .npz?)" }
    if data.starts(with: [0x80, 0x02]) { return "a Python pickle (PyTorch's old .pt?)" }
    let first = data.prefix(8)
    guard first.allSatisfy({ 0x20..<0x7f ~= $0 || $0 == 10 || $0 == 13 || $0 == 9 }) else {
      return nil
    }
    let line = String(decoding: first.prefix { $0 >= 0x20 }, as: UTF8.self)
    return "text that starts with \"\(line)\""
  }

  /// Makes sure that the tensors cover the data without holes and without overlaps.
  private static func checkTiling(
    _ tensors: [SafetensorsHeader.Extent], of dataCount: Int, from path: String
  ) throws(SafetensorsError) {
    var end = 0
    for tensor in tensors {
      guard tensor.bytes.lowerBound == end else {
        throw .badTensor(
          path: path, name: tensor.name,
          problem: "begins at byte \(tensor.bytes.lowerBound) of the data; expected \(end), "
            + "where the tensor before it ends")
      }
      end = tensor.bytes.upperBound
    }
    guard end == dataCount else {
      throw .wrongSize(path: path, foundBytes: dataCount, expectedBytes: end)
    }
  }
}
