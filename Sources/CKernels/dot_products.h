// Dot products of bytes and of BFloat16 pairs within 32-bit lanes.
#pragma once

#include "vector.h"

typedef int8_t i8x16 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));

#if HAS_DOT_PRODUCTS

/// sum + Σ w · x over the four unsigned bytes of a lane of w and the four signed ones of x.
INLINE i16 dot4(i16 sum, u32x16 w, uint32_t x) {
  return (i16)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)w, _mm512_set1_epi32((int)x));
}

/// sum + w · x of the upper, then of the lower BFloat16 of a lane: two fused products, of which
/// subnormal arguments and results are zero.
INLINE v16 dot2(v16 sum, u32x16 w, uint32_t x) {
  return (v16)_mm512_dpbf16_ps((__m512)sum, (__m512bh)w, (__m512bh)_mm512_set1_epi32((int)x));
}

/// Numbers 0 ... 15 of the low four bits of each lane, less 8.
INLINE v16 nibbles16(u32x16 bits) {
  const v16 numbers = {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7};
  return (v16)_mm512_permutexvar_ps((__m512i)bits, (__m512)numbers);
}

#else

#if HAS_PAIR_PRODUCTS
INLINE __m256i dot4_half(__m256i sum, __m256i w, __m256i x) {
  const __m256i low = _mm256_set1_epi16(0xff);
  __m256i even = _mm256_madd_epi16(_mm256_and_si256(w, low),
                                   _mm256_srai_epi16(_mm256_slli_epi16(x, 8), 8));
  __m256i odd = _mm256_madd_epi16(_mm256_srli_epi16(w, 8), _mm256_srai_epi16(x, 8));
  return _mm256_add_epi32(sum, _mm256_add_epi32(even, odd));
}

INLINE i16 dot4(i16 sum, u32x16 w, uint32_t x) {
  __m256i sums[2], weights[2], inputs = _mm256_set1_epi32((int)x);
  memcpy(sums, &sum, sizeof sum);
  memcpy(weights, &w, sizeof w);
  for (int i = 0; i < 2; i++) sums[i] = dot4_half(sums[i], weights[i], inputs);
  memcpy(&sum, sums, sizeof sum);
  return sum;
}
#else
INLINE i16 dot4(i16 sum, u32x16 w, uint32_t x) {
  for (int i = 0; i < 4; i++) {
    sum += (i16)(w >> (8 * i) & 0xff) * (int32_t)(int8_t)(x >> (8 * i));
  }
  return sum;
}
#endif

INLINE v16 flush16(v16 x) {
  const i16 exponent = (i16)x & 0x7f800000;
  return select16(exponent == 0, (v16)((i16)x & INT32_MIN), x);
}

INLINE v16 dot2(v16 sum, u32x16 w, uint32_t x) {
  const uint32_t upper = x & 0xffff0000, lower = x << 16;
  float factors[2];
  memcpy(&factors[0], &upper, sizeof upper);
  memcpy(&factors[1], &lower, sizeof lower);
  sum = flush16(fma16((v16)(w & 0xffff0000), splat(factors[0]), sum));
  return flush16(fma16((v16)(w << 16), splat(factors[1]), sum));
}

INLINE v16 nibbles16(u32x16 bits) {
  return __builtin_convertvector((i16)(bits & 15) - 8, v16);
}

#endif
