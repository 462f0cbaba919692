import Compute
import Foundation
import Tomography

/// A size of the tomography comparison: a square slice, views over a half turn, bins a pixel wide.
struct CTScan {
  let size: Int
  let views: Int
  let bins: Int

  static let all = [
    CTScan(size: 256, views: 100, bins: 367), CTScan(size: 512, views: 720, bins: 729),
  ]

  var name: String { "\(size)² / \(views) / \(bins)" }

  /// - Parameter bins: as many as the slice has columns for scikit-image, whose slices fill a circle.
  func geometry(_ convention: Convention) -> (ScanGeometry, SliceGrid) {
    (
      ScanGeometry(
        angles: ScanGeometry.angles(from: 0, to: .pi, count: views),
        binCount: convention == .astra ? bins : size, convention: convention),
      SliceGrid(rows: size, columns: size, convention: convention)
    )
  }

  /// Smooth blobs inside the inscribed circle.
  func slice(_ grid: SliceGrid) -> Matrix {
    var random = SplitMix64(seed: 1)
    var result = Matrix(rows: size, columns: size)
    let blobs = (0..<12).map { _ in (0..<4).map { _ in Double(random.nextUniform(bound: 1)) } }
    for row in 0..<size {
      for column in 0..<size {
        let place = grid.position(row: row, column: column)
        let (x, y) = (2 * place.x / Double(size), 2 * place.y / Double(size))
        guard x * x + y * y < 0.9 else { continue }
        let sum = blobs.reduce(0) { sum, blob in
          let (dx, dy, width) = (x - 0.5 * blob[0], y - 0.5 * blob[1], 0.06 + 0.04 * blob[2])
          return sum + (1 + blob[3]) * exp(-(dx * dx + dy * dy) / (2 * width * width))
        }
        result[row, column] = Float(sum)
      }
    }
    return result
  }
}

/// Something that is timed.
enum CTOperation: String, CaseIterable {
  case forward, adjoint, fbp, sirt

  /// The largest relative difference from the peer's result: ASTRA's `linear` is the same
  /// interpolation; its FBP uses the adjoint and ours interpolates between bins; scikit-image turns
  /// the picture.
  func tolerance(_ program: String) -> Double {
    switch (self, program) {
    case (.forward, "scikit-image"): 5e-3
    case (.fbp, "astra"): 2e-2
    case (.sirt, _): 1e-3
    default: 1e-4
    }
  }
}

/// Seconds of one run.
struct CTTime {
  /// Medians over the rounds: the peer, and inr with one thread and with all.
  var peer = 0.0
  var single = 0.0
  var all = 0.0
  var difference = 0.0
}

struct CTContest {
  let workers: Workers
  let peer: Peer?
  let rounds: Int
  let seconds: Double

  struct Result {
    let scan: CTScan
    let program: String
    let operation: CTOperation
    let time: CTTime
  }

  func run() throws -> [Result] {
    var results: [Result] = []
    for scan in CTScan.all {
      for operation in CTOperation.allCases {
        guard operation != .sirt || scan.size == 256 else { continue }
        results.append(try measure(scan, "astra", operation))
        guard operation == .forward || operation == .fbp else { continue }
        results.append(try measure(scan, "scikit-image", operation))
      }
    }
    return results
  }

  private func measure(_ scan: CTScan, _ program: String, _ operation: CTOperation) throws
    -> Result
  {
    progress("tomography \(scan.name), \(operation) against \(program) …")
    let convention: Convention = program == "astra" ? .astra : .scikitImage
    let (geometry, grid) = scan.geometry(convention)
    let slice = scan.slice(grid)
    let input = operation == .forward ? slice : Projector(geometry, grid).project(slice)
    let one = task(operation, geometry, grid, input, Workers(count: 1))
    let all = task(operation, geometry, grid, input, workers)

    var samples: (peer: [Double], one: [Double], all: [Double]) = ([], [], [])
    var time = CTTime()
    try withTemporaryFolder { folder in
      let (inputPath, resultPath) = (folder + "/input.npy", folder + "/result.npy")
      try NumpyArray(shape: [input.rows, input.columns], elements: input.elements)
        .write(to: inputPath)
      for round in 0..<rounds {
        if let peer {
          let reply = try peer.ask([
            "task": "ct", "program": program, "operation": operation.rawValue,
            "size": scan.size, "views": scan.views, "bins": geometry.binCount,
            "input": inputPath, "result": resultPath, "seconds": seconds,
          ])
          guard let median = reply["median"] as? Double else {
            throw Peer.Failure(description: "\(program): \(reply["error"] ?? "no time")")
          }
          samples.peer.append(median)
          if round == 0 {
            let theirs = try NumpyArray.read(resultPath).elements
            time.difference = difference(one(), theirs, grid, operation)
            guard time.difference < operation.tolerance(program) else {
              throw Peer.Failure(
                description: "\(program)'s \(operation) differs from inr's by \(time.difference), "
                  + "expected less than \(operation.tolerance(program))")
            }
          }
        }
        for warmUp in [one, all] { _ = warmUp() }
        samples.one.append(medianRun(seconds: seconds) { _ = one() })
        samples.all.append(medianRun(seconds: seconds) { _ = all() })
      }
    }
    time.peer = samples.peer.isEmpty ? 0 : median(samples.peer)
    time.single = median(samples.one)
    time.all = median(samples.all)
    return Result(scan: scan, program: program, operation: operation, time: time)
  }

  private func task(
    _ operation: CTOperation, _ scan: ScanGeometry, _ grid: SliceGrid, _ input: Matrix,
    _ workers: Workers
  ) -> () -> Matrix {
    let projector = Projector(scan, grid, workers: workers)
    switch operation {
    case .forward: return { projector.project(input) }
    case .adjoint: return { projector.backproject(input) }
    case .fbp:
      let convention: Convention =
        scan.center == Double(scan.binCount - 1) / 2 ? .astra : .scikitImage
      let reconstruction = FilteredBackprojection(
        scan, grid, convention: convention, workers: workers)
      return { reconstruction.reconstruct(input) }
    case .sirt:
      let sirt = SIRT(iterations: 100, isNonNegative: false)
      return {
        do { return try sirt.reconstruct(input, with: projector) } catch {
          preconditionFailure("\(error)")
        }
      }
    }
  }

  /// Relative; of slices within nine tenths of the inscribed circle.
  private func difference(
    _ ours: Matrix, _ theirs: [Float], _ grid: SliceGrid, _ operation: CTOperation
  ) -> Double {
    guard ours.elements.count == theirs.count else { return .infinity }
    let inside = grid.circle(radius: 0.9 * grid.inscribedRadius)
    var (difference, size) = (0.0, 0.0)
    for i in theirs.indices where operation == .forward || inside[i] {
      let (x, y) = (Double(ours.elements[i]), Double(theirs[i]))
      difference += (x - y) * (x - y)
      size += y * y
    }
    return (difference / size).squareRoot()
  }
}
