import Compute

extension VoxelVolume {
  /// Reads a `.npy` array, a few planes at a time, so that the file may be larger than the memory.
  ///
  /// - Parameters:
  ///   - threshold: elements above it are full.
  ///   - packed: [D, H, W] of an array that numpy.packbits made of one of that shape: of all of it, one
  ///     after another, or along its last axis.
  public static func read(
    _ path: String, threshold: Double = 0.5, packed: [Int]? = nil
  ) throws -> VoxelVolume {
    let file = try NumpyFile(path)
    let volume =
      try packed.map { try unpacked(file, shape: $0) } ?? thresholded(file, above: threshold)
    let full = volume.fullCount
    guard full > 0, full < volume.voxelCount else {
      throw VolumeError.oneKind(
        path: path, full: full > 0, threshold: packed == nil ? threshold : nil)
    }
    return volume
  }

  private static func counts(_ shape: [Int], path: String) throws(VolumeError) -> SIMD3<Int> {
    guard shape.count == 3, shape.allSatisfy({ $0 > 0 }) else {
      throw .shape(path: path, found: shape)
    }
    return SIMD3(shape[2], shape[1], shape[0])
  }

  private static func thresholded(_ file: NumpyFile, above threshold: Double) throws -> VoxelVolume
  {
    var volume = VoxelVolume(counts: try counts(file.shape, path: file.path))
    let plane = volume.counts.x * volume.counts.y
    // Some ten megabytes at a time.
    let planesAtOnce = max(1, 2_500_000 / plane)
    for z in stride(from: 0, to: volume.counts.z, by: planesAtOnce) {
      let planes = z..<min(z + planesAtOnce, volume.counts.z)
      let elements = try file.elements(planes.lowerBound * plane..<planes.upperBound * plane)
      if let bad = elements.firstIndex(where: \.isNaN) {
        let (row, x) = (planes.lowerBound * plane + bad).quotientAndRemainder(
          dividingBy: volume.counts.x)
        let (slice, y) = row.quotientAndRemainder(dividingBy: volume.counts.y)
        throw VolumeError.notANumber(path: file.path, index: [slice, y, x])
      }
      let values = elements.span
      volume.fill(planes: planes) { Double(values[$0]) > threshold }
    }
    return volume
  }

  private static func unpacked(_ file: NumpyFile, shape: [Int]) throws -> VoxelVolume {
    let counts = try counts(shape, path: file.path)
    let total = counts.x * counts.y * counts.z
    let bytesPerRow = (counts.x + 7) / 8
    let isFlat = file.shape == [(total + 7) / 8]
    guard isFlat || file.shape == [counts.z, counts.y, bytesPerRow] else {
      throw VolumeError.packed(path: file.path, found: file.shape, shape: shape)
    }
    // Only now, so that no memory is asked for that the file could not fill.
    var volume = VoxelVolume(counts: counts)
    let plane = counts.x * counts.y
    for z in 0..<counts.z {
      if isFlat {
        let bits = z * plane..<(z + 1) * plane
        let bytes = try file.elements(bits.lowerBound / 8..<(bits.upperBound + 7) / 8)
        let offset = bits.lowerBound % 8
        try check(bytes, file.path)
        volume.fill(planes: z..<z + 1) { isSet(bytes.span, bit: $0 + offset) }
      } else {
        let length = bytesPerRow * counts.y
        let bytes = try file.elements(z * length..<(z + 1) * length)
        try check(bytes, file.path)
        volume.fill(planes: z..<z + 1) { i in
          let (row, x) = i.quotientAndRemainder(dividingBy: counts.x)
          return isSet(bytes.span, bit: 8 * bytesPerRow * row + x)
        }
      }
    }
    return volume
  }

  /// Bit `bit` of bytes, the highest of each byte first.
  private static func isSet(_ bytes: Span<Float>, bit: Int) -> Bool {
    Int(bytes[bit >> 3]) >> (7 - bit & 7) & 1 == 1
  }

  private static func check(_ bytes: [Float], _ path: String) throws(VolumeError) {
    if let bad = bytes.first(where: { !($0 >= 0 && $0 <= 255 && $0 == $0.rounded()) }) {
      throw .notBytes(path: path, found: bad)
    }
  }
}

/// An array that is no solid of voxels.
public enum VolumeError: Error, Equatable, CustomStringConvertible {
  case shape(path: String, found: [Int])
  case packed(path: String, found: [Int], shape: [Int])
  case notBytes(path: String, found: Float)
  case notANumber(path: String, index: [Int])
  case oneKind(path: String, full: Bool, threshold: Double?)

  public var description: String {
    switch self {
    case .shape(let path, let found):
      "\(path): found an array of shape \(found), expected a volume [depth, height, width]"
        + (found.count == 1
          ? "; if numpy.packbits made it, tell the shape with --packed D,H,W" : "")
    case .packed(let path, let found, let shape):
      "\(path): found an array of shape \(found), but a packed volume of \(shape) has "
        + "[\((shape.reduce(1, *) + 7) / 8)] bytes, or [\(shape[0]), \(shape[1]), "
        + "\((shape[2] + 7) / 8)] if it is packed along its last axis"
    case .notBytes(let path, let found):
      "\(path): found the element \(found), but packed bits are bytes (uint8)"
    case .notANumber(let path, let index):
      "\(path): element \(index) is not a number; replace it before the fit"
    case .oneKind(let path, let full, let threshold):
      "\(path): \(full ? "all voxels are full" : "no voxel is full")"
        + (threshold.map { "; full are elements above \($0) (change it with --threshold)" } ?? "")
    }
  }
}
