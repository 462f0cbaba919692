/// What a ray is taken to measure of a slice that is known at its pixels only.
public enum ProjectionModel: String, Sendable, Equatable, Codable, CaseIterable {
  /// The integral of the slice along the whole ray, interpolated from row to row of pixels (or from
  /// column to column): Joseph's method. All beams.
  case joseph
  /// The sum along the columns of the slice, turned bilinearly in a frame of its own size: what
  /// turns out of the frame is not seen. Parallel beams.
  case rotation
}
