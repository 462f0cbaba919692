import Compute

/// Sixteen points in tree coordinates, each coordinate as the sum of two `Float`s.
struct PointPacket {
  var x: Vector
  var y: Vector
  var z: Vector
  var restX: Vector
  var restY: Vector
  var restZ: Vector

  /// - Parameter points: one to sixteen; the last one fills the lanes that are left.
  init(_ points: [SIMD3<Double>]) {
    (x, y, z) = (.zero, .zero, .zero)
    (restX, restY, restZ) = (.zero, .zero, .zero)
    for lane in 0..<Vector.scalarCount {
      var point = points[min(lane, points.count - 1)]
      // Out there the winding number is zero to the last bit, and squares are still numbers.
      point = point.clamped(lowerBound: .init(repeating: -1e9), upperBound: .init(repeating: 1e9))
      let high = SIMD3<Float>(point)
      let rest = SIMD3<Float>(point - SIMD3<Double>(high))
      (x[lane], y[lane], z[lane]) = (high.x, high.y, high.z)
      (restX[lane], restY[lane], restZ[lane]) = (rest.x, rest.y, rest.z)
    }
  }
}

/// The winding numbers at sixteen points at a time.
///
/// The points walk through the nodes together, in preorder. Each lane decides for itself whether a
/// node is far enough for its expansion, so that its sum has the same terms in the same order
/// whichever points are in the other lanes. A lane that is done with all below a node waits until
/// the walk has left it.
struct WindingNumberWalk {
  private let tree: TriangleTree
  private let squaredBeta: Float
  /// Memory for the unit vectors to the vertices of a leaf, in x, y and z.
  static let scratch = [Vector](repeating: .zero, count: 3 * 3 * TriangleTree.leafCapacity)

  init(_ tree: TriangleTree, beta: Double) {
    self.tree = tree
    squaredBeta = Float(beta * beta)
  }

  func windingNumbers(at points: PointPacket, _ scratch: inout [Vector]) -> Vector {
    var directions = scratch.mutableSpan
    var sum = Vector.zero
    var waitsFor = Self.sortable(0)
    var number = 0
    while number < tree.nodes.count {
      let end = tree.nodes[number].end
      let leaf = tree.nodes[number].leaf
      let expansion = tree.expansions.span[number]
      let x = Vector(repeating: expansion.center.x) - points.x
      let y = Vector(repeating: expansion.center.y) - points.y
      let z = Vector(repeating: expansion.center.z) - points.z
      let square = (x * x).addingProduct(y, y).addingProduct(z, z)
      let isOutside = square .> Vector(repeating: squaredBeta * expansion.squaredRadius)
      let isHere = waitsFor .<= Self.sortable(Int32(number))
      let isFar = isHere .& isOutside
      let isNear = isHere .& .!isOutside
      if any(isFar) {
        let term = expansion.value(x, y, z, square)
        sum += Vector.zero.replacing(with: term, where: isFar)
        waitsFor.replace(with: Self.sortable(end), where: isFar)
      }
      guard any(isNear) else {
        number = Int(end)
        continue
      }
      if leaf >= 0 {
        let term = exactSum(tree.leaves[Int(leaf)], points, &directions)
        sum += Vector.zero.replacing(with: term, where: isNear)
      }
      number += 1
    }
    return sum
  }

  /// A node's number as a `Float` of the same order: the standard library compares vectors of
  /// integers lane by lane.
  @inline(always)
  private static func sortable(_ number: Int32) -> Vector {
    Vector(repeating: Float(bitPattern: Float.leastNormalMagnitude.bitPattern + UInt32(number)))
  }

  /// The winding number of a leaf's triangles.
  private func exactSum(
    _ leaf: TreeLeaf, _ points: PointPacket, _ directions: inout MutableSpan<Vector>
  ) -> Vector {
    // 1. The directions to all vertices. A point that is a vertex has none, and gets zero: its
    // triangles then count as if they were not there.
    let originX = (leaf.origin.x - points.x) + (leaf.originRest.x - points.restX)
    let originY = (leaf.origin.y - points.y) + (leaf.originRest.y - points.restY)
    let originZ = (leaf.origin.z - points.z) + (leaf.originRest.z - points.restZ)
    let vertices = tree.leafVertices.span
    for i in 0..<Int(leaf.vertexCount) {
      let vertex = vertices[Int(leaf.firstVertex) + i]
      let (x, y, z) = (vertex.x + originX, vertex.y + originY, vertex.z + originZ)
      let square = (x * x).addingProduct(y, y).addingProduct(z, z) + 1e-36
      let inverse = inverseSquareRoot(square)
      directions[3 * i] = x * inverse
      directions[3 * i + 1] = y * inverse
      directions[3 * i + 2] = z * inverse
    }
    // 2. Half the solid angle of each triangle is the argument of a complex number; of four
    // triangles that of its product, but for turns.
    var sum = Vector.zero
    let corners = tree.leafCorners.span
    let first = Int(leaf.firstTriangle)
    let end = first + Int(leaf.triangleCount)
    for group in stride(from: first, to: end, by: 4) {
      var angle = TurningAngle()
      for triangle in group..<min(group + 4, end) {
        let corner = corners[triangle]
        let (a, b, c) = (3 * Int(corner.x), 3 * Int(corner.y), 3 * Int(corner.z))
        angle.add(
          halfSolidAngle(
            directions[a], directions[a + 1], directions[a + 2],
            directions[b], directions[b + 1], directions[b + 2],
            directions[c], directions[c + 1], directions[c + 2]))
      }
      sum += angle.turns
    }
    return sum
  }
}

