// Linear layers over packed weights: tiles of 16 outputs, a lane for each.
//
// An output's sum has one order, whatever the rows and tiles of a block: blocks of 32 inputs from
// first to last, each block's sum times its scale fused to the total. Within a block the exact
// product is one fused chain, in the order of the bytes; that of rounded activations is an integer
// sum, which has no rounding. BFloat16 products follow vdpbf16ps (see `dot2`).
#pragma once

#include "dot_products.h"
#include "linear.h"
#include "packing.h"

/// What a product reads.
typedef enum packed_product {
  EXACT_Q8_0,
  EXACT_Q4_0,
  ROUNDED_Q8_0,
  ROUNDED_Q4_0,
  ROUNDED_BFLOAT16,
} packed_product;

enum { MAXIMUM_SUMS = 2 * TILE_ROWS > 4 * TILE_COUNT ? 2 * TILE_ROWS : 4 * TILE_COUNT };

/// How far ahead weights are fetched; the processor alone would wait for memory half the time.
#define PREFETCH_BYTES(ROWS) ((ROWS) > 4 ? 4096 : 2048)

/// Tiles of a block of as many rows; more sums than registers hold would be spilled.
#define TILES_OF(ROWS) ((ROWS) > 4 ? 2 : TILE_COUNT)

INLINE bool has_four_bits(packed_product product) {
  return product == EXACT_Q4_0 || product == ROUNDED_Q4_0;
}

/// Sixteen weights, without their scales, from bits part · 4 or part · 8 on.
INLINE v16 quantum(packed_product product, u32x16 bits, int part) {
  if (product == EXACT_Q4_0) return nibbles16(bits >> (4 * part));
  return __builtin_convertvector((i16)((bits ^ 0x80808080) << (24 - 8 * part)) >> 24, v16);
}

