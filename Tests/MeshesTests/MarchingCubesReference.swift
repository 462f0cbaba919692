import Compute
import Meshes

/// A field of samples, x fastest, on a grid one unit apart.
struct SampledField {
  let counts: SIMD3<Int>
  var values: [Float]

  init(counts: SIMD3<Int>, _ value: (SIMD3<Int>) -> Float) {
    self.counts = counts
    values = []
    for z in 0..<counts.z {
      for y in 0..<counts.y {
        for x in 0..<counts.x { values.append(value([x, y, z])) }
      }
    }
  }

  /// Noise inside a layer of −1, so that what is above 0 is closed.
  static func noise(_ counts: SIMD3<Int>, seed: UInt64, value: (inout SplitMix64) -> Float)
    -> SampledField
  {
    var random = SplitMix64(seed: seed)
    return SampledField(counts: counts) { place in
      let last = counts &- 1
      let isInside =
        place.min() > 0 && place.x < last.x && place.y < last.y && place.z < last.z
      return isInside ? value(&random) : -1
    }
  }

  subscript(_ place: SIMD3<Int>) -> Double {
    Double(values[(place.z * counts.y + place.y) * counts.x + place.x])
  }

  var grid: SampleGrid {
    SampleGrid(counts: counts, box: Box(lower: .zero, upper: SIMD3<Double>(counts &- 1)))
  }

  func surface(level: Double = 0, inside: MarchingCubes.Side = .above) throws -> Mesh {
    try MarchingCubes(level: level, inside: inside).surface(of: values, on: grid).mesh
  }
}

/// The Euler number of what is at or above 0 of the trilinear interpolant, from its critical points.
///
/// By Morse theory, as the level sinks past a critical point, the Euler number of what lies above
/// it changes by 1 − χ(upper link): the part above of a small sphere around it. Such points are
/// samples, saddles of faces and saddles inside cells; values along an edge are linear. This knows
/// neither cases nor loops nor deciders. It needs generic values: no neighbours may be equal.
struct CriticalPoints {
  let field: SampledField

  var eulerNumberAbove: Int {
    var sum = 0
    let counts = field.counts
    for z in 0..<counts.z {
      for y in 0..<counts.y {
        for x in 0..<counts.x {
          let place = SIMD3(x, y, z)
          sum += atSample(place)
          for axis in 0..<3 { sum += atFace(place, axis) }
          sum += insideCell(place)
        }
      }
    }
    return sum
  }

  private func contains(_ place: SIMD3<Int>) -> Bool {
    place.min() >= 0 && place.x < field.counts.x && place.y < field.counts.y
      && place.z < field.counts.z
  }

