import Compute
import Synchronization
import Testing

@Suite struct SubnormalsTests {
  /// 2⁻¹⁰⁰ · 2⁻⁴⁰, which the compiler cannot multiply itself.
  private static func tinyProduct(_ factor: Float = Float.random(in: 1...1)) -> Float {
    (factor * 0x1p-100) * (factor * 0x1p-40)
  }

  @Test func productsBelowTheNormalNumbersAreZeroInsideAlone() {
    let (before, inside) = (Self.tinyProduct(), Subnormals.flushed { Self.tinyProduct() })
    #expect(before == 0x1p-140)
    #expect(inside == 0)
    #expect(Self.tinyProduct() == 0x1p-140)
  }

  @Test func innerScopesLeaveTheOuterOneAsItIs() {
    let products = Subnormals.flushed {
      let inner = Subnormals.flushed { Self.tinyProduct() }
      return [inner, Self.tinyProduct()]
    }
    #expect(products == [0, 0])
  }

  @Test func anErrorEndsTheScope() {
    struct Failure: Error {}
    #expect(throws: Failure.self) {
      try Subnormals.flushed { throw Failure() }
    }
    #expect(Self.tinyProduct() == 0x1p-140)
  }

  @Test(arguments: [1, 4])
  func otherWorkOfTheSameThreadsHasThemStill(threads: Int) {
    let workers = Workers(count: threads)
    _ = workers.map(100) { _, _ in Subnormals.flushed { Self.tinyProduct() } }
    let products = workers.map(100) { _, _ in Self.tinyProduct() }
    #expect(products == [Float](repeating: 0x1p-140, count: 100))
  }
}