/// sums[rows][tiles] = x · q over one block of 32 inputs.
INLINE void exact_block(int rows, int tiles, packed_product product, const uint8_t *w,
                        size_t tile_size, const float *const *x, ptrdiff_t k, v16 *sums) {
  const int parts = has_four_bits(product) ? 8 : 4;
#pragma clang loop unroll(full)
  for (int i = 0; i < rows * tiles; i++) sums[i] = splat(0);
#pragma clang loop unroll(disable)
  for (int group = 0; group < 32 / parts; group++, k += 4) {
    u32x16 bits[TILE_COUNT];
#pragma clang loop unroll(full)
    for (int t = 0; t < tiles; t++) {
      const uint8_t *place = w + (size_t)t * tile_size + group * 64;
      memcpy(&bits[t], place, sizeof bits[t]);
      __builtin_prefetch(place + PREFETCH_BYTES(rows));
    }
#pragma clang loop unroll(full)
    for (int part = 0; part < parts; part++) {
      const int input = has_four_bits(product) ? part / 2 + part % 2 * 16 : part;
      v16 q[TILE_COUNT];
#pragma clang loop unroll(full)
      for (int t = 0; t < tiles; t++) q[t] = quantum(product, bits[t], part);
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
                          i16 *sums) {
  const bool four = has_four_bits(product);
#pragma clang loop unroll(full)
  for (int m = 0; m < rows; m++) {
    // Weights are stored as unsigned numbers, 128 or 8 too large.
    const i16 start = (i16){} - x[m][block].sum * (four ? 8 : 128);
#pragma clang loop unroll(full)
    for (int t = 0; t < tiles; t++) sums[m * tiles + t] = start;
  }
#pragma clang loop unroll(full)
  for (int group = 0; group < (four ? 4 : 8); group++) {
    u32x16 bits[TILE_COUNT];
#pragma clang loop unroll(full)
    for (int t = 0; t < tiles; t++) {
      const uint8_t *place = w + (size_t)t * tile_size + group * 64;
      memcpy(&bits[t], place, sizeof bits[t]);
      __builtin_prefetch(place + PREFETCH_BYTES(rows));
    }
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
                          size_t tile_size, ptrdiff_t inputs, const void *const *x, v16 *totals) {
  const ptrdiff_t blocks = inputs / 32;
  const size_t size = has_four_bits(product) ? 256 : 512;
  const uint8_t *scales = w + (size_t)blocks * size;
#pragma clang loop unroll(disable)
  for (ptrdiff_t block = 0; block < blocks; block++) {
    v16 exact[MAXIMUM_SUMS];
    i16 rounded[MAXIMUM_SUMS];
    const uint8_t *place = w + (size_t)block * size;
    if (product == EXACT_Q8_0 || product == EXACT_Q4_0) {
      exact_block(rows, tiles, product, place, tile_size, (const float *const *)x, block * 32,
                  exact);
    } else {
      rounded_block(rows, tiles, product, place, tile_size, (const rounded_inputs *const *)x,
                    block, rounded);
    }
#pragma clang loop unroll(full)
    for (int t = 0; t < tiles; t++) {
      const v16 scale = load_element(scales + (size_t)t * tile_size, block * LANES, TACIT_FLOAT16);
#pragma clang loop unroll(full)
      for (int m = 0; m < rows; m++) {
        v16 *total = &totals[m * tiles + t];
        if (product == EXACT_Q8_0 || product == EXACT_Q4_0) {
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

/// totals[rows][tiles] += x · w for pairs of BFloat16.
INLINE void paired_totals(int rows, int tiles, const uint8_t *w, size_t tile_size,
                          ptrdiff_t inputs, const void *const *x, v16 *totals) {
  const ptrdiff_t pairs = (inputs + 1) / 2;
#pragma clang loop unroll_count(2)
  for (ptrdiff_t pair = 0; pair < pairs; pair++) {
    u32x16 weight[TILE_COUNT];
#pragma clang loop unroll(full)
    for (int t = 0; t < tiles; t++) {
      const uint8_t *place = w + (size_t)t * tile_size + pair * 64;
      memcpy(&weight[t], place, sizeof weight[t]);
      __builtin_prefetch(place + PREFETCH_BYTES(rows));
    }
#pragma clang loop unroll(full)
    for (int m = 0; m < rows; m++) {
      const uint32_t two_inputs = ((const uint32_t *)x[m])[pair];
#pragma clang loop unroll(full)
      for (int t = 0; t < tiles; t++) {
        totals[m * tiles + t] = dot2(totals[m * tiles + t], weight[t], two_inputs);
      }
    }
  }
}

/// y = x · Wᵀ + bias at `count` of `rows` rows and at the outputs of some tiles.
INLINE void packed_block(int rows, int tiles, packed_product product, const packed_job *job,
                         ptrdiff_t m, int count, ptrdiff_t tile) {
  v16 totals[MAXIMUM_SUMS];
  const void *x[TILE_ROWS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows * tiles; i++) totals[i] = splat(0);
  // Rows that are not there repeat the last one; their sums are dropped.
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
    x[i] = (const char *)job->x + (size_t)(m + (i < count ? i : count - 1)) * job->x_stride;
  }
  const uint8_t *w = (const uint8_t *)job->weight.data + (size_t)tile * job->tile_size;
  if (product == ROUNDED_BFLOAT16) {
    paired_totals(rows, tiles, w, job->tile_size, job->weight.inputs, x, totals);
  } else {
    packed_totals(rows, tiles, product, w, job->tile_size, job->weight.inputs, x, totals);
  }
  for (int t = 0; t < tiles; t++) {
    ptrdiff_t n = (tile + t) * LANES, some = job->weight.outputs - n;
    if (some > LANES) some = LANES;
    v16 bias = job->bias ? load_some(job->bias + n, some, 0) : splat(0);
    for (int i = 0; i < count; i++) {
      float *y = job->y + (m + i) * job->weight.outputs + n;
      v16 sum = totals[i * tiles + t] + bias;
      if (some == LANES) store16(y, sum);
      else store_some(y, sum, some);
    }
  }
}

/// `packed_block` for shapes known only at run time.
static void packed_rows(int rows, bool single, packed_product product, const packed_job *job,
                        ptrdiff_t m, int count, ptrdiff_t tile) {
#define CASE(R, P)                                                             \
  case (R) * 8 + (P):                                                          \
    if (single) packed_block(R, 1, P, job, m, count, tile);                    \
    else packed_block(R, TILES_OF(R), P, job, m, count, tile);                 \
    return;
#define CASES(R)                                                               \
  CASE(R, EXACT_Q8_0) CASE(R, EXACT_Q4_0) CASE(R, ROUNDED_Q8_0)                \
  CASE(R, ROUNDED_Q4_0) CASE(R, ROUNDED_BFLOAT16)
  switch (rows * 8 + (int)product) {
    CASES(1)
    CASES(2)
#if TILE_ROWS > 2
    CASES(4)
    CASES(8)
#endif
  }
#undef CASES
#undef CASE
}

static packed_product product_of(const packed_job *job) {
  switch (job->weight.packing) {
    case TACIT_PACKED_Q8_0: return job->rounds ? ROUNDED_Q8_0 : EXACT_Q8_0;
    case TACIT_PACKED_Q4_0: return job->rounds ? ROUNDED_Q4_0 : EXACT_Q4_0;
    case TACIT_PACKED_BFLOAT16: break;
  }
  return ROUNDED_BFLOAT16;
}

/// An item is a panel of tiles.
static void packed_linear_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const packed_job *job = context;
  const packed_product product = product_of(job);
  const ptrdiff_t tiles = (job->weight.outputs + LANES - 1) / LANES;
  ptrdiff_t last = end * job->panel < tiles ? end * job->panel : tiles;
  for (ptrdiff_t first = begin * job->panel; first < last; first += job->panel) {
    ptrdiff_t stop = first + job->panel < last ? first + job->panel : last;
    for (ptrdiff_t m = 0; m < job->rows; m += TILE_ROWS) {
      int count = job->rows - m < TILE_ROWS ? (int)(job->rows - m) : TILE_ROWS, rows = 1;
      while (rows < count) rows *= 2;
      for (ptrdiff_t tile = first; tile < stop;) {
        bool single = stop - tile < TILES_OF(rows);
        packed_rows(rows, single, product, job, m, count, tile);
        tile += single ? 1 : TILES_OF(rows);
      }
    }
  }
}

// MARK: Rounded activations

/// Rounds 32 inputs to integers of at most 127 times a scale; blocks below 2^-120 become zero.
INLINE void round_block(rounded_inputs *y, const float *x) {
  const v16 parts[2] = {load16(x), load16(x + LANES)};
  // As integers magnitudes keep their order, with NaN above infinity.
  const i16 low = (i16)parts[0] & INT32_MAX, high = (i16)parts[1] & INT32_MAX;
  const i16 larger = (i16)select16(low > high, (v16)low, (v16)high);
  int32_t most = larger[0];
  for (int i = 1; i < LANES; i++) most = larger[i] > most ? larger[i] : most;
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
  int32_t total = 0;
  for (int i = 0; i < LANES; i++) total += sum[i];
  y->sum = total;
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

/// Rounds rows of activations; an item is a row.
static void round_inputs_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const round_job *job = context;
  for (ptrdiff_t m = begin; m < end; m++) {
    const float *x = job->x + m * job->columns;
    char *y = (char *)job->y + (size_t)m * job->y_stride;
    if (job->packing != TACIT_PACKED_BFLOAT16) {
      for (ptrdiff_t k = 0; k < job->columns; k += 32) {
        round_block((rounded_inputs *)y + k / 32, x + k);
      }
      continue;
    }
    memset(y, 0, job->y_stride);
    for (ptrdiff_t k = 0; k < job->columns; k += LANES) {
      ptrdiff_t some = job->columns - k < LANES ? job->columns - k : LANES;
      u16x16 rounded =
          __builtin_convertvector(bfloat16_bits(load_some(x + k, some, 0)), u16x16);
      memcpy(y + 2 * k, &rounded, (size_t)some * 2);
    }
  }
}

// MARK: Rows of packed weights

/// Widens block `block` of lane `lane` of a tile to 32 numbers.
INLINE void widen_block(float *y, const tacit_packed *weight, const uint8_t *tile, ptrdiff_t lane,
                        ptrdiff_t block) {
  const bool four = weight->packing == TACIT_PACKED_Q4_0;
  const int quads = four ? 4 : 8;
  const uint8_t *place = tile + (size_t)(block * quads * 64 + lane * 4);
  uint8_t bytes[32];
  for (int i = 0; i < quads; i++) memcpy(bytes + 4 * i, place + i * 64, 4);
  const uint8_t *scales = tile + (size_t)(weight->inputs / 32 * quads * 64);
  uint16_t half;
  memcpy(&half, scales + (block * LANES + lane) * 2, sizeof half);
  const float scale = tacit_widen_float16(half);
  for (int part = 0; part < 2; part++) {
    u8x16 packed;
    memcpy(&packed, bytes + (four ? 0 : part * LANES), sizeof packed);
    if (four) packed = part ? packed >> 4 : packed & 15;
    const i16 q = __builtin_convertvector(packed, i16) - (four ? 8 : 128);
    store16(y + part * LANES, __builtin_convertvector(q, v16) * scale);
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

#define TACIT_PACKED_KERNELS                                                   \
  [KERNEL_PACKED_LINEAR] = packed_linear_kernel,                               \
  [KERNEL_ROUND_INPUTS] = round_inputs_kernel,                                 \
  [KERNEL_PACKED_GATHER] = packed_gather_kernel,                               \
  [KERNEL_PACKED_MIX] = packed_mix_kernel
