// Sixteen Float32 lanes: loads that widen, sums in one fixed order, and the exponential.
//
// Included once per instruction set. Operations map lane by lane, so the set changes no result.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"

#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))
#define LANES 16

typedef float v16 __attribute__((vector_size(64)));
typedef int32_t i16 __attribute__((vector_size(64)));
typedef uint32_t u32x16 __attribute__((vector_size(64)));
typedef uint32_t u32x8 __attribute__((vector_size(32)));
typedef uint16_t u16x16 __attribute__((vector_size(32)));
typedef float v4 __attribute__((vector_size(16)));

INLINE v16 splat(float x) { return (v16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }

#if HAS_FUSED_MULTIPLY_ADD
INLINE v16 fma16(v16 a, v16 b, v16 c) { return __builtin_elementwise_fma(a, b, c); }
#else
static __attribute__((noinline)) void fuse_lanes(const v16 *a, const v16 *b, v16 *c) {
  for (int i = 0; i < LANES; i++) (*c)[i] = __builtin_fmaf((*a)[i], (*b)[i], (*c)[i]);
}

/// Rounded once like the hardware's, by the C library.
INLINE v16 fma16(v16 a, v16 b, v16 c) {
  fuse_lanes(&a, &b, &c);
  return c;
}
#endif

INLINE v16 select16(i16 mask, v16 a, v16 b) { return (v16)((mask & (i16)a) | (~mask & (i16)b)); }

INLINE v16 load16(const float *p) {
  v16 v;
  memcpy(&v, p, sizeof v);
  return v;
}

INLINE void store16(float *p, v16 v) { memcpy(p, &v, sizeof v); }

/// The first `count` lanes from memory, 16 at most, and `fill` in the others.
INLINE v16 load_some(const float *p, ptrdiff_t count, float fill) {
#if HAS_MASKS
  return (v16)_mm512_mask_loadu_ps((__m512)splat(fill), (__mmask16)((1u << count) - 1), p);
#endif
  v16 v = splat(fill);
  memcpy(&v, p, (size_t)count * sizeof(float));
  return v;
}

INLINE void store_some(float *p, v16 v, ptrdiff_t count) {
#if HAS_MASKS
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), (__m512)v);
  return;
#endif
  memcpy(p, &v, (size_t)count * sizeof(float));
}

// MARK: Widening

INLINE size_t element_size(tacit_element element) { return element == TACIT_FLOAT32 ? 4 : 2; }

/// Sixteen elements from `index` on, widened to Float32.
INLINE v16 load_element(const void *data, ptrdiff_t index, tacit_element element) {
  const char *p = (const char *)data + (size_t)index * element_size(element);
  if (element == TACIT_FLOAT32) return load16((const float *)p);
  u16x16 bits;
  memcpy(&bits, p, sizeof bits);
  if (element == TACIT_BFLOAT16) return (v16)(__builtin_convertvector(bits, u32x16) << 16);
#if HAS_HALF_CONVERSION
  typedef _Float16 h16 __attribute__((vector_size(32)));
  return __builtin_convertvector((h16)bits, v16);
#else
  // Exponent and fraction moved into place, then scaled by 2^112: exact, subnormal halves included.
  u32x16 wide = __builtin_convertvector(bits, u32x16);
  u32x16 magnitude = (wide & 0x7fff) << 13;
  u32x16 special = (u32x16)((wide & 0x7c00) == 0x7c00) & 0x7f800000;
  return (v16)((u32x16)((v16)magnitude * 0x1p112f) | special | (wide & 0x8000) << 16);
#endif
}

/// Float16 bits of 16 numbers, rounded to nearest even; no NaN and nothing larger than 65504.
INLINE u16x16 float16_bits(v16 v) {
#if HAS_HALF_CONVERSION
  typedef _Float16 h16 __attribute__((vector_size(32)));
  return (u16x16)__builtin_convertvector(v, h16);
#else
  u16x16 bits;
  for (int i = 0; i < LANES; i++) bits[i] = tacit_round_float16(v[i]);
  return bits;
#endif
}

/// The first `count` of sixteen elements, zeros after them.
INLINE v16 load_some_elements(const void *data, ptrdiff_t index, ptrdiff_t count,
                              tacit_element element) {
  char buffer[64] = {0};
  memcpy(buffer, (const char *)data + (size_t)index * element_size(element),
         (size_t)count * element_size(element));
  return load_element(buffer, 0, element);
}

