import Compute

/// Lines of samples with zeros around each, as ``LineSampling`` reads them.
struct PaddedLines: ~Copyable, Sendable {
  let count: Int
  /// Samples of a line, without the zeros.
  let length: Int
  private let stride: Int
  private let buffer: AlignedBuffer

  /// - Parameter elements: line by line.
  init(_ elements: [Float], count: Int, length: Int) {
    self.init(count: count, length: length) { target, stride in
      let source = elements.span
      for line in 0..<count {
        let first = line * stride + LineSampling.padding
        for i in 0..<length { target[first + i] = source[line * length + i] }
      }
    }
  }

  /// - Parameter elements: sample by sample: line `l` has every `count`th element, from the `l`th on.
  init(transposed elements: [Float], count: Int, length: Int) {
    self.init(count: count, length: length) { target, stride in
      let source = elements.span
      for i in 0..<length {
        for line in 0..<count {
          target[line * stride + LineSampling.padding + i] = source[i * count + line]
        }
      }
    }
  }

  private init(
    count: Int, length: Int, _ fill: (inout MutableSpan<Float>, _ stride: Int) -> Void
  ) {
    self.count = count
    self.length = length
    stride =
      AlignedBuffer.vectorCount(for: length + 2 * LineSampling.padding) * Vector.scalarCount
    var buffer = AlignedBuffer(count: count * stride)
    var target = buffer.mutableFloats
    fill(&target, stride)
    self.buffer = buffer
  }

  /// A line with its zeros.
  subscript(line: Int) -> Span<Float> {
    @_lifetime(borrow self) get {
      let first = line * stride
      return buffer.floats.extracting(first..<first + length + 2 * LineSampling.padding)
    }
  }
}

/// Lines of samples that several threads add to, each to lines of its own.
struct ConcurrentLines: ~Copyable, Sendable {
  let count: Int
  let length: Int
  private let stride: Int
  let buffer: AlignedBuffer

  init(count: Int, length: Int) {
    self.count = count
    self.length = length
    // Whole cache lines, so that threads at neighbouring lines do not disturb each other.
    stride =
      AlignedBuffer.vectorCount(for: length + 2 * LineSampling.padding) * Vector.scalarCount
    buffer = AlignedBuffer(count: count * stride)
  }

  /// Where the samples of a line stand.
  func range(of line: Int) -> Range<Int> {
    let first = line * stride + LineSampling.padding
    return first..<first + length
  }

  /// Where a line stands with room for what falls beside it.
  func paddedRange(of line: Int) -> Range<Int> {
    line * stride..<line * stride + length + 2 * LineSampling.padding
  }

  /// All lines in groups of `size`.
  func bands(of size: Int) -> [Range<Int>] {
    Swift.stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  /// The samples, line by line.
  var elements: [Float] {
    let source = buffer.floats
    var result: [Float] = []
    result.reserveCapacity(count * length)
    for line in 0..<count {
      for i in range(of: line) { result.append(source[i]) }
    }
    return result
  }

  /// The samples, line by line, plus those of lines that run across these.
  func elements(plusTransposed other: borrowing ConcurrentLines) -> [Float] {
    precondition(count == other.length && length == other.count)
    var result = elements
    var target = result.mutableSpan
    let source = other.buffer.floats
    for column in 0..<length {
      let line = other.range(of: column)
      for row in 0..<count { target[row * length + column] += source[line.lowerBound + row] }
    }
    return result
  }
}
