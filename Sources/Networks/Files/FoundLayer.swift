import Compute

/// A layer of a file, put together from the tensors that belong to it.
struct FoundLayer {
  /// The path of the layer in the names of its tensors.
  let path: [String]
  let maps: [LinearMap]
  /// Constants of its activation that are tensors of their own.
  let constants: [String: Float]

  var name: String { path.joined(separator: ".") }
  var inputs: Int { maps[0].inputs }
  var outputs: Int { maps[0].outputs }
}
