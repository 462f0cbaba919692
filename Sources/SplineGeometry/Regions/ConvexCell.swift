/// A convex polygon or polyhedron.
///
/// A polygon lies in the plane z = 0 and is its own single facet, counter-clockwise; the facets of a
/// polyhedron run counter-clockwise seen from outside.
struct ConvexCell: Sendable, Equatable {
  var positions: [SIMD3<Double>]
  /// The corners of each facet, numbers of positions.
  var facets: [[Int32]]
}
