// Sums of products of a few rows with tiles of 16 outputs, a lane for each.
//
// An output's sum has one order, whatever the rows and tiles of a block: blocks of 32 inputs from
// first to last, each block's sum times its scale fused to the total. Within a block the exact
// product is one fused chain, in the order of the bytes; that of rounded activations is an integer
// sum, which has no rounding. BFloat16 products follow vdpbf16ps (see `dot2`).
#pragma once

#include "packed_rows.h"

/// What a product reads.
typedef enum packed_product {
  EXACT_Q8_0,
  EXACT_Q4_0,
  ROUNDED_Q8_0,
  ROUNDED_Q4_0,
  ROUNDED_BFLOAT16,
} packed_product;

/// Sums that a block of rows and tiles has in registers. Rows of blocks come in powers of two, up to
/// TILE_ROWS; rounded BFloat16, which needs no totals beside them, also in MIDDLE_ROWS and
/// PAIRED_ROWS.
enum { MAXIMUM_SUMS = 2 * MIDDLE_ROWS > 4 * TILE_COUNT ? 2 * MIDDLE_ROWS : 4 * TILE_COUNT };

/// Bytes from each of four lines of weights to what is fetched as they are read; 0 for none.
typedef struct fetch_distances {
  ptrdiff_t lines[4];
} fetch_distances;

/// Which weights are fetched meanwhile: the processor alone would wait for memory half the time.
typedef struct fetch_plan {
  /// While as many bytes as `close` are left of a tile, and afterwards.
  fetch_distances early, late;
  ptrdiff_t close;
} fetch_plan;

/// The steps of `size` bytes that have `close` bytes of their tile after them.
INLINE ptrdiff_t early_steps(const fetch_plan *plan, ptrdiff_t steps, ptrdiff_t size) {
  return steps > plan->close / size ? steps - plan->close / size : 0;
}

/// Loads 64 bytes of `tiles` tiles and fetches others.
INLINE void load_groups(int rows, int tiles, const uint8_t *place, size_t tile_size,
                        ptrdiff_t distance, u32x16 *groups) {
#pragma clang loop unroll(full)
  for (int t = 0; t < tiles; t++) {
    memcpy(&groups[t], place + (size_t)t * tile_size, sizeof groups[t]);
    if (rows < TILE_ROWS) __builtin_prefetch(place + (size_t)t * tile_size + distance);
    else __builtin_prefetch(place + (size_t)t * tile_size + distance, 0, 2);
  }
}

/// Tiles of a block of as many rows; more sums than registers hold would be spilled.
#define TILES_OF(ROWS) ((ROWS) > MIDDLE_ROWS ? 1 : (ROWS) > 4 ? 2 : TILE_COUNT)

INLINE bool has_four_bits(packed_product product) {
  return product == EXACT_Q4_0 || product == ROUNDED_Q4_0;
}

/// Bits in a fraction make a number of a known power of two: less that, they are an integer.
INLINE v16 number(u32x16 bits, int shift, uint32_t mask, float zero) {
  const float unit = (float)(1 << (23 - shift));
  uint32_t exponent;
  memcpy(&exponent, &unit, sizeof exponent);
  return (v16)((bits & (mask << shift)) | exponent) - (unit + zero);
}

/// Sixteen weights, without their scales, from bits part · 8 or part · 4 of `bits` on.
INLINE v16 quantum(packed_product product, u32x16 bits, u32x16 shifted, int part) {
  if (product == EXACT_Q8_0) return number(part < 2 ? bits : shifted, part % 2 * 8, 0xff, 128);
  if (part % 5 == 0) return nibbles16(part == 0 ? bits : shifted);
  return number(part < 5 ? bits : shifted, part % 5 * 4, 15, 8);
}

/// sums[rows][tiles] = x · q over one block of 32 inputs.
INLINE void exact_block(int rows, int tiles, packed_product product, const uint8_t *w,
                        size_t tile_size, const float *const *x, ptrdiff_t k,
                        ptrdiff_t distance, v16 *sums) {
  const int parts = has_four_bits(product) ? 8 : 4;
#pragma clang loop unroll(full)
  for (int i = 0; i < rows * tiles; i++) sums[i] = splat(0);
#pragma clang loop unroll(disable)
  for (int group = 0; group < 32 / parts; group++, k += 4) {
    u32x16 bits[TILE_COUNT], shifted[TILE_COUNT];
    load_groups(rows, tiles, w + group * 64, tile_size, distance, bits);
#pragma clang loop unroll(full)
    for (int t = 0; t < tiles; t++) shifted[t] = bits[t] >> (has_four_bits(product) ? 20 : 16);
#pragma clang loop unroll(full)
    for (int part = 0; part < parts; part++) {
      const int input = has_four_bits(product) ? part / 2 + part % 2 * 16 : part;
      v16 q[TILE_COUNT];
#pragma clang loop unroll(full)
      for (int t = 0; t < tiles; t++) q[t] = quantum(product, bits[t], shifted[t], part);
#pragma clang loop unroll(full)
      for (int m = 0; m < rows; m++) {
        const v16 value = splat(x[m][k + input]);
#pragma clang loop unroll(full)
        for (int t = 0; t < tiles; t++) {
          sums[m * tiles + t] = fma16(value, q[t], sums[m * tiles + t]);
        }
      }
    }
  }
}

