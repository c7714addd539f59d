// Packs weights: rounds them to blocks of 32 and interleaves sixteen outputs.
#include "packing.h"

#include <math.h>
#include <string.h>

#include "pool.h"

enum { LANES = 16, BLOCK = 32 };

size_t tacit_block_size(tacit_packing packing) {
  return sizeof(uint16_t) + (size_t)block_formats[packing].bits * BLOCK / 8;
}

size_t tacit_packed_size(tacit_packing packing, ptrdiff_t outputs, ptrdiff_t inputs) {
  return (size_t)((outputs + LANES - 1) / LANES) * tile_size_of(packing, inputs);
}

// MARK: Rounding to blocks

uint16_t tacit_round_float16(float value) {
  float magnitude = fabsf(value);
  uint32_t bits, sign = signbit(value) ? 0x8000 : 0;
  if (isnan(value)) return 0x7e00;
  if (magnitude >= 65520.0f) return (uint16_t)(sign | 0x7c00);
  if (magnitude < 0x1p-14f) {
    // The sum has the last place of a subnormal half.
    magnitude += 0.5f;
    memcpy(&bits, &magnitude, sizeof bits);
    return (uint16_t)(sign | (bits - 0x3f000000));
  }
  memcpy(&bits, &magnitude, sizeof bits);
  bits += 0xfff + (bits >> 13 & 1);
  return (uint16_t)(sign | ((bits >> 13) - (112 << 10)));
}

/// `value` as an integer in low ... high; NaN is 0.
static int clamped(float value, int low, int high) {
  if (!(value == value)) return 0;
  return value < (float)low ? low : value > (float)high ? high : (int)value;
}

/// One block of Q8_0: scale max|x| / 127, halves rounded away from zero.
static void round_Q8_0(uint8_t *block, const float *x) {
  float most = 0;
  for (int i = 0; i < BLOCK; i++) most = fmaxf(most, fabsf(x[i]));
  float scale = most / 127.0f, factor = scale != 0 ? 1.0f / scale : 0;
  uint16_t half = tacit_round_float16(scale);
  memcpy(block, &half, sizeof half);
  for (int i = 0; i < BLOCK; i++) {
    block[2 + i] = (uint8_t)clamped(roundf(x[i] * factor), -127, 127);
  }
}

/// One block of Q4_0: scale x / -8 for the x of largest magnitude, numbers 0 ... 15 less 8.
static void round_Q4_0(uint8_t *block, const float *x) {
  float most = 0;
  for (int i = 0; i < BLOCK; i++) most = fabsf(x[i]) > fabsf(most) ? x[i] : most;
  float scale = most / -8.0f, factor = scale != 0 ? 1.0f / scale : 0;
  uint16_t half = tacit_round_float16(scale);
  memcpy(block, &half, sizeof half);
  for (int i = 0; i < BLOCK / 2; i++) {
    int low = clamped(x[i] * factor + 8.5f, 0, 15);
    int high = clamped(x[i + BLOCK / 2] * factor + 8.5f, 0, 15);
    block[2 + i] = (uint8_t)(low | high << 4);
  }
}

static void (*const rounding[])(uint8_t *block, const float *x) = {
#define ROW(NAME, ...) [TACIT_PACKED_##NAME] = round_##NAME,
    TACIT_BLOCK_FORMATS(ROW)
#undef ROW
};

// MARK: Interleaving

typedef struct pack_job {
  uint8_t *packed;
  tacit_packing packing;
  tacit_matrix source;
  /// Blocks of all outputs, where the source has them in place of elements.
  const uint8_t *blocks;
  size_t tile_size;
} pack_job;

/// Puts the blocks of one output into lane `lane` of a tile.
static void place_blocks(uint8_t *tile, int lane, tacit_packing packing, const uint8_t *blocks,
                         ptrdiff_t count) {
  const int quads = block_formats[packing].bits;
  const uint32_t flipped = block_formats[packing].flipped;
  const size_t block_size = tacit_block_size(packing);
  uint8_t *scales = tile + (size_t)count * (size_t)quads * 64;
  for (ptrdiff_t block = 0; block < count; block++, blocks += block_size) {
    memcpy(scales + (block * LANES + lane) * 2, blocks, 2);
    for (int i = 0; i < quads; i++) {
      uint32_t quad;
      memcpy(&quad, blocks + 2 + 4 * i, sizeof quad);
      quad ^= flipped;
      memcpy(tile + (block * quads + i) * 64 + lane * 4, &quad, sizeof quad);
    }
  }
}

