import Compute

/// The loops of a grid over a tile: rows of `width` vectors, one a coordinate or feature.
///
/// Corner `c` of a cell lies on the far side along the axes whose bits are set in `c`.
package struct GridKernel: Sendable {
  package let levels: [GridLevel]
  /// Numbers of an entry.
  package let features: Int
  package let axes: Int

  init(_ grid: GridEncoding, tables: Int) {
    features = grid.features
    axes = grid.inputs
    var levels: [GridLevel] = []
    var next = tables
    for level in grid.levels {
      levels.append(GridLevel(level, offset: next))
      next += GridKernel.padded(level.entries * grid.features)
    }
    self.levels = levels
  }

  var corners: Int { 1 << axes }

  /// The floats that a table takes: each begins on a vector boundary.
  static func padded(_ count: Int) -> Int {
    AlignedBuffer.vectorCount(for: count) * Vector.scalarCount
  }

  func forward(
    _ x: borrowing AlignedBuffer, _ parameters: borrowing AlignedBuffer,
    into target: inout AlignedBuffer, width: Int
  ) {
    let (x, parameters) = (x.vectors, parameters.floats)
    var target = target.mutableVectors
    for (l, level) in levels.enumerated() {
      let table = parameters.extracting(level.range(features: features))
      let row = l * features * width
      for v in 0..<width {
        let cell = level.cell(x, v, width: width, axes: axes)
        for f in 0..<features { target[row + f * width + v] = Vector(repeating: 0) }
        for corner in 0..<corners {
          let places = level.entries(of: corner, cell, axes: axes) &* UInt32(features)
          let weight = cell.weight(of: corner, axes: axes)
          for f in 0..<features {
            let values = table.gather(places &+ UInt32(f))
            target[row + f * width + v].addProduct(weight, values)
          }
        }
      }
    }
  }

  /// Overwrites the points in `coordinates` by ∂L/∂x, from `g` = ∂L/∂features.
  func backward(
    _ g: borrowing AlignedBuffer, _ parameters: borrowing AlignedBuffer,
    into coordinates: inout AlignedBuffer, width: Int
  ) {
    let (g, parameters) = (g.vectors, parameters.floats)
    for v in 0..<width {
      var slopes = InlineArray<4, Vector>(repeating: Vector(repeating: 0))
      for (l, level) in levels.enumerated() {
        let table = parameters.extracting(level.range(features: features))
        let cell = level.cell(coordinates.vectors, v, width: width, axes: axes)
        for corner in 0..<corners {
          let places = level.entries(of: corner, cell, axes: axes) &* UInt32(features)
          var sum = Vector(repeating: 0)
          for f in 0..<features {
            sum.addProduct(
              g[(l * features + f) * width + v], table.gather(places &+ UInt32(f)))
          }
          for axis in 0..<axes {
            slopes[axis].addProduct(
              sum, cell.weightSlope(of: corner, along: axis, axes: axes) * level.slopes[axis])
          }
        }
      }
      var target = coordinates.mutableVectors
      for axis in 0..<axes {
        // Beyond the boundary the features do not change.
        let x = target[axis * width + v]
        let outside = (x .< Vector(repeating: -1)) .| (x .> Vector(repeating: 1))
        target[axis * width + v] = slopes[axis].replacing(
          with: Vector(repeating: 0), where: outside)
      }
    }
  }
}

extension GridKernel {
  /// Adds a tile's ∂L/∂table of one level to `gradient`.
  ///
  /// - Parameters:
  ///   - x: coordinates, one row each.
  ///   - g: ∂L/∂features of all levels, one row each.
  ///   - count: points of the tile; what fills its last vector up does not count.
  ///   - gradient: of the level's table alone.
  package func addGradient(
    ofLevel l: Int, _ x: Span<Vector>, _ g: Span<Vector>, width: Int, count: Int,
    to gradient: inout MutableSpan<Float>
  ) {
    let level = levels[l]
    for v in 0..<width {
      let cell = level.cell(x, v, width: width, axes: axes)
      let lanes = min(Vector.scalarCount, count - v * Vector.scalarCount)
      for corner in 0..<corners {
        let places = level.entries(of: corner, cell, axes: axes) &* UInt32(features)
        let weight = cell.weight(of: corner, axes: axes)
        for f in 0..<features {
          gradient.scatter(
            adding: weight * g[(l * features + f) * width + v], at: places &+ UInt32(f),
            count: lanes)
        }
      }
    }
  }
}

