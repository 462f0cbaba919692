import Compute

/// Draws meshes: opaque, matt, each face in one shade, lit by a lamp at the camera and one above its
/// left shoulder.
///
/// Both sides of a face are lit alike, so that meshes with flipped faces show. Each pixel is the mean
/// of `samples` × `samples` points. The same bits for any number of threads.
public struct MeshRenderer: Sendable {
  public let camera: MeshCamera
  public let columns: Int
  public let rows: Int
  public let samples: Int
  private let workers: Workers

  public init(
    camera: MeshCamera = MeshCamera(), columns: Int = 1024, rows: Int = 768, samples: Int = 2,
    workers: Workers = Workers()
  ) {
    precondition(
      columns >= 1 && rows >= 1 && samples >= 1,
      "a picture cannot have \(columns)×\(rows) pixels of \(samples)×\(samples) points")
    precondition(
      max(columns, rows) * samples <= 1 << 20,
      "\(columns)×\(rows) pixels of \(samples)×\(samples) points are too many")
    self.camera = camera
    self.columns = columns
    self.rows = rows
    self.samples = samples
    self.workers = workers
  }

  /// A picture of a mesh; an empty one of a mesh without extent.
  public func render(_ mesh: Mesh) -> MeshPicture {
    let size = SIMD2(Double(columns), Double(rows)) * Double(samples)
    guard let view = MeshView(camera, of: mesh, size: size) else {
      return MeshPicture(
        shade: Matrix(rows: rows, columns: columns), coverage: Matrix(rows: rows, columns: columns))
    }
    let scene = FlatScene(
      mesh, view, bandRows: Self.bandRows * samples, rows: rows * samples, workers)
    let bandCount = (rows + Self.bandRows - 1) / Self.bandRows
    let bands = workers.map(bandCount) { _, number in
      let first = number * Self.bandRows
      var band = RasterBand(
        rows: min(Self.bandRows, rows - first), columns: columns, samples: samples,
        firstRow: first)
      scene.forEachTriangle(inBand: number) { band.draw($0) }
      return band.pixels()
    }
    return MeshPicture(
      shade: Matrix(rows: rows, columns: columns, elements: bands.flatMap(\.shade)),
      coverage: Matrix(rows: rows, columns: columns, elements: bands.flatMap(\.coverage)))
  }

  /// The picture is drawn in bands of so many rows of pixels.
  private static let bandRows = 16
}

/// A picture of a mesh: `[rows, columns]`, row 0 on top.
public struct MeshPicture: Sendable, Equatable {
  /// The brightness of the mesh where it is seen, 0 black to 1 white; 0 where it is not.
  public let shade: Matrix
  /// Which share of each pixel the mesh covers: an alpha channel.
  public let coverage: Matrix

  /// The picture before an even background.
  public func over(_ background: Float = 1) -> Matrix {
    var result = shade
    for i in result.elements.indices {
      let share = coverage.elements[i]
      result.elements[i] = share * shade.elements[i] + (1 - share) * background
    }
    return result
  }
}
