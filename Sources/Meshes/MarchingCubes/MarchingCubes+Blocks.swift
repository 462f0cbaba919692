import Compute

extension MarchingCubes {
  /// The surface of a field that is computed only where it may reach the level.
  ///
  /// The grid is cut into blocks of cells. Blocks of which `side` knows that the field stays on one
  /// side of the level are left out; of the others all samples are wanted, those on their sides
  /// included. So if `side` is right, the surface is the one that all samples give, bit for bit; if
  /// it is wrong next to a block whose values contradict it, that is an error.
  ///
  /// - Parameters:
  ///   - blockSize: cells along a side of a block; as many planes are computed at once.
  ///   - side: the side on which the field is known to be in a closed box; nil if it is not known.
  ///   - values: one value for each of some samples, in their order.
  public func surface<Failure: Error>(
    on grid: SampleGrid, blockSize: Int = 16, workers: Workers = Workers(),
    side: @Sendable (_ block: Box) -> Side? = { _ in nil },
    values: (_ samples: SampleRuns) throws(Failure) -> [Float]
  ) throws -> Isosurface {
    precondition(blockSize >= 1, "a block cannot have \(blockSize) cells along its sides")
    let blocks = BlockGrid(grid, size: blockSize)
    // The sides of the layers of blocks below and above the planes that are wanted.
    var below: [Side?] = []
    return try surface(on: grid, planesAtOnce: blockSize, workers: workers) { planes in
      let layer = planes.lowerBound / blockSize
      let isPlaneOnly = layer == blocks.counts.z
      let above =
        isPlaneOnly
        ? []
        : workers.map(blocks.counts.x * blocks.counts.y) { _, number in
          side(blocks.box(number, layer: layer))
        }
      var samples = SampleRuns(grid)
      var result: [Float] = []
      for z in planes {
        let layers = z == planes.lowerBound ? [below, above] : [above]
        blocks.addPlane(z, of: layers.filter { !$0.isEmpty }, to: &samples, filling: &result)
      }
      below = above
      let found = samples.count == 0 ? [] : try values(samples)
      guard found.count == samples.count else {
        throw MarchingCubesError.wrongCount(
          planes: planes, found: found.count, expected: samples.count)
      }
      return blocks.filled(result, samples, found, firstPlane: planes.lowerBound)
    }
  }
}

/// The blocks of cells of a grid; the last ones along each axis may be smaller.
private struct BlockGrid: Sendable {
  let grid: SampleGrid
  let size: Int
  let counts: SIMD3<Int>

  init(_ grid: SampleGrid, size: Int) {
    self.grid = grid
    self.size = size
    counts = (grid.counts &- 2) / size &+ 1
  }

  /// Block `number` of a layer.
  func box(_ number: Int, layer: Int) -> Box {
    let first = SIMD3(number % counts.x, number / counts.x, layer) &* size
    let last = pointwiseMin(first &+ size, grid.counts &- 1)
    return Box(
      lower: grid.position(SIMD3<Double>(first)), upper: grid.position(SIMD3<Double>(last)))
  }

  /// Adds the samples of a plane that a block of unknown side touches, and a plane of infinities.
  ///
  /// - Parameter layers: the sides of the blocks of the layers that touch the plane.
  func addPlane(
    _ z: Int, of layers: [[MarchingCubes.Side?]], to samples: inout SampleRuns,
    filling values: inout [Float]
  ) {
    for y in 0..<grid.counts.y {
      let rows = [y / size, max(y - 1, 0) / size].filter { $0 < counts.y }
      var isWanted = [Bool](repeating: false, count: grid.counts.x)
      var row = [Float](repeating: .infinity, count: grid.counts.x)
      for column in 0..<counts.x {
        let touched = column * size...min(column * size + size, grid.counts.x - 1)
        for layer in layers {
          for blockRow in rows {
            switch layer[blockRow * counts.x + column] {
            case nil: for x in touched { isWanted[x] = true }
            case .below: for x in touched { row[x] = -.infinity }
            case .above: break
            }
          }
        }
      }
      var x = 0
      while x < isWanted.count {
        let end = isWanted[x...].firstIndex { $0 != isWanted[x] } ?? isWanted.count
        if isWanted[x] { samples.append(SampleRuns.Run(x: x..<end, y: y, z: z)) }
        x = end
      }
      values += row
    }
  }

  /// Puts the values of samples into their places.
  func filled(
    _ values: consuming [Float], _ samples: SampleRuns, _ found: [Float], firstPlane: Int
  ) -> [Float] {
    var next = 0
    for run in samples.runs {
      let row = ((run.z - firstPlane) * grid.counts.y + run.y) * grid.counts.x
      for x in run.x {
        values[row + x] = found[next]
        next += 1
      }
    }
    return values
  }
}
