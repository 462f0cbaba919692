import Compute
import Testing

@Suite struct AlignedBufferTests {
  @Test(arguments: [0, 1, 7, 16, 33])
  func startsAsZerosPaddedToWholeVectors(count: Int) {
    let buffer = AlignedBuffer(count: count)
    #expect(buffer.count == count)
    #expect(buffer.vectorCount * 16 >= count && buffer.vectorCount * 16 < count + 16)
    #expect(buffer.floats.count == count)
    #expect(buffer.elements(0..<count) == [Float](repeating: 0, count: count))
    let vectors = buffer.vectors
    for i in vectors.indices { #expect(vectors[i] == Vector(repeating: 0)) }
  }

  @Test func vectorsAndFloatsAreTheSameMemory() {
    var buffer = AlignedBuffer((0..<20).map { Float($0) })
    var vectors = buffer.mutableVectors
    vectors[1] *= 10
    #expect(buffer.elements(14..<20) == [14, 15, 160, 170, 180, 190])
  }

  @Test func piecesAreCopiedClearedAndTransposed() {
    var buffer = AlignedBuffer(count: 12)
    buffer.fill(with: 7)
    buffer.copy([1, 2, 3, 4, 5, 6], to: 3)
    buffer.clear(0..<2)
    #expect(buffer.elements(0..<12) == [0, 0, 7, 1, 2, 3, 4, 5, 6, 7, 7, 7])
    // Two rows 4 apart of which three columns are wanted, column by column.
    #expect(buffer.transposed(rows: 2, columns: 3, stride: 4) == [0, 2, 0, 3, 7, 4])
  }

  @Test func partsForThreadsAreThePartsAskedFor() {
    let buffer = AlignedBuffer(count: 64)
    var part = buffer.concurrentVectors(1..<3)
    for i in part.indices { part[i] = Vector(repeating: Float(i + 1)) }
    let expected = [0, 1, 2, 0].flatMap { [Float](repeating: $0, count: 16) }
    #expect(buffer.elements(0..<64) == expected)
  }

  @Test func matrixElementsStandRowByRow() {
    var matrix = Matrix(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6])
    matrix[1, 0] = 40
    #expect(matrix.elements == [1, 2, 3, 40, 5, 6])
    #expect(matrix[0, 2] == 3)
    #expect(Matrix(rows: 2, columns: 2).elements == [0, 0, 0, 0])
  }
}
