// Whether a thread's floating-point arithmetic takes subnormal numbers for zeros, as operands and as
// results. Where the processor has no switch for it, nothing happens.
#pragma once
#include <stdint.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

// Makes the calling thread's arithmetic take subnormal numbers for zeros; returns what it was like before.
static inline uint64_t csubnormals_flush(void) {
#if defined(__SSE2__)
  const unsigned flush_to_zero = 1u << 15, denormals_are_zero = 1u << 6;
  unsigned before = _mm_getcsr();
  _mm_setcsr(before | flush_to_zero | denormals_are_zero);
  return before;
#elif defined(__aarch64__)
  uint64_t before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" : : "r"(before | (UINT64_C(1) << 24)));
  return before;
#else
  return 0;
#endif
}

// Makes the calling thread's arithmetic what it was like before.
static inline void csubnormals_restore(uint64_t before) {
#if defined(__SSE2__)
  _mm_setcsr((unsigned)before);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(before));
#else
  (void)before;
#endif
}
