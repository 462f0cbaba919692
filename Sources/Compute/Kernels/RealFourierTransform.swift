import CFFTW
import Synchronization

/// The discrete Fourier transform of real sequences of one length, in single precision, by FFTW.
///
/// - Shapes: `length` samples, and `length / 2 + 1` pairs (real part, imaginary part); neither
///   direction is scaled, so that there and back multiplies by `length`.
@safe
public final class RealFourierTransform: Sendable {
  public let length: Int
  /// Pairs of a spectrum.
  public var frequencyCount: Int { length / 2 + 1 }
  private nonisolated(unsafe) let forwardPlan: fftwf_plan
  private nonisolated(unsafe) let inversePlan: fftwf_plan

  /// Plans made so far. Only planning is not safe on several threads at once; plans themselves are.
  private static let plans = Mutex<[Int: RealFourierTransform]>([:])

  /// The transform of this length; its plans are made once and shared.
  public static func ofLength(_ length: Int) -> RealFourierTransform {
    plans.withLock { plans in
      if let plan = plans[length] { return plan }
      let plan = RealFourierTransform(length: length)
      plans[length] = plan
      return plan
    }
  }

  private init(length: Int) {
    precondition(length > 0 && length <= Int(Int32.max), "a transform cannot have length \(length)")
    self.length = length
    var samples = AlignedBuffer(count: length)
    var spectrum = AlignedBuffer(count: 2 * (length / 2 + 1))
    // An estimate, so that every run on a machine takes the same steps and gives the same bits.
    let flags = UInt32(FFTW_ESTIMATE)
    // SAFETY: the arrays have the lengths that FFTW expects; it writes to neither when it estimates.
    // The plans are for arrays that start on 64 bytes, as all buffers do.
    (unsafe forwardPlan, unsafe inversePlan) = unsafe samples.withPointers(&spectrum) {
      samples, spectrum in
      let forward = unsafe fftwf_plan_dft_r2c_1d(Int32(length), samples, spectrum, flags)
      let inverse = unsafe fftwf_plan_dft_c2r_1d(Int32(length), spectrum, samples, flags)
      guard let forward = unsafe forward, let inverse = unsafe inverse else {
        preconditionFailure("FFTW cannot plan a transform of length \(length)")
      }
      return unsafe (forward, inverse)
    }
  }

  /// Fills `spectrum` from `samples`.
  public func forward(_ samples: inout AlignedBuffer, into spectrum: inout AlignedBuffer) {
    check(samples, spectrum)
    // SAFETY: counts are checked, alignment is that of every buffer.
    unsafe samples.withPointers(&spectrum) { samples, spectrum in
      unsafe fftwf_execute_dft_r2c(forwardPlan, samples, spectrum)
    }
  }

  /// Fills `samples` from `spectrum`, which is overwritten.
  public func inverse(_ spectrum: inout AlignedBuffer, into samples: inout AlignedBuffer) {
    check(samples, spectrum)
    // SAFETY: counts are checked, alignment is that of every buffer.
    unsafe samples.withPointers(&spectrum) { samples, spectrum in
      unsafe fftwf_execute_dft_c2r(inversePlan, spectrum, samples)
    }
  }

  private func check(_ samples: borrowing AlignedBuffer, _ spectrum: borrowing AlignedBuffer) {
    let counts = (samples.count, spectrum.count)
    precondition(
      counts.0 == length && counts.1 == 2 * frequencyCount,
      "a transform of length \(length) was given \(counts.0) samples and \(counts.1) numbers")
  }
}

extension AlignedBuffer {
  // SAFETY: the pointers do not outlive the call; a pair of floats is laid out as FFTW's complex.
  fileprivate mutating func withPointers<Result>(
    _ spectrum: inout AlignedBuffer,
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<fftwf_complex>) -> Result
  ) -> Result {
    var samples = mutableFloats
    var pairs = spectrum.mutableFloats
    return unsafe samples.withUnsafeMutableBufferPointer { samples in
      unsafe pairs.withUnsafeMutableBufferPointer { pairs in
        let complex = unsafe UnsafeMutableRawPointer(pairs.baseAddress.unsafelyUnwrapped)
          .assumingMemoryBound(to: fftwf_complex.self)
        return unsafe body(samples.baseAddress.unsafelyUnwrapped, complex)
      }
    }
  }
}
