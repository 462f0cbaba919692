import Meshes
import SplineGeometry

/// What a command cannot do with a mesh, or with what a mesh is to be made of.
enum MeshCommandError: Error, Equatable, CustomStringConvertible {
  case noExtent(path: String)
  case noArea(path: String, area: Double)
  case twoKinds(mesh: String, other: String)
  case isMesh(path: String)
  case notASolid(path: String, inputs: Int)
  case noSurface(path: String, MarchingCubesError)
  case levelNotReached(
    path: String, level: Double, range: ClosedRange<Float>?, isSparse: Bool)
  /// The network has a surface that marching cubes can find.
  case notExact(path: String, SplineNetworkError)
  /// Marching cubes cannot evaluate the network.
  case onlyExact(path: String)
  case noSpline(path: String, SplineNetworkError)
  /// A grid of `cells` along each side has shown no part.
  case noSeeds(path: String, level: Double, cells: Int)
  case exactLevelNotReached(
    path: String, level: Double, samples: Int, range: ClosedRange<Double>, flatCells: Int)
  case memory(what: String, needed: Int, available: Int, advice: String)

  var description: String {
    switch self {
    case .noExtent(let path):
      "\(path): all vertices are at one point, or too far apart to compute with; expected a surface"
    case .twoKinds(let mesh, let other):
      "\(mesh) is a mesh, \(other) is none; expected two meshes (.obj, .ply or .stl) or two pictures"
    case .isMesh(let path):
      "\(path) is a mesh already; expected a model or a volume"
    case .notASolid(let path, let inputs):
      "\(path): found a network of \(counted(inputs, "coordinate")), expected 3 for a solid"
        + (inputs == 2 ? "; the lines of a function of two are drawn by inr contour" : "")
        + (inputs > 3 ? "; --latent fixes the first \(inputs - 3)" : "")
    case .noSurface(let path, let error):
      "\(path): \(error)"
    case .levelNotReached(let path, let level, let range, let isSparse):
      "\(path): the field does not reach the level \(shortText(level)) between any two samples: "
        + (range.map { "its values run from \($0.lowerBound) to \($0.upperBound)" }
          ?? "it has no finite values")
        + (isSparse
          ? "; look for smaller parts without --sparse"
          : "; choose a --level between them, or look elsewhere")
    case .notExact(let path, let error):
      "\(path): \(error) (--method marching-cubes)"
    case .onlyExact(let path):
      "\(path): the network is no plain chain of layers, and marching cubes evaluates only such; take "
        + "--method exact"
    case .noSpline(let path, let error):
      "\(path): \(error)"
    case .noSeeds(let path, let level, let cells):
      "\(path): the field has the level \(shortText(level)) on no edge of a grid of \(cells) cells along "
        + "each side; take more cells, or leave out --seeds to find every part"
    case .exactLevelNotReached(let path, let level, let samples, let range, let flatCells):
      flatCells > 0
        ? "\(path): the field is \(shortText(level)) throughout \(counted(flatCells, "region")) and "
          + "nowhere above that, so nothing has a boundary there; choose a --level beside it"
        : "\(path): the field reaches the level \(shortText(level)) nowhere in the box; at "
          + "\(samples) points there its values run from \(MeshFigures.text(range.lowerBound)) to "
          + "\(MeshFigures.text(range.upperBound)); choose a --level between them, or look elsewhere "
          + "with --bounds"
    case .noArea(let path, let area):
      area > 0
        ? "\(path): the mesh is too large to compute with; scale it down"
        : "\(path): the mesh has no area, expected a surface"
    case .memory(let what, let needed, let available, let advice):
      "\(what) need about \(needed / 1_000_000) MB, the machine has \(available / 1_000_000) MB "
        + "left; \(advice)"
    }
  }
}
