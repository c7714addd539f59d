// Rounds activations as packed weights want them, and widens rows of packed weights.
#pragma once

#include "block_formats.h"
#include "linear.h"

// MARK: Rounded activations

/// Rounds 32 inputs to integers of at most 127 times a scale; blocks below 2^-120 become zero.
INLINE void round_block(rounded_inputs *y, const float *x, int32_t excess) {
  const v16 parts[2] = {load16(x), load16(x + LANES)};
  // As integers magnitudes keep their order, with NaN above infinity.
  const i16 low = (i16)parts[0] & INT32_MAX, high = (i16)parts[1] & INT32_MAX;
  const i16 larger = (i16)select16(low > high, (v16)low, (v16)high);
  const int32_t most = __builtin_reduce_max(larger);
  float magnitude;
  memcpy(&magnitude, &most, sizeof magnitude);
  const bool vanishes = magnitude < 0x1p-120f;
  const float factor = vanishes ? 0 : 127.0f / magnitude;
  y->scale = vanishes ? 0 : magnitude / 127.0f;
  int8_t *bytes = (int8_t *)y->quads;
  i16 sum = {0};
  for (int half = 0; half < 2; half++) {
    const i16 shifted = (i16)(parts[half] * factor + 0x1.8p23f) - (i16)splat(0x1.8p23f);
    const i8x16 rounded = __builtin_convertvector(shifted, i8x16);
    memcpy(bytes + half * LANES, &rounded, sizeof rounded);
    sum += __builtin_convertvector(rounded, i16);
  }
  // Weights are stored as unsigned numbers, too large by `excess`.
  y->start = -excess * __builtin_reduce_add(sum);
}

/// BFloat16 bits of 16 numbers, rounded to nearest even; subnormal ones become zero.
INLINE u32x16 bfloat16_bits(v16 x) {
  const u32x16 bits = (u32x16)x, magnitude = bits & 0x7fffffff;
  const u32x16 nearest = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  const u32x16 quiet = bits >> 16 | 0x40;
  const u32x16 kept = (u32x16)select16((i16)(magnitude > 0x7f800000), (v16)quiet, (v16)nearest);
  const u32x16 sign = bits >> 16 & 0x8000;
  return (u32x16)select16((i16)((kept & 0x7f80) == 0), (v16)sign, (v16)kept);
}

/// Rows of the group of pairs that begins at row `m`: one group of up to PAIRED_ROWS reads weights
/// once, at the speed of memory; of more rows, smaller groups are faster.
INLINE int group_rows(ptrdiff_t rows, ptrdiff_t m) {
  const ptrdiff_t left = rows - m, most = rows > PAIRED_ROWS ? TILE_ROWS : PAIRED_ROWS;
  int group = 1;
  while (group < most && group < left) group *= 2;
  return group > TILE_ROWS && left <= MIDDLE_ROWS ? MIDDLE_ROWS : group;
}

/// Pairs of sixteen inputs of a row, of which `some` are there.
INLINE u32x8 rounded_pairs(const float *x, ptrdiff_t some) {
  const u16x16 bits = __builtin_convertvector(bfloat16_bits(load_some(x, some, 0)), u16x16);
  return (u32x8)bits;
}

