import Compute

/// Planes that can be handed around although their memory has one owner.
final class Planes {
  var buffer: AlignedBuffer
  init(count: Int) { buffer = AlignedBuffer(count: count) }
}
