/// The derivative at 0 of a smooth function of a step, by central differences of fourth order.
///
/// With steps of 1e-5 the formula's error is about 1e-20 times the fifth derivative, and rounding
/// costs about 1e-11 times the function's size.
public func centralDifference(_ f: (Double) -> [Double]) -> [Double] {
  let h = 1e-5
  let (near, far) = ((f(h), f(-h)), (f(2 * h), f(-2 * h)))
  return near.0.indices.map { i in
    let (inner, outer) = (near.0[i] - near.1[i], far.0[i] - far.1[i])
    return (8 * inner - outer) / (12 * h)
  }
}
