/// Raw data that cannot be made into line integrals.
public enum PreparationError: Error, Equatable, CustomStringConvertible {
  case wrongBinCount(of: String, found: Int, expected: Int)
  case noFrames(of: String)
  case notFinite(in: String, row: Int, bin: Int)
  case noLight(bin: Int, flat: Float, dark: Float)
  case negativeCounts(view: Int, bin: Int, raw: Float, dark: Float)
  case tooManyAirBins(asked: Int, bins: Int)
  case darkAir(view: Int)
  case fanBeam
  case shortArc(degrees: Double)
  case tooSmall(views: Int, bins: Int)
  case noContrast

  public var description: String {
    switch self {
    case .wrongBinCount(let name, let found, let expected):
      "found \(found) bins in the \(name) fields, expected \(expected) as the views have; all are "
        + "[frames, bins] of the same detector row"
    case .noFrames(let name): "found no frame in the \(name) fields, expected at least one"
    case .notFinite(let name, let row, let bin):
      "found a value that is not finite in row \(row), bin \(bin) of the \(name), expected numbers; "
        + "interpolate dead bins first"
    case .noLight(let bin, let flat, let dark):
      "found flat field \(flat) at most dark field \(dark) in bin \(bin), expected more light without "
        + "the object; swap the two files, or cut off that bin"
    case .negativeCounts(let view, let bin, let raw, let dark):
      "found \(raw) counts in view \(view), bin \(bin), far below the dark field of \(dark), expected "
        + "raw counts; are these line integrals already?"
    case .tooManyAirBins(let asked, let bins):
      "found \(bins) bins, expected more than twice the \(asked) that shall be air at each end"
    case .darkAir(let view):
      "found no light in the outer bins of view \(view), expected air there; take fewer air bins or none"
    case .fanBeam: "found a fan beam, expected a parallel one to search for the axis; give --center"
    case .shortArc(let degrees):
      "found views over \(Int(degrees.rounded())) degrees, expected about 180 or more to search for "
        + "the axis; give --center"
    case .tooSmall(let views, let bins):
      "found \(views) views of \(bins) bins, expected at least 8 views and 16 bins to search for the "
        + "axis; give --center"
    case .noContrast:
      "found the same value in all bins, expected an object to search for the axis; give --center"
    }
  }
}