/// One lattice, as the loops need it.
package struct GridLevel: Sendable {
  /// Of the table, in the parameters.
  package let offset: Int
  package let entries: Int
  private let isHashed: Bool
  /// Cells along each axis.
  private let cells: InlineArray<4, Float>
  /// Entries from a vertex to the next along each axis; of hashed tables, the factors of the hash.
  private let factors: InlineArray<4, UInt32>
  /// Cells per unit of the coordinates.
  let slopes: InlineArray<4, Vector>

  init(_ level: GridEncoding.Level, offset: Int) {
    self.offset = offset
    entries = level.entries
    isHashed = level.isHashed
    var cells = InlineArray<4, Float>(repeating: 1)
    var factors: InlineArray<4, UInt32> = [1, 2_654_435_761, 805_459_861, 3_674_653_429]
    var slopes = InlineArray<4, Vector>(repeating: Vector(repeating: 0))
    var vertices: UInt32 = 1
    for (axis, count) in level.cells.enumerated() {
      cells[axis] = Float(count)
      slopes[axis] = Vector(repeating: Float(count) / 2)
      if !level.isHashed {
        factors[axis] = vertices
        vertices *= UInt32(count) + 1
      }
    }
    self.cells = cells
    self.factors = factors
    self.slopes = slopes
  }

  /// Floats of the table in the parameters.
  package func range(features: Int) -> Range<Int> { offset..<offset + entries * features }

  /// The vectors that hold it.
  package func vectors(features: Int) -> Range<Int> {
    let first = offset / Vector.scalarCount
    return first..<first + AlignedBuffer.vectorCount(for: entries * features)
  }

  /// The cells that sixteen points lie in.
  @inline(always)
  func cell(_ x: Span<Vector>, _ v: Int, width: Int, axes: Int) -> GridCell {
    var cell = GridCell()
    let half = Vector(repeating: 0.5)
    for axis in 0..<axes {
      let count = Vector(repeating: cells[axis])
      let zero = Vector(repeating: 0)
      var p = (x[axis * width + v] + 1) * half * count
      p = p.replacing(with: zero, where: .!(p .>= zero)).replacing(with: count, where: p .> count)
      // Halves round to either side: a vertex belongs to both of its cells.
      var near = p - half
      near = near.replacing(with: count - 1, where: near .> count - 1)
      let (number, whole) = VectorMath.rounded(near)
      cell.first[axis] = number
      // What is not a number shall not become one.
      let coordinate = x[axis * width + v]
      cell.far[axis] = p - whole + (coordinate - coordinate)
    }
    return cell
  }

  /// Where the entries of sixteen cells' corner stand in the table.
  @inline(always)
  func entries(of corner: Int, _ cell: GridCell, axes: Int) -> SIMD16<UInt32> {
    var place = SIMD16<UInt32>(repeating: 0)
    for axis in 0..<axes {
      let vertex = cell.first[axis] &+ UInt32(truncatingIfNeeded: corner >> axis & 1)
      let part = vertex &* factors[axis]
      place = isHashed ? place ^ part : place &+ part
    }
    return isHashed ? place & UInt32(entries - 1) : place
  }
}

/// Where sixteen points lie in the cells of a lattice.
struct GridCell {
  /// The near vertex of the cell.
  var first = InlineArray<4, SIMD16<UInt32>>(repeating: SIMD16(repeating: 0))
  /// From there to the far one along each axis, in cells.
  var far = InlineArray<4, Vector>(repeating: Vector(repeating: 0))

  /// The share of a corner in the interpolated value.
  @inline(always)
  func weight(of corner: Int, axes: Int) -> Vector {
    var weight = share(of: corner, along: 0)
    for axis in 1..<max(axes, 1) { weight *= share(of: corner, along: axis) }
    return weight
  }

  @inline(always)
  private func share(of corner: Int, along axis: Int) -> Vector {
    corner >> axis & 1 == 1 ? far[axis] : 1 - far[axis]
  }

  /// The derivative of ``weight(of:axes:)`` along an axis, per cell.
  @inline(always)
  func weightSlope(of corner: Int, along axis: Int, axes: Int) -> Vector {
    var slope = Vector(repeating: corner >> axis & 1 == 1 ? 1 : -1)
    for other in 0..<axes where other != axis { slope *= share(of: corner, along: other) }
    return slope
  }
}
