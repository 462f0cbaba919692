import Compute
import Foundation
import TestSupport
import Testing
import Tomography

@Suite struct NonLocalMeansTests {
  private func noise(_ rows: Int, _ columns: Int, seed: UInt64 = 1) -> Matrix {
    var random = SplitMix64(seed: seed)
    return .random(rows, columns, bound: 0.5, using: &random)
  }

  /// By its definition, in double precision.
  private func reference(_ slice: Matrix, strength: Double) -> [Double] {
    func folded(_ index: Int, _ count: Int) -> Int {
      var i = index
      while i < 0 || i >= count {
        if count == 1 { return 0 }
        i = i < 0 ? -i : 2 * (count - 1) - i
      }
      return i
    }
    func pixel(_ row: Int, _ column: Int) -> Double {
      Double(slice[folded(row, slice.rows), folded(column, slice.columns)])
    }
    var result: [Double] = []
    for row in 0..<slice.rows {
      for column in 0..<slice.columns {
        var (sum, total) = (0.0, 0.0)
        for dy in -7...7 {
          for dx in -7...7 {
            var distance = 0.0
            for i in -2...2 {
              for j in -2...2 {
                let difference =
                  pixel(row + i, column + j) - pixel(row + dy + i, column + dx + j)
                distance += difference * difference / 25
              }
            }
            let weight = exp(-distance / (strength * strength))
            sum += weight * pixel(row + dy, column + dx)
            total += weight
          }
        }
        result.append(sum / total)
      }
    }
    return result
  }

  // Around 2, so that all pixels count relatively; single precision leaves about 1e-6.
  @Test(arguments: [(1, 1), (1, 9), (7, 5), (2, 17), (33, 20)], [0.05, 0.4])
  func itIsTheDefinition(size: (rows: Int, columns: Int), strength: Double) {
    var slice = noise(size.rows, size.columns)
    for i in slice.elements.indices { slice.elements[i] += 2 }
    let found = NonLocalMeans(strength: Float(strength)).apply(
      to: slice, workers: Workers(count: 2))
    #expect(found.rows == size.rows && found.columns == size.columns)
    #expect(
      relativeDeviation(found.elements, from: reference(slice, strength: strength)) < 1e-5)
  }

  @Test func aConstantStays() {
    let slice = Matrix(rows: 9, columns: 21, elements: Array(repeating: 0.3, count: 189))
    let found = NonLocalMeans(strength: 0.1).apply(to: slice, workers: Workers(count: 1))
    #expect(found.elements.allSatisfy { abs($0 - 0.3) < 1e-6 })
  }

  @Test func withoutStrengthOrWithHardlyAnyTheSliceStays() {
    let slice = noise(12, 18)
    for strength: Float in [0, 1e-30, 1e-10] {
      let found = NonLocalMeans(strength: strength).apply(to: slice, workers: Workers(count: 2))
      #expect(
        relativeDeviation(found.elements, from: slice.elements.map(Double.init)) < 1e-6,
        "\(strength)")
    }
  }

  @Test func noiseFadesAndEdgesStay() {
    var slice = noise(32, 32)
    for i in slice.elements.indices {
      slice.elements[i] *= 0.1
      if i % 32 >= 16 { slice.elements[i] += 1 }
    }
    let found = NonLocalMeans(strength: 0.1).apply(to: slice, workers: Workers(count: 2))
    func roughness(_ matrix: Matrix) -> Float {
      (0..<1024).reduce(0) { $0 + abs(matrix.elements[$1] - ($1 % 32 >= 16 ? 1 : 0)) } / 1024
    }
    #expect(roughness(found) < 0.3 * roughness(slice))
    #expect(found[16, 16] - found[16, 15] > 0.95)
  }

  @Test func theResultDoesNotDependOnTheThreads() {
    let slice = noise(70, 37)
    let results = (1...4).map {
      NonLocalMeans(strength: 0.3).apply(to: slice, workers: Workers(count: $0))
    }
    #expect(results.dropFirst().allSatisfy { $0 == results[0] })
  }
}
