import Compute
import Foundation
import Imaging
import Networks
import SplineGeometry
import Training

/// How a measure of ReLU networks depends on their number of neurons, at initialisation and through
/// training: what `lines`, `planes` and `distance` have in common.
///
/// Networks of two coordinates, initialised as the program does it (He's uniform weights, PyTorch's
/// biases), are fitted to a photograph on [−1, 1]². Hanin and Rolnick train classifiers of MNIST with
/// biases near 0; their theorems hold for both.
struct NeuronScaling: Sendable {
  /// Hidden layers, and neurons of all of them together.
  struct Shape: Sendable, Hashable {
    let layers: Int
    let neurons: Int

    var width: Int { neurons / layers }
  }

  var initialShapes = [1, 2, 3, 4].flatMap { layers in
    [24, 48, 96, 192, 384].map { Shape(layers: layers, neurons: $0) }
  }
  var initialSeeds = 20
  var trainedShapes = [1, 2, 4].flatMap { layers in
    [48, 96, 192].map { Shape(layers: layers, neurons: $0) }
  }
  var trainedSeeds = 3
  var marks = [0, 10, 30, 100, 300, 1000, 3000]
  var side = 128
  var batch = 512
  /// Of Adam, as in the papers.
  var learningRate = 1e-3
  /// How near the exponent must be to the predicted one, as a share of it.
  var exponentTolerance = 0.15
  /// The largest factor between depths, and the largest one between before and after training.
  var largestFactor = 2.0

  var quick: NeuronScaling {
    var copy = self
    copy.initialShapes = [1, 2].flatMap { layers in
      [8, 16].map { Shape(layers: layers, neurons: $0) }
    }
    copy.initialSeeds = 2
    copy.trainedShapes = copy.initialShapes
    copy.trainedSeeds = 1
    copy.marks = [0, 2, 4]
    copy.side = 16
    copy.batch = 64
    return copy
  }

  /// What is measured, and how the theory says it grows.
  struct Quantity: Sendable {
    /// For the axes.
    let label: String
    /// For the sentence.
    let subject: String
    /// The predicted power of the number of neurons.
    let exponent: Double
    let prediction: String
    let measure: @Sendable (SplineNetwork, _ seed: UInt64) throws -> Double
  }

  // MARK: - Running

  private struct Result {
    /// `[shapes]`: means over the seeds, and the standard deviations.
    var initial: [(shape: Shape, mean: Double, deviation: Double)] = []
    /// `[shapes][marks]`: means over the seeds.
    var trained: [(shape: Shape, means: [Double])] = []
  }

  func run(_ quantity: Quantity, name: String, in laboratory: Laboratory) throws -> Finding {
    let result = try measure(quantity, in: laboratory)
    let (verdict, measured) = judge(result, quantity)
    return Finding(
      verdict: verdict, measured: measured, tables: tables(result),
      figures: [Figure(name, charts: charts(result, quantity))])
  }

  private func network(_ shape: Shape, seed: UInt64) -> Network {
    var architecture = Architecture(activation: ReLU.name)
    architecture.width = shape.width
    architecture.hiddenLayers = shape.layers - 1
    return architecture.makeNetwork(inputs: 2, outputs: 1, seed: seed)
  }

  private func measure(_ quantity: Quantity, in laboratory: Laboratory) throws -> Result {
    var result = Result()
    for shape in initialShapes {
      let values = try (0..<UInt64(initialSeeds)).map { seed in
        try quantity.measure(SplineNetwork(network(shape, seed: seed)), seed)
      }
      let average = mean(values)
      let variance =
        values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(values.count - 1)
      result.initial.append((shape, average, variance.squareRoot()))
    }
    let samples = PointSamples(try laboratory.photograph(side: side))
    var configuration = TrainingConfiguration()
    configuration.schedule = Schedule(.constant)
    configuration.learningRate = learningRate
    configuration.batch = batch
    configuration.steps = marks[marks.count - 1]
    for shape in trainedShapes {
      var sums = [Double](repeating: 0, count: marks.count)
      for seed in 0..<UInt64(trainedSeeds) {
        configuration.seed = seed
        var mark = 0
        _ = try samples.train(
          network(shape, seed: seed), configuration, showingAt: marks,
          workers: laboratory.workers
        ) { _, network in
          sums[mark] += try quantity.measure(SplineNetwork(network), seed)
          mark += 1
        }
      }
      result.trained.append((shape, sums.map { $0 / Double(trainedSeeds) }))
    }
    return result
  }

  // MARK: - Judging