/// The weights of one output, widened.
static void read_row(float *row, const tacit_matrix *source, ptrdiff_t output) {
  const ptrdiff_t start = source->output_major ? output * source->inputs : output;
  const ptrdiff_t step = source->output_major ? 1 : source->outputs;
  const char *data = source->data;
  for (ptrdiff_t k = 0; k < source->inputs; k++) {
    const ptrdiff_t place = start + k * step;
    uint16_t bits;
    switch (source->element) {
      case TACIT_FLOAT32: memcpy(row + k, data + 4 * place, sizeof(float)); break;
      case TACIT_FLOAT16:
        memcpy(&bits, data + 2 * place, sizeof bits);
        row[k] = tacit_widen_float16(bits);
        break;
      case TACIT_BFLOAT16:
        memcpy(&bits, data + 2 * place, sizeof bits);
        row[k] = tacit_widen_bfloat16(bits);
        break;
    }
  }
}

/// Puts pairs of BFloat16 into a lane; subnormal numbers become zero, as the product takes them.
static void place_pairs(uint8_t *tile, int lane, const float *row, ptrdiff_t inputs) {
  for (ptrdiff_t k = 0; k < inputs; k++) {
    uint32_t bits;
    memcpy(&bits, row + k, sizeof bits);
    uint16_t upper = (uint16_t)(bits >> 16);
    if ((upper & 0x7f80) == 0) upper &= 0x8000;
    memcpy(tile + k / 2 * 64 + lane * 4 + k % 2 * 2, &upper, sizeof upper);
  }
}

/// An item is a tile.
static void pack_tiles(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const pack_job *job = context;
  const ptrdiff_t inputs = job->source.inputs, count = inputs / BLOCK;
  // Pairs have no blocks.
  const bool pairs = job->packing == TACIT_PACKED_BFLOAT16;
  const size_t block_size = pairs ? 0 : tacit_block_size(job->packing);
  const size_t row_size = (size_t)count * block_size;
  float *row = tacit_scratch((size_t)inputs + row_size / sizeof(float) + 1);
  uint8_t *rounded = (uint8_t *)(row + inputs);
  for (ptrdiff_t item = begin; item < end; item++) {
    uint8_t *tile = job->packed + (size_t)item * job->tile_size;
    memset(tile, 0, job->tile_size);
    for (int lane = 0; lane < LANES && item * LANES + lane < job->source.outputs; lane++) {
      const ptrdiff_t output = item * LANES + lane;
      if (job->blocks) {
        const uint8_t *blocks = job->blocks + (size_t)output * row_size;
        place_blocks(tile, lane, job->packing, blocks, count);
        continue;
      }
      read_row(row, &job->source, output);
      if (pairs) {
        place_pairs(tile, lane, row, inputs);
        continue;
      }
      for (ptrdiff_t block = 0; block < count; block++) {
        rounding[job->packing](rounded + (size_t)block * block_size, row + block * BLOCK);
      }
      place_blocks(tile, lane, job->packing, rounded, count);
    }
  }
}

static void run(const pack_job *job) {
  tacit_parallel_for((job->source.outputs + LANES - 1) / LANES, 4, pack_tiles, job);
}

void tacit_pack(void *packed, tacit_packing packing, tacit_matrix source) {
  pack_job job = {packed, packing, source, NULL, tile_size_of(packing, source.inputs)};
  run(&job);
}

void tacit_pack_blocks(void *packed, tacit_packing packing, const void *blocks, ptrdiff_t outputs,
                       ptrdiff_t inputs) {
  tacit_matrix shape = {blocks, true, TACIT_FLOAT32, outputs, inputs};
  pack_job job = {packed, packing, shape, blocks, tile_size_of(packing, inputs)};
  run(&job);
}
