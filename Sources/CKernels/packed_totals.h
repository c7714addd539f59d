// Sums of products of a few rows with tiles of 16 outputs, a lane for each.
//
// An output's sum has one order, whatever the rows and tiles of a block: blocks of 32 inputs from
// first to last, each block's sum times its scale fused to the total. Within a block the exact
// product is one fused chain, in the order of the bytes; that of rounded activations is an integer
// sum, which has no rounding. BFloat16 products follow vdpbf16ps (see `dot2`).
#pragma once

#include "packed_rows.h"

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

/// sums[rows][tiles] = x · q over one block of 32 inputs.
INLINE void exact_block(int rows, int tiles, tacit_packing packing, const uint8_t *w,
                        size_t tile_size, const float *const *x, ptrdiff_t k,
                        ptrdiff_t distance, v16 *sums) {
  const int bits_each = block_formats[packing].bits, parts = 8 / bits_each;
#pragma clang loop unroll(full)
  for (int i = 0; i < rows * tiles; i++) sums[i] = splat(0);
#pragma clang loop unroll(disable)
  for (int group = 0; group < bits_each; group++, k += 4) {
    u32x16 bits[TILE_COUNT], shifted[TILE_COUNT];
    load_groups(rows, tiles, w + group * 64, tile_size, distance, bits);
#pragma clang loop unroll(full)
    for (int t = 0; t < tiles; t++) shifted[t] = bits[t] >> (23 / bits_each * bits_each);
#pragma clang loop unroll(full)
    for (int place = 0; place < 4 * parts; place++) {
      const int input = place / parts + place % parts * 16;
      v16 q[TILE_COUNT];
#pragma clang loop unroll(full)
      for (int t = 0; t < tiles; t++) q[t] = quantum(packing, bits[t], shifted[t], place);
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
INLINE void rounded_block(int rows, int tiles, tacit_packing packing, const uint8_t *w,
                          size_t tile_size, const rounded_inputs *const *x, ptrdiff_t block,
                          ptrdiff_t distance, i16 *sums) {
  const int bits_each = block_formats[packing].bits, parts = 8 / bits_each;
#pragma clang loop unroll(full)
  for (int m = 0; m < rows; m++) {
    const i16 start = (i16){} + x[m][block].start;
#pragma clang loop unroll(full)
    for (int t = 0; t < tiles; t++) sums[m * tiles + t] = start;
  }
#pragma clang loop unroll(full)
  for (int group = 0; group < bits_each; group++) {
    u32x16 bits[TILE_COUNT];
    load_groups(rows, tiles, w + group * 64, tile_size, distance, bits);
#pragma clang loop unroll(full)
    for (int part = 0; part < parts; part++) {
#pragma clang loop unroll(full)
      for (int m = 0; m < rows; m++) {
        const uint32_t four_inputs = x[m][block].quads[group + 4 * part];
#pragma clang loop unroll(full)
        for (int t = 0; t < tiles; t++) {
          sums[m * tiles + t] =
              dot4(sums[m * tiles + t], bytes(packing, bits[t], part), four_inputs);
        }
      }
    }
  }
}

/// totals[rows][tiles] += x · w over all blocks, of inputs that are rounded or exact.
INLINE void packed_totals(int rows, int tiles, tacit_packing packing, bool rounds,
                          const uint8_t *w, size_t tile_size, ptrdiff_t inputs,
                          const void *const *x, v16 *totals, const fetch_plan *plan) {
  const ptrdiff_t blocks = inputs / 32;
  const ptrdiff_t size = block_formats[packing].bits * 64;
  const ptrdiff_t early = early_steps(plan, blocks, size);
  const uint8_t *scales = w + blocks * size;
#pragma clang loop unroll(disable)
  for (ptrdiff_t block = 0; block < blocks; block++) {
    v16 exact[MAXIMUM_SUMS];
    i16 rounded[MAXIMUM_SUMS];
    const uint8_t *place = w + block * size;
    const ptrdiff_t distance = (block < early ? &plan->early : &plan->late)->lines[block % 4];
    if (rounds) {
      rounded_block(rows, tiles, packing, place, tile_size, (const rounded_inputs *const *)x,
                    block, distance, rounded);
    } else {
      exact_block(rows, tiles, packing, place, tile_size, (const float *const *)x, block * 32,
                  distance, exact);
    }
#pragma clang loop unroll(full)
    for (int t = 0; t < tiles; t++) {
      const v16 scale = load_element(scales + (size_t)t * tile_size, block * LANES, TACIT_FLOAT16);
#pragma clang loop unroll(full)
      for (int m = 0; m < rows; m++) {
        v16 *total = &totals[m * tiles + t];
        if (rounds) {
          const float step = ((const rounded_inputs *)x[m])[block].scale;
          *total = fma16(__builtin_convertvector(rounded[m * tiles + t], v16), scale * step,
                         *total);
        } else {
          *total = fma16(exact[m * tiles + t], scale, *total);
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