  private func judge(_ result: Result, _ quantity: Quantity) -> (Finding.Verdict, String) {
    func fit(_ points: [(shape: Shape, value: Double)]) -> LinearFit {
      LinearFit(points.map { SIMD2(log(Double($0.shape.neurons)), log($0.value)) })
    }
    let initial = fit(result.initial.map { ($0.shape, $0.mean) })
    let trained = fit(result.trained.map { ($0.shape, $0.means[marks.count - 1]) })
    let byLayers = Dictionary(grouping: result.initial, by: \.shape.layers).mapValues { group in
      mean(group.map { constant($0.mean, $0.shape, quantity) })
    }.sorted { $0.key < $1.key }
    let constants = byLayers.map(\.value)
    let depthFactor = (constants.max() ?? 1) / (constants.min() ?? 1)
    let changes = result.trained.map { $0.means[marks.count - 1] / $0.means[0] }
    let (least, greatest) = (changes.min() ?? 1, changes.max() ?? 1)
    func isNear(_ fit: LinearFit) -> Bool {
      abs(fit.slope - quantity.exponent) <= exponentTolerance * abs(quantity.exponent)
    }
    let verdict = Finding.Verdict(
      isNear(initial), isNear(trained), depthFactor <= largestFactor,
      greatest <= largestFactor && least >= 1 / largestFactor)
    let factors = byLayers.map { "\(text($0.value)) with \($0.key)" }.joined(separator: ", ")
    return (
      verdict,
      "\(quantity.subject) as neurons^\(text(initial.slope)) at initialisation "
        + "(R² \(text(initial.explainedShare)); predicted \(quantity.prediction)), with factors that "
        + "depend on depth by at most \(text(depthFactor)) (\(factors) hidden layers), and as "
        + "neurons^\(text(trained.slope)) after \(marks[marks.count - 1]) steps; training changes "
        + "the measure by factors of \(text(least)) to \(text(greatest))\(turn(result, quantity))."
    )
  }

  /// Where the networks' mean change turns on the way, if it does: a dip of counts, a rise of distances.
  private func turn(_ result: Result, _ quantity: Quantity) -> String {
    let changes = marks.indices.map { mark in
      exp(mean(result.trained.map { log($0.means[mark] / $0.means[0]) }))
    }
    let isDip = quantity.exponent > 0
    guard
      let turn = changes.indices.min(by: {
        isDip ? changes[$0] < changes[$1] : changes[$0] > changes[$1]
      }), turn > 0, turn < marks.count - 1
    else { return "" }
    let (factor, step) = (text(changes[turn]), marks[turn])
    return ", with a \(isDip ? "dip" : "rise") to \(factor) at step \(step) on average"
  }

  /// The measure without the predicted growth.
  private func constant(_ value: Double, _ shape: Shape, _ quantity: Quantity) -> Double {
    value / pow(Double(shape.neurons), quantity.exponent)
  }

  // MARK: - Showing

  private func tables(_ result: Result) -> [Table] {
    var initial = Table(
      "initialisation", columns: ["hidden_layers", "width", "neurons", "mean", "deviation"])
    for (shape, mean, deviation) in result.initial {
      initial.append(
        .count(shape.layers), .count(shape.width), .count(shape.neurons), .number(mean),
        .number(deviation))
    }
    var trained = Table(
      "training", columns: ["hidden_layers", "width", "neurons", "step", "mean"])
    for (shape, means) in result.trained {
      for (mark, mean) in zip(marks, means) {
        trained.append(
          .count(shape.layers), .count(shape.width), .count(shape.neurons), .count(mark),
          .number(mean))
      }
    }
    return [initial, trained]
  }

  private func charts(_ result: Result, _ quantity: Quantity) -> [LineChart] {
    let depths = Set(initialShapes.map(\.layers)).sorted()
    let neurons = Set(initialShapes.map(\.neurons)).sorted().map(Double.init)
    let constants = result.initial.map { constant($0.mean, $0.shape, quantity) }
    let curves = depths.map { layers in
      let points = result.initial.filter { $0.shape.layers == layers }
      return LineChart.Series(
        layers == 1 ? "1 layer" : "\(layers) layers", x: points.map { Double($0.shape.neurons) },
        y: points.map(\.mean))
    }
    let predicted = LineChart.Series(
      "predicted", x: neurons, y: neurons.map { mean(constants) * pow($0, quantity.exponent) })
    let initial = LineChart(
      title: "At initialisation", xAxis: LineChart.Axis("neurons", scale: .logarithmic),
      yAxis: LineChart.Axis(quantity.label, scale: .logarithmic), series: curves + [predicted])
    let training = Set(trainedShapes.map(\.layers)).sorted().map { layers in
      LineChart(
        title: layers == 1 ? "Training, 1 layer" : "Training, \(layers) layers",
        xAxis: LineChart.Axis("steps + 1", scale: .logarithmic),
        yAxis: LineChart.Axis(quantity.label, scale: .logarithmic),
        series: result.trained.filter { $0.shape.layers == layers }.map { shape, means in
          LineChart.Series("\(shape.neurons) neurons", x: marks.map { Double($0 + 1) }, y: means)
        })
    }
    return [initial] + training
  }
}