// MARK: Sums

/// Four sums of 16 lanes: i with i + 8, then i + 4, i + 2, i + 1.
INLINE v4 sum_lanes(v16 a, v16 b, v16 c, v16 d) {
#define SHUFFLE __builtin_shufflevector
  v16 ab = SHUFFLE(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
           SHUFFLE(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  v16 cd = SHUFFLE(c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
           SHUFFLE(c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  v16 four = SHUFFLE(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
             SHUFFLE(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  v16 two = four + SHUFFLE(four, four, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  v16 one = two + SHUFFLE(two, two, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
  return SHUFFLE(one, one, 0, 4, 8, 12);
#undef SHUFFLE
}

/// The sum of 16 lanes in the order of `sum_lanes`.
INLINE float sum16(v16 v) { return sum_lanes(v, v, v, v)[0]; }

/// The largest of 16 lanes, none of which is NaN.
INLINE float max16(v16 v) {
#define SHUFFLE __builtin_shufflevector
  const v16 eight = SHUFFLE(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  v = select16(eight > v, eight, v);
  const v16 four = SHUFFLE(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
  v = select16(four > v, four, v);
  const v16 two = SHUFFLE(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  v = select16(two > v, two, v);
  const v16 one = SHUFFLE(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
  return select16(one > v, one, v)[0];
#undef SHUFFLE
}

// MARK: Functions

/// e to the power x, within 1 ulp; subnormal results are rounded twice.
INLINE v16 exp16(v16 x) {
  v16 c = select16(x > 89.0f, splat(89.0f), x);
  c = select16(c < -104.0f, splat(-104.0f), c);
  const v16 magic = splat(0x1.8p23f);
  v16 shifted = fma16(c, splat(0x1.715476p0f), magic);
  v16 n = shifted - magic;
  v16 r = fma16(n, splat(-0x1.62e4p-1f), c);
  r = fma16(n, splat(-0x1.7f7d1cp-20f), r);
  v16 p = splat(0.0013951717410236597f);
  p = fma16(p, r, splat(0.008369598537683487f));
  p = fma16(p, r, splat(0.0416661873459816f));
  p = fma16(p, r, splat(0.16666512191295624f));
  p = fma16(p, r, splat(0.5f));
  p = fma16(p * r, r, r) + 1.0f;
  i16 exponent = (i16)shifted - (i16)magic;
  i16 half = exponent >> 1;
  v16 low = (v16)((half + 127) << 23);
  v16 high = (v16)((exponent - half + 127) << 23);
  return p * low * high;
}

/// 1 / (1 + e^-x).
INLINE v16 sigmoid16(v16 x) { return 1.0f / (1.0f + exp16(-x)); }

/// The error function, within 2e-7: an odd polynomial below 1, 1 - exp(polynomial) above.
INLINE v16 erf16(v16 x) {
  const i16 sign = (i16)x & INT32_MIN;
  v16 a = (v16)((i16)x & INT32_MAX);
  v16 t = a * a;
  v16 p = splat(7.889119297033176e-05f);
  p = fma16(p, t, splat(-0.0008020841050893068f));
  p = fma16(p, t, splat(0.005189535208046436f));
  p = fma16(p, t, splat(-0.026854444295167923f));
  p = fma16(p, t, splat(0.11283600330352783f));
  p = fma16(p, t, splat(-0.3761262595653534f));
  p = fma16(p, t, splat(0.12837916612625122f));
  v16 small = fma16(a, p, a);
  v16 b = select16(a > 4.0f, splat(4.0f), a);
  v16 q = splat(2.149611282220576e-05f);
  q = fma16(q, b, splat(-0.0004391063703224063f));
  q = fma16(q, b, splat(0.004193610977381468f));
  q = fma16(q, b, splat(-0.02517896704375744f));
  q = fma16(q, b, splat(0.10837247967720032f));
  q = fma16(q, b, splat(0.6332626342773438f));
  q = fma16(q, b, splat(1.1295567750930786f));
  q = fma16(q, b, splat(-0.000183444150025025f));
  v16 large = 1.0f - exp16(-q);
  return (v16)((i16)select16(a < 1.0f, small, large) | sign);
}
