import Compute

/// A layer of a file, put together from the tensors that belong to it.
struct FoundLayer: ChainLink {
  /// The path of the layer in the names of its tensors.
  let path: [String]
  let maps: [LinearMap]
  /// Constants of its activation that are tensors of their own.
  let constants: [String: Float]

  var inputs: Int { maps[0].inputs }
  var outputs: Int { maps[0].outputs }
}
