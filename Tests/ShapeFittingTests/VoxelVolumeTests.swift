import Compute
import Foundation
import Meshes
import ShapeFitting
import Testing

@Suite struct VoxelVolumeTests {
  /// Widths around the words of 64 bits.
  static let widths = [1, 7, 63, 64, 65, 127, 128, 129]

  /// The bytes of little-endian numbers.
  private func bytes<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
    numbers.flatMap { number in
      (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number(8 * $0)) }
    }
  }

  @Test(arguments: widths) func voxelsAreTheElementsOfTheArray(width: Int) throws {
    let (counts, scratch) = (SIMD3(width, 3, 5), try Scratch())
    let voxels = SampleShape.noise(counts, seed: UInt64(width))
    let volume = try scratch.volume(counts, voxels)
    #expect(volume.counts == counts && volume.voxelCount == voxels.count)
    #expect(volume.voxels == voxels)
    #expect(volume.fullCount == voxels.count(where: { $0 }))
    for z in 0..<counts.z {
      for y in 0..<counts.y {
        for x in 0..<counts.x {
          #expect(volume[x, y, z] == voxels[(z * counts.y + y) * counts.x + x])
        }
      }
    }
  }

  // Elements above the threshold are full, those at it are not.
  @Test func allTypesOfElementsAreCompared() throws {
    let (counts, scratch) = (SIMD3(65, 2, 3), try Scratch())
    let voxels = SampleShape.noise(counts, seed: 1)
    let shape = [counts.z, counts.y, counts.x]
    func read(_ type: String, _ bytes: [UInt8], threshold: Double) throws -> [Bool] {
      let path = try scratch.array(type, shape, bytes)
      return try VoxelVolume.read(path, threshold: threshold).voxels
    }
    #expect(try read("|b1", voxels.map { $0 ? 1 : 0 }, threshold: 0.5) == voxels)
    #expect(try read("|u1", voxels.map { $0 ? 201 : 200 }, threshold: 200) == voxels)
    let words = voxels.map { $0 ? Int16(-299) : -300 }
    #expect(try read("<i2", bytes(words), threshold: -300) == voxels)
    #expect(try read(">i2", bytes(words.map(\.byteSwapped)), threshold: -300) == voxels)
    let floats = voxels.map { (($0 ? 0.25 : 0.125) as Float).bitPattern }
    #expect(try read("<f4", bytes(floats), threshold: 0.125) == voxels)
    let doubles = voxels.map { ($0 ? Double.infinity : -Double.infinity).bitPattern }
    #expect(try read("<f8", bytes(doubles), threshold: 0.5) == voxels)
  }

  @Test func fortranOrderIsTheSameVolume() throws {
    let (counts, scratch) = (SIMD3(65, 4, 3), try Scratch())
    let voxels = SampleShape.noise(counts, seed: 2)
    var turned: [UInt8] = []
    for x in 0..<counts.x {
      for y in 0..<counts.y {
        for z in 0..<counts.z {
          turned.append(voxels[(z * counts.y + y) * counts.x + x] ? 1 : 0)
        }
      }
    }
    let path = try scratch.array("|u1", [3, 4, 65], turned, order: .fortran)
    #expect(try VoxelVolume.read(path).voxels == voxels)
  }

  // Larger than the ten megabytes that are read at a time, by planes that do not divide it.
  @Test func volumesAreReadPieceByPiece() throws {
    let (counts, scratch) = (SIMD3(1250, 1000, 5), try Scratch())
    var elements = [UInt8](repeating: 0, count: 1250 * 1000 * 5)
    var full: [Int] = []
    for i in stride(from: 13, to: elements.count, by: 62_499) {
      elements[i] = 1
      full.append(i)
    }
    let volume = try VoxelVolume.read(try scratch.array("|u1", [5, 1000, 1250], elements))
    #expect(volume.counts == counts && volume.fullCount == full.count)
    #expect(full.allSatisfy { volume[$0] })
  }

  // MARK: Packed

  // Planes of 3 · width bits begin anywhere in a byte.
  @Test(arguments: widths) func packedBitsAreTheArrayThatWasPacked(width: Int) throws {
    let (counts, scratch) = (SIMD3(width, 3, 5), try Scratch())
    let voxels = SampleShape.noise(counts, seed: UInt64(width))
    let flat = SampleShape.packed(voxels)
    let path = try scratch.array("|u1", [flat.count], flat)
    #expect(try VoxelVolume.read(path, packed: [5, 3, width]).voxels == voxels)

    let rows = stride(from: 0, to: voxels.count, by: width).flatMap {
      SampleShape.packed(voxels[$0..<$0 + width])
    }
    let other = try scratch.array("|u1", [5, 3, (width + 7) / 8], rows)
    #expect(try VoxelVolume.read(other, packed: [5, 3, width]).voxels == voxels)
  }

  // By NumPy 2.4.6: numpy.packbits(numpy.arange(2 * 3 * 5).reshape(2, 3, 5) % 7 < 3), and axis=-1.
  @Test func packedBitsAreThoseOfNumpy() throws {
    let (scratch, voxels) = (try Scratch(), (0..<30).map { $0 % 7 < 3 })
    let flat = try scratch.array("|u1", [4], [225, 195, 135, 12])
    #expect(try VoxelVolume.read(flat, packed: [2, 3, 5]).voxels == voxels)
    let rows = try scratch.array("|u1", [2, 3, 1], [224, 56, 8, 192, 112, 24])
    #expect(try VoxelVolume.read(rows, packed: [2, 3, 5]).voxels == voxels)
  }

  // MARK: Errors

  @Test func wrongArraysAreNamed() throws {
    let scratch = try Scratch()
    func text(
      _ type: String, _ shape: [Int], _ bytes: [UInt8], threshold: Double = 0.5,
      packed: [Int]? = nil
    ) throws -> String {
      let path = try scratch.array(type, shape, bytes)
      return message { try VoxelVolume.read(path, threshold: threshold, packed: packed) }
        .replacing(path, with: "FILE")
    }
    let zeros = [UInt8](repeating: 0, count: 8)
    #expect(
      try text("|u1", [8], zeros)
        == "FILE: found an array of shape [8], expected a volume [depth, height, width]; if "
        + "numpy.packbits made it, tell the shape with --packed D,H,W")
    #expect(
      try text("|u1", [2, 4], zeros)
        == "FILE: found an array of shape [2, 4], expected a volume [depth, height, width]")
    #expect(try text("|u1", [1, 2, 2, 2], zeros).contains("shape [1, 2, 2, 2], expected a volume"))
    #expect(try text("|u1", [2, 0, 4], []).contains("shape [2, 0, 4], expected a volume"))
    #expect(
      try text("|u1", [2, 2, 2], zeros, threshold: 3)
        == "FILE: no voxel is full; full are elements above 3.0 (change it with --threshold)")
    #expect(
      try text("|u1", [2, 2, 2], zeros, threshold: -1).hasPrefix("FILE: all voxels are full; "))
    #expect(try text("|u1", [1], [255], packed: [2, 2, 2]) == "FILE: all voxels are full")
    #expect(try text("|u1", [1], [0], packed: [2, 2, 2]) == "FILE: no voxel is full")
    #expect(
      try text("|u1", [8], zeros, packed: [3, 4, 6])
        == "FILE: found an array of shape [8], but a packed volume of [3, 4, 6] has [9] bytes, or "
        + "[3, 4, 1] if it is packed along its last axis")
    var floats = [Float](repeating: 0, count: 24)
    floats[17] = .nan
    #expect(
      try text("<f4", [2, 3, 4], bytes(floats.map(\.bitPattern)))
        == "FILE: element [1, 1, 1] is not a number; replace it before the fit")
    #expect(
      try text("<f4", [1], bytes([(0.5 as Float).bitPattern]), packed: [2, 2, 2])
        == "FILE: found the element 0.5, but packed bits are bytes (uint8)")
    #expect(try text("<i2", [1], bytes([Int16(-1)]), packed: [2, 2, 2]).contains("element -1.0"))
    #expect(message { try VoxelVolume.read(scratch.file("none.npy")) }.contains("none.npy"))
  }

  // No memory is asked for before the file is known to be as large as it says.
  @Test func aShapeBeyondTheMemoryIsAnError() throws {
    let scratch = try Scratch()
    let path = try scratch.array("|u1", [1], [1])
    let text = message { try VoxelVolume.read(path, packed: [65_536, 65_536, 65_536]) }
    #expect(text.contains("packed volume of [65536, 65536, 65536] has [35184372088832] bytes"))
  }
}
