// bfloat16 is a float without its lower sixteen bits. Swift has no name for the instructions that
// multiply such numbers, so these functions stand in C; where there are none, plain arithmetic does it.
//
// A lane of 32 bits holds a pair: the first number in its lower half, the second in its upper half.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#ifdef __AVX512BF16__
#include <immintrin.h>
#endif

typedef float cbfloat16_lanes __attribute__((ext_vector_type(16)));
typedef uint32_t cbfloat16_bits __attribute__((ext_vector_type(16)));

// Whether the processor that this is compiled for multiplies pairs by itself.
static inline __attribute__((always_inline)) bool cbfloat16_is_native(void) {
#ifdef __AVX512BF16__
  return true;
#else
  return false;
#endif
}

// To the nearest, halves to even. (What is not a number may become infinite.)
static inline __attribute__((always_inline)) cbfloat16_bits cbfloat16_rounded(cbfloat16_lanes x) {
  cbfloat16_bits bits = (cbfloat16_bits)x;
  return (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000;
}

// Lane by lane (first, second).
static inline __attribute__((always_inline)) cbfloat16_lanes cbfloat16_pair(
    cbfloat16_lanes first, cbfloat16_lanes second) {
  return (cbfloat16_lanes)((cbfloat16_rounded(first) >> 16) | cbfloat16_rounded(second));
}

// Lane by lane, sum plus both products of the pairs a and b. The instruction takes numbers below
// 2^-126 for zeros.
static inline __attribute__((always_inline)) cbfloat16_lanes cbfloat16_add_products(
    cbfloat16_lanes sum, cbfloat16_lanes a, cbfloat16_lanes b) {
#ifdef __AVX512BF16__
  return (cbfloat16_lanes)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
#else
  cbfloat16_bits x = (cbfloat16_bits)a, y = (cbfloat16_bits)b;
  sum += (cbfloat16_lanes)(x << 16) * (cbfloat16_lanes)(y << 16);
  return sum + (cbfloat16_lanes)(x & 0xffff0000) * (cbfloat16_lanes)(y & 0xffff0000);
#endif
}
