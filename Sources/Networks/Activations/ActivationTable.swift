/// Every activation that the program knows.
public enum ActivationTable {
  /// A new activation is one file beside this one and one line here.
  public static let all: [any Activation.Type] = [
    ReLU.self,
    LeakyReLU.self,
    SoftReLU.self,
    Sine.self,
    FINER.self,
    SplitSine.self,
    Gaussian.self,
    RealGabor.self,
    ComplexGabor.self,
    ComplexGabor2D.self,
  ]

  public static var names: [String] { all.map { $0.name } }

  /// The names of all constants, each once.
  public static var constantNames: [String] {
    var names: [String] = []
    for constant in all.flatMap({ $0.constants }) where !names.contains(constant.name) {
      names.append(constant.name)
    }
    return names
  }

  /// The activation called `name` with the constants given, and defaults for the others.
  public static func make(_ name: String, constants: [String: Float] = [:]) -> (any Activation)? {
    guard let type = all.first(where: { $0.name == name }) else { return nil }
    return type.init(type.constants.map { constants[$0.name] ?? $0.defaultValue })
  }
}
