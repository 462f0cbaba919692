import Compute
import Foundation
import Meshes
import Testing

struct RenderingTests {
  /// A ball of radius `radius` around `center`, of 20 000 triangles.
  private static func ball(_ center: SIMD3<Double> = .zero, radius: Double = 1) -> Mesh {
    let (rings, sectors) = (100, 100)
    var positions: [SIMD3<Double>] = []
    var faces: [[Int32]] = []
    for i in 0...rings {
      for j in 0..<sectors {
        let (t, p) = (.pi * Double(i) / Double(rings), 2 * .pi * Double(j) / Double(sectors))
        positions.append(center + radius * SIMD3(sin(t) * cos(p), cos(t), sin(t) * sin(p)))
        guard i < rings else { continue }
        let (a, b) = (Int32(i * sectors + j), Int32(i * sectors + (j + 1) % sectors))
        faces.append([a, b, b + Int32(sectors), a + Int32(sectors)])
      }
    }
    return Mesh(positions: positions, faces: faces)
  }

  /// A square across z.
  private static func square(z: Double, half: Double, x: Double = 0) -> [SIMD3<Double>] {
    [[x - half, -half, z], [x + half, -half, z], [x + half, half, z], [x - half, half, z]]
  }

  private static let front = MeshCamera(azimuth: 0, elevation: 0, projection: .orthographic)

