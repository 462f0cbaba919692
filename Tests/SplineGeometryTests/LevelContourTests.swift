import Compute
import Meshes
import Networks
import SplineGeometry
import Testing

@Suite struct LevelContourTests {
  @Test(arguments: ["he_2_16_16_16_1", "he_2_32_32_32_1"])
  func contoursAreThoseOfOtherPrograms(name: String) throws {
    let golden = try GoldenSpline(name)
    let contour = try golden.spline.levelContour(in: golden.square())
    #expect(contour.segmentCount == golden.values.segments)
    let length = try #require(golden.values.length)
    #expect(abs(contour.length - length) <= 1e-11)
    for point in contour.polylines.flatMap(\.points) {
      #expect(abs(golden.spline.values(at: [point.x, point.y])[0]) <= 1e-13)
    }
  }

  @Test func theL1BallIsAClosedDiamond() throws {
    let square = try SplineDomain.rectangle(x: -2...2, y: -2...2)
    for (side, area) in [(MarchingCubes.Side.below, 2.0), (.above, -2.0)] {
      let contour = try SampleSpline.l1Ball(2).levelContour(in: square, inside: side)
      #expect(contour.polylines.count == 1)
      let line = try #require(contour.polylines.first)
      #expect(line.isClosed && line.points.count == 4)
      // Inside lies to the left: counter-clockwise around f < 0.
      #expect(line.signedArea == area)
    }
  }

  @Test func linesThatReachTheBoundaryAreOpen() throws {
    let triangle = try SplineDomain.polygon([[-2, -0.5], [2, -0.5], [0, 1.5]])
    let contour = try SampleSpline.l1Ball(2).levelContour(in: triangle)
    // The lower tip is cut off; above, the diamond's sides run along the triangle's to (0, 1).
    #expect(contour.polylines.allSatisfy { !$0.isClosed })
    #expect(contour.polylines.map(\.segmentCount) == [4])
    #expect(abs(contour.length - 3 * 2.0.squareRoot()) <= 1e-14)
    #expect(try SampleSpline.l1Ball(2).levelContour(level: 5, in: triangle).polylines.isEmpty)
  }

  @Test func aFlatLevelGivesTheBoundaryOfWhatIsAboveIt() throws {
    let square = try SplineDomain.rectangle(x: -1...1, y: -1...1)
    // max(|x| + |y| − ½, 0)
    let plateau = try SampleSpline.spline([
      ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0, 0, 0, 0]), ([[1, 1, 1, 1]], [-0.5]), ([[1]], [0]),
    ])
    let contour = try plateau.levelContour(in: square)
    #expect(contour.report.flatCellCount == 4)
    #expect(contour.polylines.count == 1 && contour.segmentCount == 4)
    #expect(contour.polylines[0].isClosed)
    #expect(contour.length == 4 * 0.5.squareRoot())
    // The plateau is inside, to the left, as it is around a line that cuts cells.
    let around = try plateau.levelContour(level: 0.25, in: square)
    #expect(contour.polylines[0].signedArea == 0.5)
    #expect(abs(around.polylines[0].signedArea - 1.125) <= 1e-15)
    let touching = try SampleSpline.spline([([[1, 1], [-1, -1]], [0, 0]), ([[1, 1]], [0])])
    #expect(try touching.levelContour(in: square).polylines.isEmpty)
  }

  @Test func contoursAreTheSliceOfASurface() throws {
    let golden = try GoldenSpline("iso_3x64_s16_q05")
    // z = −1/2 goes into the first layer's biases.
    let slice = try SplineNetwork(
      Network(
        inputs: 2,
        layers: golden.network.layers.enumerated().map { k, layer in
          guard k == 0 else { return layer }
          let map = layer.maps[0]
          let weights = (0..<map.outputs).flatMap { [map.weight[$0, 0], map.weight[$0, 1]] }
          return Layer(
            LinearMap(
              weight: Matrix(rows: map.outputs, columns: 2, elements: weights),
              bias: (0..<map.outputs).map { map.bias[$0] - 0.5 * map.weight[$0, 2] }),
            activation: layer.activation)
        }))
    let contour = try slice.levelContour(in: golden.square())
    let mesh = try golden.spline.levelSurface(in: golden.box).mesh
    let crossing = (0..<mesh.faceCount).count { face in
      let heights = mesh.corners(ofFace: face).map { mesh.positions[Int($0)].z + 0.5 }
      return heights.contains { $0 > 0 } && heights.contains { $0 < 0 }
    }
    #expect(contour.segmentCount == crossing && crossing > 10)
  }

  @Test func linesThatMeetAreAllThere() throws {
    // max(x, 0) max(y, 0)-like: |x| − |y| vanishes on both diagonals, which cross.
    let cross = try SampleSpline.spline([
      ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0, 0, 0, 0]), ([[1, 1, -1, -1]], [0]),
    ])
    let contour = try cross.levelContour(in: .rectangle(x: -1...1, y: -1...1))
    #expect(contour.segmentCount == 4)
    #expect(abs(contour.length - 4 * 2.0.squareRoot()) <= 1e-14)
    #expect(contour.polylines.count == 2 && contour.polylines.allSatisfy { $0.points.count == 3 })
  }
}

extension LevelContour.Polyline {
  /// Positive if the line runs counter-clockwise.
  fileprivate var signedArea: Double {
    points.indices.reduce(0.0) {
      let (a, b) = (points[$1], points[($1 + 1) % points.count])
      return $0 + (a.x * b.y - a.y * b.x) / 2
    }
  }
}