/// A complex number whose argument is half the solid angle of the triangle between three directions.
///
/// It never is zero, so that products of four of them neither are: the constant is below the
/// rounding of the real part's terms.
@inline(always)
private func halfSolidAngle(
  _ ax: Vector, _ ay: Vector, _ az: Vector, _ bx: Vector, _ by: Vector, _ bz: Vector,
  _ cx: Vector, _ cy: Vector, _ cz: Vector
) -> (real: Vector, imaginary: Vector) {
  let nx = (by * cz).addingProduct(-bz, cy)
  let ny = (bz * cx).addingProduct(-bx, cz)
  let nz = (bx * cy).addingProduct(-by, cx)
  let imaginary = (ax * nx).addingProduct(ay, ny).addingProduct(az, nz)
  // a·b + a·c = a·(b + c)
  let (sx, sy, sz) = (bx + cx, by + cy, bz + cz)
  let spread = (ax * sx).addingProduct(ay, sy).addingProduct(az, sz)
  let rest = (bx * cx).addingProduct(by, cy).addingProduct(bz, cz)
  return ((1 + spread + rest) + 1e-8, imaginary)
}

/// A sum of angles in −π…π as the argument of a product of complex numbers, and how often that
/// argument went around.
private struct TurningAngle {
  private var real = Vector(repeating: 1)
  private var imaginary = Vector.zero
  private var wholeTurns = Vector.zero

  @inline(always)
  mutating func add(_ factor: (real: Vector, imaginary: Vector)) {
    let newReal = (real * factor.real).addingProduct(-imaginary, factor.imaginary)
    let newImaginary = (real * factor.imaginary).addingProduct(imaginary, factor.real)
    // Two angles above 0 whose sum's argument is below 0 went around, and the other way about.
    let (was, turns, is_) = (imaginary .< 0, factor.imaginary .< 0, newImaginary .< 0)
    let up = .!was .& .!turns .& is_
    let down = was .& turns .& .!is_
    wholeTurns.replace(with: wholeTurns + 1, where: up)
    wholeTurns.replace(with: wholeTurns - 1, where: down)
    (real, imaginary) = (newReal, newImaginary)
  }

  /// The angle over 2π.
  @inline(always)
  var turns: Vector {
    // 1. The angle to the nearer axis, 0…1/8 of a turn; error below 1e-8 turns.
    let (x, y) = (VectorMath.magnitude(real), VectorMath.magnitude(imaginary))
    let isSteep = y .> x
    let tangent = x.replacing(with: y, where: .!isSteep) / y.replacing(with: x, where: .!isSteep)
    let square = tangent * tangent
    var p = Vector(repeating: -0.000_645_302_35)
    p = Vector(repeating: 0.003_479_590_2).addingProduct(p, square)
    p = Vector(repeating: -0.008_898_712).addingProduct(p, square)
    p = Vector(repeating: 0.015_346_025).addingProduct(p, square)
    p = Vector(repeating: -0.022_136_267).addingProduct(p, square)
    p = Vector(repeating: 0.031_745_944).addingProduct(p, square)
    p = Vector(repeating: -0.053_046_122).addingProduct(p, square)
    p = Vector(repeating: 0.159_154_83).addingProduct(p, square)
    p *= tangent
    // 2. Its octant.
    p.replace(with: 0.25 - p, where: isSteep)
    p.replace(with: 0.5 - p, where: real .< 0)
    p.replace(with: -p, where: imaginary .< 0)
    return wholeTurns + p
  }
}

/// `1/√x` for normal `x > 0`.
@inline(always)
private func inverseSquareRoot(_ x: Vector) -> Vector { 1 / VectorMath.squareRoot(x) }

extension SolidAngleExpansion {
  /// The part of the winding number at sixteen points.
  ///
  /// - Parameters:
  ///   - x, y, z: the way from the points to the centre.
  ///   - square: its length, squared.
  @inline(always)
  func value(_ x: Vector, _ y: Vector, _ z: Vector, _ square: Vector) -> Vector {
    let inverse = inverseSquareRoot(square)
    let inverseSquare = inverse * inverse
    let (xx, yy, zz) = (x * x, y * y, z * z)
    let q = quadratic
    let (quadX, quadY) = (
      (q.0 * x).addingProduct(Vector(repeating: q.3), y).addingProduct(Vector(repeating: q.4), z),
      (q.1 * y).addingProduct(Vector(repeating: q.5), z)
    )
    let quad = (x * quadX).addingProduct(y, quadY).addingProduct(Vector(repeating: q.2), zz)
    let c = cubic
    let cubeX = (c.0 * x).addingProduct(Vector(repeating: c.1), y)
      .addingProduct(Vector(repeating: c.2), z)
    let cubeY = (c.3 * x).addingProduct(Vector(repeating: c.4), y)
      .addingProduct(Vector(repeating: c.5), z)
    let cubeZ = (c.6 * x).addingProduct(Vector(repeating: c.7), y)
      .addingProduct(Vector(repeating: c.8), z)
    let cube = (xx * cubeX).addingProduct(yy, cubeY).addingProduct(zz, cubeZ)
      .addingProduct(c.9 * x, y * z)
    let line = (linear.x * x).addingProduct(Vector(repeating: linear.y), y)
      .addingProduct(Vector(repeating: linear.z), z)
    return line.addingProduct(quad.addingProduct(cube, inverseSquare), inverseSquare)
      * (inverse * inverseSquare)
  }
}
