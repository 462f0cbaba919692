import CInstructions

/// Numbers nearer to zero than 2⁻¹²⁶, or 2⁻¹⁰²² in double precision, which have fewer digits than others.
///
/// Many processors take some hundred cycles for an operation with one, and networks with envelopes, whose
/// values are all but nothing away from the centre, have many of them.
public enum Subnormals {
  /// Does something with arithmetic that takes subnormal numbers for zeros, in this thread alone.
  ///
  /// For the tile engine, whose numbers mean nothing at that size; not where results are to be exact.
  @inline(__always)
  public static func flushed<Result, Failure>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let before = csubnormals_flush()
    defer { csubnormals_restore(before) }
    return try body()
  }
}
