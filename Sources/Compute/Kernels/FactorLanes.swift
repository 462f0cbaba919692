import CInstructions

/// How the factors of matrix products are rounded before they are multiplied. The products and their
/// sums are in single precision.
public enum FactorRounding: String, Sendable, Equatable, Codable {
  /// To eight significant bits: a product of random factors is off by about 0.2 % of its size.
  case bfloat16

  /// What is best where results need no more digits than pictures, slices and solids do: bfloat16 where
  /// the processor multiplies such numbers by itself, twice as fast as those in single precision;
  /// elsewhere nil, since they would cost more than these.
  public static let recommended: FactorRounding? = cbfloat16_is_native() ? .bfloat16 : nil
}

/// How the elements of a factor stand in the lanes of vectors when it is packed
/// (`Documentation/Math/packed-products.md`).
protocol FactorLanes {
  /// Elements along the product's inner dimension that one lane holds.
  static var depth: Int { get }

  /// Elements that follow each other in memory, ``depth`` a lane; zeros beyond the first `count`.
  static func along(_ elements: UnsafePointer<Float>, count: Int) -> Vector

  /// Sixteen elements of a row, and of the ``depth`` − 1 rows that follow it at a distance.
  ///
  /// - Parameters:
  ///   - count: elements that the row has; zeros beyond.
  ///   - rows: rows that are left; zeros beyond.
  static func across(
    _ elements: UnsafePointer<Float>, count: Int, rows: Int, distance: Int
  ) -> Vector

  /// `sum` and what the lanes of `a` and `b` contribute to it.
  static func add(_ sum: Vector, _ a: Vector, _ b: Vector) -> Vector
}

/// One number in single precision a lane.
enum SingleLanes: FactorLanes {
  static var depth: Int { 1 }

  @inline(always)
  static func along(_ elements: UnsafePointer<Float>, count: Int) -> Vector {
    unsafe load(elements, count: count)
  }

  @inline(always)
  static func across(
    _ elements: UnsafePointer<Float>, count: Int, rows: Int, distance: Int
  ) -> Vector {
    unsafe load(elements, count: count)
  }

  @inline(always)
  static func add(_ sum: Vector, _ a: Vector, _ b: Vector) -> Vector { sum.addingProduct(a, b) }
}

/// Two numbers a lane, rounded to bfloat16.
enum PairLanes: FactorLanes {
  static var depth: Int { 2 }

  @inline(always)
  static func along(_ elements: UnsafePointer<Float>, count: Int) -> Vector {
    let first = unsafe load(elements, count: count)
    let second = unsafe load(elements + Vector.scalarCount, count: count - Vector.scalarCount)
    return cbfloat16_pair(
      Vector(lowHalf: first.evenHalf, highHalf: second.evenHalf),
      Vector(lowHalf: first.oddHalf, highHalf: second.oddHalf))
  }

  @inline(always)
  static func across(
    _ elements: UnsafePointer<Float>, count: Int, rows: Int, distance: Int
  ) -> Vector {
    let second =
      unsafe rows > 1 ? load(elements + distance, count: count) : Vector(repeating: 0)
    return unsafe cbfloat16_pair(load(elements, count: count), second)
  }

  @inline(always)
  static func add(_ sum: Vector, _ a: Vector, _ b: Vector) -> Vector {
    cbfloat16_add_products(sum, a, b)
  }
}

/// The first `count` of sixteen floats, and zeros.
@inline(always)
private func load(_ elements: UnsafePointer<Float>, count: Int) -> Vector {
  // SAFETY: nothing is read beyond `count` elements, which the caller has.
  if count >= Vector.scalarCount {
    return unsafe UnsafeRawPointer(elements).loadUnaligned(as: Vector.self)
  }
  var result = Vector(repeating: 0)
  for i in 0..<max(count, 0) { result[i] = unsafe elements[i] }
  return result
}