/// Writes eight pairs of four rows of a group: pair by pair.
INLINE void store_pairs(uint32_t *y, int group, const u32x8 *rows) {
#define SHUFFLE __builtin_shufflevector
  const u32x16 ab = SHUFFLE(rows[0], rows[1], 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  const u32x16 cd = SHUFFLE(rows[2], rows[3], 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  const u32x16 pairs[2] = {
      SHUFFLE(ab, cd, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23),
      SHUFFLE(ab, cd, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31)};
#undef SHUFFLE
  for (int pair = 0; pair < 8; pair++) {
    memcpy(y + pair * group, (const uint32_t *)pairs + 4 * pair, 4 * sizeof(uint32_t));
  }
}

/// Writes inputs k ..< stop of a group of rows; rows that are not there repeat the last one.
static void round_pairs(const round_job *job, ptrdiff_t m, int group, ptrdiff_t k,
                        ptrdiff_t stop) {
  uint32_t *y = (uint32_t *)((char *)job->y + (size_t)m * job->y_stride);
  for (int i = 0, together; i < group; i += together) {
    together = group < 4 ? 1 : 4;
    const float *x[4];
    for (int j = 0; j < together; j++) {
      x[j] = job->x + (m + i + j < job->rows ? m + i + j : job->rows - 1) * job->columns;
    }
    for (ptrdiff_t at = k; at < stop; at += LANES) {
      const ptrdiff_t some = stop - at < LANES ? stop - at : LANES;
      u32x8 pairs[4];
      for (int j = 0; j < together; j++) pairs[j] = rounded_pairs(x[j] + at, some);
      uint32_t *place = y + at / 2 * group + i;
      const ptrdiff_t count = (some + 1) / 2;
      if (group == 1) {
        memcpy(place, &pairs[0], (size_t)count * sizeof(uint32_t));
      } else if (together == 4 && some == LANES) {
        store_pairs(place, group, pairs);
      } else {
        for (int j = 0; j < together; j++) {
          for (ptrdiff_t pair = 0; pair < count; pair++) place[pair * group + j] = pairs[j][pair];
        }
      }
    }
  }
}

/// Rounds activations; an item is a row of blocks, or a stretch of inputs of some rows of pairs.
static void round_inputs_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const round_job *job = context;
  for (ptrdiff_t item = begin; item < end; item++) {
    if (job->packing == TACIT_PACKED_BFLOAT16) {
      const ptrdiff_t stretches = (job->columns + ROUNDED_STRETCH - 1) / ROUNDED_STRETCH;
      const ptrdiff_t k = item % stretches * ROUNDED_STRETCH, left = job->columns - k;
      const ptrdiff_t stop = k + (left < ROUNDED_STRETCH ? left : ROUNDED_STRETCH);
      const ptrdiff_t first = item / stretches * ROUNDED_ROWS, last = first + ROUNDED_ROWS;
      for (ptrdiff_t m = first, group; m < last && m < job->rows; m += group) {
        group = group_rows(job->rows, m);
        round_pairs(job, m, (int)group, k, stop);
      }
      continue;
    }
    rounded_inputs *y = (rounded_inputs *)((char *)job->y + (size_t)item * job->y_stride);
    for (ptrdiff_t k = 0; k < job->columns; k += 32) {
      round_block(y + k / 32, job->x + item * job->columns + k,
                  block_formats[job->packing].excess);
    }
  }
}

// MARK: Rows of packed weights

/// Widens block `block` of lane `lane` of a tile of a known format to 32 numbers.
INLINE void widen_known_block(float *y, tacit_packing packing, const tacit_packed *weight,
                              const uint8_t *tile, ptrdiff_t lane, ptrdiff_t block) {
  const int quads = block_formats[packing].bits;
  const uint8_t *place = tile + (size_t)(block * quads * 64 + lane * 4);
  uint8_t bytes[32];
  for (int i = 0; i < quads; i++) memcpy(bytes + 4 * i, place + i * 64, 4);
  const uint8_t *scales = tile + (size_t)(weight->inputs / 32 * quads * 64);
  uint16_t scale_bits;
  memcpy(&scale_bits, scales + (block * LANES + lane) * 2, sizeof scale_bits);
  const float scale = tacit_widen_float16(scale_bits);
  for (int half = 0; half < 2; half++) {
    const u8x16 packed = half_block(packing, bytes, half);
    const i16 q = __builtin_convertvector(packed, i16) - block_formats[packing].excess;
    store16(y + half * LANES, __builtin_convertvector(q, v16) * scale);
  }
}

/// Widens block `block` of lane `lane` of a tile to 32 numbers.
INLINE void widen_block(float *y, const tacit_packed *weight, const uint8_t *tile, ptrdiff_t lane,
                        ptrdiff_t block) {
  switch (weight->packing) {
#define ROW(NAME, ...)                                                         \
  case TACIT_PACKED_##NAME:                                                    \
    widen_known_block(y, TACIT_PACKED_##NAME, weight, tile, lane, block);      \
    break;
    TACIT_BLOCK_FORMATS(ROW)
#undef ROW
    case TACIT_PACKED_BFLOAT16: break;
  }
}

static void packed_gather_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const packed_gather_job *job = context;
  for (ptrdiff_t i = begin; i < end; i++) {
    const ptrdiff_t index = job->indices[i];
    const uint8_t *tile =
        (const uint8_t *)job->weight.data + (size_t)(index / LANES) * job->tile_size;
    for (ptrdiff_t block = 0; block < job->weight.inputs / 32; block++) {
      widen_block(job->y + i * job->weight.inputs + block * 32, &job->weight, tile, index % LANES,
                  block);
    }
  }
}

/// y[rows, inputs] = x[rows, outputs] · W + bias: one chain over the outputs, as for plain elements.
static void packed_mix_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const packed_job *job = context;
  const tacit_packed *weight = &job->weight;
  const float *x = job->x;
  float panel[LANES * MIX_BLOCKS * 32];
  for (ptrdiff_t item = begin; item < end; item++) {
    const ptrdiff_t first = item * MIX_BLOCKS, left = weight->inputs / 32 - first;
    const ptrdiff_t blocks = left < MIX_BLOCKS ? left : MIX_BLOCKS, columns = blocks * 32;
    float *y = job->y + first * 32;
    for (ptrdiff_t m = 0; m < job->rows; m++) {
      memset(y + m * weight->inputs, 0, (size_t)columns * sizeof(float));
    }
    for (ptrdiff_t n = 0; n < weight->outputs; n += LANES) {
      const ptrdiff_t depth = weight->outputs - n < LANES ? weight->outputs - n : LANES;
      const uint8_t *tile = (const uint8_t *)weight->data + (size_t)(n / LANES) * job->tile_size;
      for (ptrdiff_t lane = 0; lane < depth; lane++) {
        for (ptrdiff_t block = 0; block < blocks; block++) {
          widen_block(panel + lane * columns + block * 32, weight, tile, lane, first + block);
        }
      }
      chain_panel(y, weight->inputs, x + n, weight->outputs, job->rows, TACIT_FLOAT32, panel,
                  columns, columns, depth);
    }
    for (ptrdiff_t m = 0; job->bias && m < job->rows; m++) {
      for (ptrdiff_t k = 0; k < columns; k++) y[m * weight->inputs + k] += job->bias[first * 32 + k];
    }
  }
}
