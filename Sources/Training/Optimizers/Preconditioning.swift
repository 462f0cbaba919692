/// A rule for steps that looks at the weights of a layer as a matrix, in place of the element-wise one.
public struct Preconditioning: Sendable, Equatable, Codable {
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// Kronecker-factored approximate curvature; see ``KFAC``.
    case kfac
    /// Adam in the eigenbasis of Shampoo's preconditioner; see ``SOAP``.
    case soap
  }

  public var method: Method
  /// Steps from one renewal of the inverses (K-FAC) or of the eigenbases (SOAP) to the next.
  public var interval: Int
  /// K-FAC: the damping λ of the first step, in units of the mean loss per squared parameter.
  public var damping: Double?

  /// Steps from one renewal to the next, unless told otherwise: as the authors of SOAP have it, and
  /// as often as K-FAC's paper adapts its damping.
  public static func usualInterval(_ method: Method) -> Int { method == .soap ? 10 : 5 }
  /// K-FAC's first damping, unless told otherwise.
  public static let usualDamping = 0.01

  public init(_ method: Method, interval: Int? = nil, damping: Double? = nil) {
    self.method = method
    self.interval = interval ?? Self.usualInterval(method)
    self.damping = method == .kfac ? damping ?? Self.usualDamping : nil
  }
}
