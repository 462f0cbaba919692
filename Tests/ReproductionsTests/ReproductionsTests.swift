import Compute
import Foundation
import Reproductions
import Testing

struct ReproductionsTests {
  private static let data = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("data").path

  /// The quick configurations run the same code as the full ones.
  @Test(arguments: Reproductions.all.indices)
  func anExperimentWritesTablesFiguresAndASentenceOfItsNumbers(number: Int) throws {
    let type = Reproductions.all[number]
    let laboratory = Laboratory(workers: Workers(count: 2), data: Self.data)
    let finding = try type.init().quick.run(in: laboratory)
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("reproductions-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }

    try Reproductions.write(finding, of: type, to: folder)

    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(!finding.figures.isEmpty && !finding.tables.isEmpty)
    for figure in finding.figures {
      #expect(files.contains { $0 == "\(figure.name).svg" || $0 == "\(figure.name).png" })
    }
    for table in finding.tables {
      #expect(!table.rows.isEmpty && table.rows.allSatisfy { $0.count == table.columns.count })
      #expect(table.rows.joined().allSatisfy { !$0.contains("nan") && !$0.contains("inf") })
    }
    #expect(finding.measured.contains { $0.isNumber } && !finding.measured.contains("nan"))
  }

  @Test(arguments: Reproductions.all.indices)
  func theTablesAreTheSameForAnyNumberOfThreads(number: Int) throws {
    let experiment = Reproductions.all[number].init().quick
    let tables = try [1, 3].map { threads in
      let laboratory = Laboratory(workers: Workers(count: threads), data: Self.data)
      return try experiment.run(in: laboratory).tables.map(\.csv)
    }
    #expect(tables[0] == tables[1])
  }

  @Test func aPowerLawIsALineOfLogarithms() {
    let points = [8.0, 16, 64].map { SIMD2(log($0), log(3 * $0 * $0)) }
    let fit = LinearFit(points)
    // Four digits would do for the sentences; these are sums of three numbers near 1.
    #expect(abs(fit.slope - 2) < 1e-12 && abs(exp(fit.intercept) - 3) < 1e-11)
    #expect(abs(fit.explainedShare - 1) < 1e-12)
  }

  @Test func ranksDoNotSeeHowLargeValuesAre() {
    #expect(abs(rankCorrelation([1, 2, 3, 4], [1, 10, 11, 1000]) - 1) < 1e-12)
    #expect(abs(rankCorrelation([1, 2, 3, 4], [9, 8, 7, -100]) + 1) < 1e-12)
    // Equal values share their mean rank: (1, 2.5, 2.5, 4) against (1, 2, 3, 4) is 3 / √10.
    #expect(abs(rankCorrelation([1, 2, 2, 4], [1, 2, 3, 4]) - 3 / 10.0.squareRoot()) < 1e-12)
  }
}