/// sums[rows][tiles] = x · q over one block of 32 inputs, in integers.
INLINE void rounded_block(int rows, int tiles, packed_product product, const uint8_t *w,
                          size_t tile_size, const rounded_inputs *const *x, ptrdiff_t block,
                          ptrdiff_t distance, i16 *sums) {
  const bool four = has_four_bits(product);
#pragma clang loop unroll(full)
  for (int m = 0; m < rows; m++) {
    const i16 start = (i16){} + x[m][block].start;
#pragma clang loop unroll(full)
    for (int t = 0; t < tiles; t++) sums[m * tiles + t] = start;
  }
#pragma clang loop unroll(full)
  for (int group = 0; group < (four ? 4 : 8); group++) {
    u32x16 bits[TILE_COUNT];
    load_groups(rows, tiles, w + group * 64, tile_size, distance, bits);
#pragma clang loop unroll(full)
    for (int half = 0; half < (four ? 2 : 1); half++) {
#pragma clang loop unroll(full)
      for (int m = 0; m < rows; m++) {
        const uint32_t four_inputs = x[m][block].quads[group + 4 * half];
#pragma clang loop unroll(full)
        for (int t = 0; t < tiles; t++) {
          const u32x16 w4 = four ? (bits[t] >> (4 * half)) & 0x0f0f0f0f : bits[t];
          sums[m * tiles + t] = dot4(sums[m * tiles + t], w4, four_inputs);
        }
      }
    }
  }
}

/// totals[rows][tiles] += x · w over all blocks.
INLINE void packed_totals(int rows, int tiles, packed_product product, const uint8_t *w,
                          size_t tile_size, ptrdiff_t inputs, const void *const *x, v16 *totals,
                          const fetch_plan *plan) {
  const bool exactly = product == EXACT_Q8_0 || product == EXACT_Q4_0;
  const ptrdiff_t blocks = inputs / 32;
  const ptrdiff_t size = has_four_bits(product) ? 256 : 512;
  const ptrdiff_t early = early_steps(plan, blocks, size);
  const uint8_t *scales = w + blocks * size;
#pragma clang loop unroll(disable)
  for (ptrdiff_t block = 0; block < blocks; block++) {
    v16 exact[MAXIMUM_SUMS];
    i16 rounded[MAXIMUM_SUMS];
    const uint8_t *place = w + block * size;
    const ptrdiff_t distance = (block < early ? &plan->early : &plan->late)->lines[block % 4];
    if (exactly) {
      exact_block(rows, tiles, product, place, tile_size, (const float *const *)x, block * 32,
                  distance, exact);
    } else {
      rounded_block(rows, tiles, product, place, tile_size, (const rounded_inputs *const *)x,
                    block, distance, rounded);
    }
#pragma clang loop unroll(full)
    for (int t = 0; t < tiles; t++) {
      const v16 scale = load_element(scales + (size_t)t * tile_size, block * LANES, TACIT_FLOAT16);
#pragma clang loop unroll(full)
      for (int m = 0; m < rows; m++) {
        v16 *total = &totals[m * tiles + t];
        if (exactly) {
          *total = fma16(exact[m * tiles + t], scale, *total);
        } else {
          const float step = ((const rounded_inputs *)x[m])[block].scale;
          *total = fma16(__builtin_convertvector(rounded[m * tiles + t], v16), scale * step,
                         *total);
        }
      }
    }
  }
}

/// sums[rows][tiles] += x · w for one pair of BFloat16.
INLINE void pair_step(int rows, int tiles, const uint8_t *w, size_t tile_size,
                      ptrdiff_t distance, const uint32_t *x, v16 *sums) {
  u32x16 weight[TILE_COUNT];
  load_groups(rows, tiles, w, tile_size, distance, weight);
#pragma clang loop unroll(full)
  for (int m = 0; m < rows; m++) {
    const uint32_t two_inputs = x[m];
#pragma clang loop unroll(full)
    for (int t = 0; t < tiles; t++) {
      sums[m * tiles + t] = dot2(sums[m * tiles + t], weight[t], two_inputs);
    }
  }
}

/// totals[rows][tiles] = x · w for pairs of BFloat16; sums of its own stay in registers.
INLINE void paired_totals(int rows, int tiles, const uint8_t *w, size_t tile_size,
                          ptrdiff_t inputs, const uint32_t *x, v16 *totals,
                          const fetch_plan *plan) {
  const ptrdiff_t pairs = (inputs + 1) / 2, steps = pairs / 4;
  v16 sums[MAXIMUM_SUMS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows * tiles; i++) sums[i] = splat(0);
  for (ptrdiff_t late = 0, step = 0; late < 2; late++) {
    const ptrdiff_t stop = late ? steps : early_steps(plan, steps, 4 * 64);
    const fetch_distances distances = late ? plan->late : plan->early;
    for (; step < stop; step++, w += 4 * 64, x += 4 * rows) {
#pragma clang loop unroll(full)
      for (int line = 0; line < 4; line++) {
        pair_step(rows, tiles, w + line * 64, tile_size, distances.lines[line], x + line * rows,
                  sums);
      }
    }
  }
  for (ptrdiff_t pair = 4 * steps; pair < pairs; pair++, w += 64, x += rows) {
    pair_step(rows, tiles, w, tile_size, 0, x, sums);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows * tiles; i++) totals[i] = sums[i];
}
