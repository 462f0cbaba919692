/// Sixteen `Float` lanes: one AVX-512 register, two AVX registers, or four NEON registers.
public typealias Vector = SIMD16<Float>

/// A fixed number of `Float`s in memory that starts on a 64-byte boundary.
///
/// The buffer is padded to whole ``Vector``s; the padding is zero until somebody writes to it.
/// It has one owner, and lends its elements out as spans: one by one, or sixteen at a time.
@safe
public struct AlignedBuffer: ~Copyable, @unchecked Sendable {
  public let count: Int
  private let base: UnsafeMutablePointer<Float>

  /// A buffer of `count` zeros.
  public init(count: Int) {
    precondition(count >= 0, "a buffer cannot hold \(count) elements")
    self.count = count
    let padded = Self.vectorCount(for: count) * Vector.scalarCount
    // SAFETY: the size is that of `padded` floats (at least one vector); freed once, in `deinit`.
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(padded, Vector.scalarCount) * MemoryLayout<Float>.stride, alignment: 64)
    unsafe base = bytes.bindMemory(to: Float.self, capacity: padded)
    unsafe base.initialize(repeating: 0, count: padded)
  }

  public init(_ elements: [Float]) {
    self.init(count: elements.count)
    var target = mutableFloats
    for i in elements.indices { target[i] = elements[i] }
  }

  deinit { unsafe base.deallocate() }

  /// How many vectors hold `count` floats.
  public static func vectorCount(for count: Int) -> Int {
    (count + Vector.scalarCount - 1) / Vector.scalarCount
  }

  public var vectorCount: Int { Self.vectorCount(for: count) }

  // SAFETY (all four): `base` is valid for the padded count as long as `self` lives, and the
  // returned span depends on `self`; a mutable span needs exclusive access to `self`.
  public var floats: Span<Float> {
    @_lifetime(borrow self) get {
      let span = unsafe Span(_unsafeStart: base, count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// A copy of the elements in `range`.
  public func elements(_ range: Range<Int>) -> [Float] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    // SAFETY: in bounds by the precondition; the array copies before `self` can go.
    return unsafe Array(UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
  }

  public var mutableFloats: MutableSpan<Float> {
    @_lifetime(&self) mutating get {
      let span = unsafe MutableSpan(_unsafeStart: base, count: count)
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }

  public var vectors: Span<Vector> {
    @_lifetime(borrow self) get {
      let pointer = unsafe UnsafeRawPointer(base).assumingMemoryBound(to: Vector.self)
      let span = unsafe Span(_unsafeStart: pointer, count: vectorCount)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  public var mutableVectors: MutableSpan<Vector> {
    @_lifetime(&self) mutating get {
      let pointer = unsafe UnsafeMutableRawPointer(base).assumingMemoryBound(to: Vector.self)
      let span = unsafe MutableSpan(_unsafeStart: pointer, count: vectorCount)
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }

  /// Calls `body` with the address of the vectors, for kernels that no span serves.
  mutating func withUnsafeVectors(_ body: (UnsafeMutablePointer<Vector>) -> Void) {
    // SAFETY: as above; the access is exclusive while `body` runs.
    unsafe body(UnsafeMutableRawPointer(base).assumingMemoryBound(to: Vector.self))
  }

  /// Some vectors that one thread writes to while others write to other vectors.
  ///
  /// Unlike ``mutableVectors`` it needs no exclusive access to the buffer: the caller sees to it
  /// that parts in use at the same time do not overlap.
  @_lifetime(borrow self)
  public func concurrentVectors(_ range: Range<Int>) -> MutableSpan<Vector> {
    precondition(range.lowerBound >= 0 && range.upperBound <= vectorCount)
    let pointer = unsafe UnsafeMutableRawPointer(base).assumingMemoryBound(to: Vector.self)
    // SAFETY: in bounds by the precondition; disjoint from other threads' parts by contract.
    let span = unsafe MutableSpan(_unsafeStart: pointer + range.lowerBound, count: range.count)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// Some floats that one thread writes to while others write to other floats; as
  /// ``concurrentVectors(_:)``.
  @_lifetime(borrow self)
  public func concurrentFloats(_ range: Range<Int>) -> MutableSpan<Float> {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    // SAFETY: in bounds by the precondition; disjoint from other threads' parts by contract.
    let span = unsafe MutableSpan(_unsafeStart: base + range.lowerBound, count: range.count)
    return unsafe _overrideLifetime(span, borrowing: self)
  }
}