  /// The picture is fitted to the silhouette: its radius is half the height less the margin.
  @Test(
    arguments: [.orthographic, .perspective(fieldOfView: 30), .perspective(fieldOfView: 100)]
      as [MeshCamera.Projection], [1, 2, 3])
  func aBallHasTheAreaOfItsSilhouette(projection: MeshCamera.Projection, samples: Int) {
    let camera = MeshCamera(projection: projection, margin: 0.1)
    let picture = MeshRenderer(camera: camera, columns: 211, rows: 150, samples: samples)
      .render(Self.ball([5, 6, 7], radius: 3))
    let radius = 0.4 * 150
    let area = Double(picture.coverage.elements.reduce(0, +))
    // The polyhedron lacks a share of about (π / 100)² / 4, samples miss by their share of the rim.
    #expect(abs(area / (.pi * radius * radius) - 1) < 0.004)
    var centroid = SIMD2<Double>.zero
    for row in 0..<150 {
      for column in 0..<211 {
        let place = SIMD2(Double(column) + 0.5, Double(row) + 0.5)
        let share = picture.coverage[row, column]
        centroid += Double(share) * place
        let way = place - SIMD2(105.5, 75)
        let distance = (way * way).sum().squareRoot()
        // No gap between faces, and nothing outside.
        if distance < radius - 2 { #expect(share == 1) }
        if distance > radius + 2 { #expect(share == 0) }
      }
    }
    #expect(abs(centroid.x / area - 105.5) < 0.1 && abs(centroid.y / area - 75) < 0.1)
  }

  @Test(arguments: [1, 2, 3])
  func aDiagonalThroughTheSamplesLeavesNoGap(samples: Int) {
    let square = Mesh(positions: Self.square(z: 0, half: 1), faces: [[0, 1, 2, 3]])
    var camera = Self.front
    camera.margin = 0
    let picture = MeshRenderer(camera: camera, columns: 64, rows: 64, samples: samples)
      .render(square)
    #expect(picture.coverage.elements.allSatisfy { $0 == 1 })
  }

  @Test(arguments: [false, true])
  func whatIsNearerHidesWhatIsFarther(isNearFirst: Bool) {
    // The near square is tilted, so that its shade differs; its corners run the other way round.
    let far = Self.square(z: -1, half: 1)
    let near = Self.square(z: 0.5, half: 0.5).map { SIMD3($0.x, $0.y, $0.z + 0.4 * $0.x) }
    let faces: [[Int32]] = [[0, 1, 2, 3], [7, 6, 5, 4]]
    for projection in [MeshCamera.Projection.orthographic, .perspective(fieldOfView: 40)] {
      let mesh = Mesh(positions: far + near, faces: isNearFirst ? faces.reversed() : faces)
      let camera = MeshCamera(azimuth: 0, elevation: 0, projection: projection)
      let picture = MeshRenderer(camera: camera, columns: 100, rows: 100).render(mesh)
      let (middle, rim) = (picture.shade[50, 50], picture.shade[50, 10])
      #expect(picture.coverage[50, 10] == 1 && picture.coverage[50, 2] == 0)
      #expect(middle != rim)
      let alone = Mesh(positions: near, faces: [[0, 1, 2, 3]])
      #expect(abs(middle - MeshRenderer(camera: camera).render(alone).shade[384, 512]) < 1e-6)
    }
  }

  @Test func planesObeyLambertsLaw() {
    func shade(normal: SIMD3<Double>) -> Float {
      // A square across the normal.
      let side = SIMD3(normal.z, 0, -normal.x) / hypot(normal.x, normal.z)
      let up = SIMD3(
        normal.y * side.z - normal.z * side.y, normal.z * side.x - normal.x * side.z,
        normal.x * side.y - normal.y * side.x)
      let mesh = Mesh(
        positions: [-side - up, side - up, side + up, up - side], faces: [[0, 1, 2, 3]])
      let flipped = Mesh(positions: mesh.positions, faces: [[3, 2, 1, 0]])
      let renderer = MeshRenderer(camera: Self.front, columns: 64, rows: 64)
      let picture = renderer.render(mesh)
      // Both sides are lit alike.
      #expect(picture == renderer.render(flipped))
      return picture.shade[32, 32]
    }
    // Lamps: 0.35 from the camera, 0.45 from (−5, 7, 6), and 0.15 from everywhere.
    let key = SIMD3<Double>(-5, 7, 6) / 110.0.squareRoot()
    #expect(abs(Double(shade(normal: [0, 0, 1])) - (0.15 + 0.35 + 0.45 * key.z)) < 1e-6)
    #expect(abs(Double(shade(normal: key)) - (0.15 + 0.35 * key.z + 0.45)) < 1e-6)
    // Turned away from the key light.
    let away = SIMD3(0.8, 0, 0.6)
    #expect((away * key).sum() < 0)
    #expect(abs(Double(shade(normal: away)) - (0.15 + 0.35 * 0.6)) < 1e-6)
  }

  @Test func theMirrorImageIsSeenFromTheMirroredPlace() {
    let torus = SampleMesh.torus(40, by: 20)
    let mesh = Mesh(
      positions: torus.positions + [[3.5, 1, 0.2], [3, 2, 0], [2.9, 0.5, 1]],
      corners: torus.corners + [800, 801, 802],
      faceStarts: torus.faceStarts + [Int32(torus.corners.count + 3)])
    let mirrored = Mesh(
      positions: mesh.positions.map { [-$0.x, $0.y, $0.z] }, corners: mesh.corners,
      faceStarts: mesh.faceStarts)
    let size = (columns: 120, rows: 90)
    let right = MeshRenderer(
      camera: MeshCamera(azimuth: 35), columns: size.columns, rows: size.rows
    ).render(mesh).coverage
    let left = MeshRenderer(
      camera: MeshCamera(azimuth: -35), columns: size.columns, rows: size.rows
    ).render(mirrored).coverage
    var difference: Float = 0
    for row in 0..<size.rows {
      for column in 0..<size.columns {
        difference += abs(right[row, column] - left[row, size.columns - 1 - column])
      }
    }
    // Samples exactly on an outline may fall to either side.
    #expect(difference < 3 && right.elements.reduce(0, +) > 2000)
  }

  @Test func sizeAndPlaceOfTheMeshDoNotMatter() {
    let torus = SampleMesh.torus(30, by: 15)
    let renderer = MeshRenderer(columns: 100, rows: 80)
    let picture = renderer.render(torus)
    for similarity in [
      Similarity(scale: 1e-3, translation: [5, -3, 2]), Similarity(scale: 1e5),
      Similarity(scale: 1, translation: [100, 0, -20]),
    ] {
      let other = renderer.render(torus.transformed(by: similarity))
      let differences = zip(picture.over().elements, other.over().elements).map { abs($0 - $1) }
      // Positions round differently in their thirteenth digit; samples on an edge may change.
      #expect(differences.reduce(0, +) < 2)
    }
    // Doubling changes no digit.
    #expect(renderer.render(torus.transformed(by: Similarity(scale: 2))) == picture)
  }

  @Test func threadsDoNotChangeABit() {
    let mesh = Self.ball()
    let pictures = [1, 2, 3, 8].map {
      MeshRenderer(columns: 97, rows: 61, workers: Workers(count: $0)).render(mesh)
    }
    for picture in pictures { #expect(picture == pictures[0]) }
  }

  @Test func theUpAxisPointsUpwards() {
    // A pole with a broad foot: along y, and along z.
    func pole(_ axis: Int) -> Mesh {
      let positions = SampleMesh.cubePositions.map { corner -> SIMD3<Double> in
        var p = (corner - 0.5) * 2
        let width = p[axis] < 0 ? 3.0 : 1.0
        for other in 0..<3 where other != axis { p[other] *= width }
        p[axis] *= 5
        return p
      }
      return Mesh(positions: positions, faces: SampleMesh.cubeFaces)
    }
    for (axis, up) in [(1, MeshCamera.Up.y), (2, .z)] {
      let camera = MeshCamera(azimuth: 0, elevation: 0, up: up, projection: .orthographic)
      let coverage = MeshRenderer(camera: camera, columns: 80, rows: 100).render(pole(axis))
        .coverage
      let widths = [10, 50, 90].map { row in (0..<80).map { coverage[row, $0] }.reduce(0, +) }
      #expect(widths[0] < widths[1] && widths[1] < widths[2])
      // Ten units high, six wide, in 90 rows.
      #expect(abs(widths[2] - 0.9 * 100 / 10 * 6) < 4)
      // From above it is a square.
      var top = camera
      top.elevation = 90
      let square = MeshRenderer(camera: top, columns: 100, rows: 100).render(pole(axis)).coverage
      #expect(abs(square.elements.reduce(0, +) - 90 * 90) < 1)
    }
  }

  @Test func azimuthTurnsTheCameraCounterClockwise() {
    // Of a square that faces +x the camera at 90° sees all, that in front only its edge.
    let square = Mesh(
      positions: Self.square(z: 0, half: 1).map { SIMD3(0, $0.y, $0.x) }, faces: [[0, 1, 2, 3]])
    func area(_ azimuth: Double, _ up: MeshCamera.Up) -> Float {
      let camera = MeshCamera(
        azimuth: azimuth, elevation: 0, up: up, projection: .orthographic, margin: 0)
      return MeshRenderer(camera: camera, columns: 50, rows: 50).render(square)
        .coverage.elements.reduce(0, +)
    }
    for up in [MeshCamera.Up.y, .z] {
      #expect(area(90, up) > 2400 && area(0, up) < 60)
      // cos 60° of its width.
      #expect(abs(area(30, up) / area(90, up) - 0.5) < 0.03)
    }
    // Of two tilted squares at +x and −x, the camera at 90° sees the one at +x.
    let near = square.positions.map { SIMD3(3 + 0.3 * $0.y, $0.y, $0.z) }
    let far = square.positions.map { SIMD3(-3 - 0.6 * $0.z, $0.y, $0.z) }
    let camera = MeshCamera(azimuth: 90, elevation: 0, projection: .orthographic)
    func shade(_ positions: [SIMD3<Double>], _ faces: [[Int32]]) -> Float {
      MeshRenderer(camera: camera, columns: 40, rows: 40)
        .render(Mesh(positions: positions, faces: faces)).shade[20, 20]
    }
    #expect(
      abs(shade(near + far, [[0, 1, 2, 3], [4, 5, 6, 7]]) - shade(near, [[0, 1, 2, 3]])) < 1e-6)
    #expect(abs(shade(near, [[0, 1, 2, 3]]) - shade(far, [[0, 1, 2, 3]])) > 0.01)
  }

  @Test func aMeshWithoutExtentLeavesThePictureEmpty() {
    let renderer = MeshRenderer(columns: 7, rows: 5)
    for mesh in [
      Mesh(positions: [], faces: []), Mesh(positions: [.one, .one, .one], faces: [[0, 1, 2]]),
    ] {
      let picture = renderer.render(mesh)
      #expect(picture.coverage.elements.allSatisfy { $0 == 0 })
      #expect(picture.over().elements.allSatisfy { $0 == 1 })
      #expect(picture.over(0.25).elements.allSatisfy { $0 == 0.25 })
    }
  }
}