  private static let units: [SIMD3<Int>] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]

  /// A sample's link is the octahedron of its neighbours: to first order the interpolant is linear
  /// in each octant. What lies above of it has the Euler number of the subcomplex whose corners are
  /// higher than the sample.
  private func atSample(_ place: SIMD3<Int>) -> Int {
    guard field[place] >= 0 else { return 0 }
    let isHigher = (0..<6).map { k -> Int in
      let neighbour = place &+ Self.units[k >> 1] &* (k & 1 == 0 ? 1 : -1)
      return contains(neighbour) && field[neighbour] > field[place] ? 1 : 0
    }
    let axes = (0..<3).map { isHigher[2 * $0] + isHigher[2 * $0 + 1] }
    let corners = axes[0] + axes[1] + axes[2]
    let edges = axes[0] * axes[1] + axes[1] * axes[2] + axes[2] * axes[0]
    return 1 - (corners - edges + axes[0] * axes[1] * axes[2])
  }

  /// The saddle of the face at a sample across `axis`: two arcs of its link's equator are above, and
  /// each of the halves to whose side the interpolant rises.
  private func atFace(_ place: SIMD3<Int>, _ axis: Int) -> Int {
    let (u, v, normal) = (Self.units[(axis + 1) % 3], Self.units[(axis + 2) % 3], Self.units[axis])
    guard contains(place &+ u &+ v) else { return 0 }
    func corners(_ shift: SIMD3<Int>) -> [Double] {
      [.zero, u, u &+ v, v].map { field[place &+ $0 &+ shift] }
    }
    let face = corners(.zero)
    let twist = face[0] - face[1] + face[2] - face[3]
    let (s, t) = ((face[0] - face[3]) / twist, (face[0] - face[1]) / twist)
    guard s > 0, s < 1, t > 0, t < 1 else { return 0 }
    func interpolated(_ c: [Double]) -> Double {
      (1 - t) * ((1 - s) * c[0] + s * c[1]) + t * ((1 - s) * c[3] + s * c[2])
    }
    let value = interpolated(face)
    guard value >= 0 else { return 0 }
    let risingSides = [normal, 0 &- normal].count { shift in
      contains(place &+ shift) && interpolated(corners(shift)) > value
    }
    // Two arcs; a half closes over both; two halves make an annulus.
    return 1 - [2, 1, 0][risingSides]
  }

  /// Moved to the middle of its symmetry, the interpolant of a cell is
  /// `k XYZ + a X + b Y + c Z + constant`, with saddles where `k YZ = −a` and so on.
  private func insideCell(_ place: SIMD3<Int>) -> Int {
    guard contains(place &+ 1) else { return 0 }
    let v = (0..<8).map { field[place &+ [$0 & 1, $0 >> 1 & 1, $0 >> 2]] }
    let (x, y, z) = (v[1] - v[0], v[2] - v[0], v[4] - v[0])
    let (xy, yz, zx) = (v[3] - v[1] - y, v[6] - v[2] - z, v[5] - v[4] - x)
    let k = v[7] - v[0] - x - y - z - xy - yz - zx
    let shift = SIMD3(yz, zx, xy) / k
    let linear = SIMD3(x, y, z) - SIMD3(xy * zx, xy * yz, yz * zx) / k
    let square = -linear.y * linear.z / (k * linear.x)
    guard square > 0 else { return 0 }
    var sum = 0
    for root in [square.squareRoot(), -square.squareRoot()] {
      let moved = SIMD3(root, -linear.z / (k * root), -linear.y / (k * root))
      let p = moved - shift
      guard p.min() > 0, p.max() < 1 else { continue }
      let value =
        v[0] + x * p.x + y * p.y + z * p.z + xy * p.x * p.y + yz * p.y * p.z + zx * p.z * p.x
        + k * p.x * p.y * p.z
      guard value >= 0 else { continue }
      // The Hessian has zeros on its diagonal; its determinant is twice the product of the others.
      let determinant = k * k * k * moved.x * moved.y * moved.z
      sum += determinant > 0 ? -1 : 1
    }
    return sum
  }
}

extension Mesh {
  /// The centre of mass of what a closed mesh encloses.
  var centroid: SIMD3<Double> {
    var (sum, volume) = (SIMD3<Double>.zero, 0.0)
    for triangle in triangles {
      let (a, b, c) = (
        positions[Int(triangle.x)], positions[Int(triangle.y)], positions[Int(triangle.z)]
      )
      let product =
        a.x * (b.y * c.z - b.z * c.y) + a.y * (b.z * c.x - b.x * c.z)
        + a.z * (b.x * c.y - b.y * c.x)
      volume += product
      sum += product * (a + b + c)
    }
    return sum / (4 * volume)
  }

  /// Vertices whose triangles are not one closed fan.
  var pinchedVertexCount: Int {
    var following = [[(Int32, Int32)]](repeating: [], count: vertexCount)
    for triangle in triangles {
      for k in 0..<3 {
        following[Int(triangle[k])].append((triangle[(k + 1) % 3], triangle[(k + 2) % 3]))
      }
    }
    return following.count { fan in
      guard let start = fan.first?.0 else { return true }
      var (vertex, steps) = (start, 0)
      repeat {
        let next = fan.filter { $0.0 == vertex }
        guard next.count == 1 else { return true }
        vertex = next[0].1
        steps += 1
      } while vertex != start && steps <= fan.count
      return steps != fan.count
    }
  }
}
