/// What a tensor is to a network, by its name.
///
/// Names are those of PyTorch's `state_dict`: the path of a module, then the parameter. Inside a
/// layer the public codes of SIREN, FINER and WIRE call the map `linear` (`scale_orth` the second
/// one of WIRE2D; `freqs` and `scale` the two of the real Gabor layer).
struct TensorRole: Equatable {
  enum Part: Equatable {
    case weight(map: Int)
    case bias(map: Int)
    /// A constant of the layer's activation, by our name for it.
    case constant(String)
  }

  /// The path of the layer, such as `["net", "0"]`.
  let layer: [String]
  let part: Part

  /// `nil` for tensors that are no parameter of a layer.
  init?(_ name: String) {
    var path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    switch path.removeLast() {
    case "weight": part = .weight(map: Self.removeMap(from: &path))
    case "bias": part = .bias(map: Self.removeMap(from: &path))
    case "weight_orth": part = .weight(map: 1)
    case "bias_orth": part = .bias(map: 1)
    case "omega_0", "omega0": part = .constant("omega0")
    case "scale_0", "sigma0": part = .constant("sigma0")
    default: return nil
    }
    layer = path
  }

  /// Takes the name of a map inside a layer off the path, and returns the map's number.
  private static func removeMap(from path: inout [String]) -> Int {
    switch path.last {
    case "linear", "freqs":
      path.removeLast()
      return 0
    case "scale_orth", "scale":
      path.removeLast()
      return 1
    default: return 0
    }
  }
}
