import Meshes

/// What a command cannot do with a mesh, or with what a mesh is to be made of.
enum MeshCommandError: Error, Equatable, CustomStringConvertible {
  case noExtent(path: String)
  case memory(what: String, needed: Int, available: Int, advice: String)

  var description: String {
    switch self {
    case .noExtent(let path):
      "\(path): all vertices are at one point, or too far apart to compute with; expected a surface"
    case .memory(let what, let needed, let available, let advice):
      "\(what) need about \(needed / 1_000_000) MB, the machine has \(available / 1_000_000) MB "
        + "left; \(advice)"
    }
  }
}
