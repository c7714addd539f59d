// How packed weights and rounded activations lie in memory.
//
// A tile holds 16 outputs. For each block of 32 inputs come groups of 64 bytes, four for each
// output: of Q8_0 inputs 4g ..< 4g+4, each plus 128; of Q4_0 inputs 4g ..< 4g+4 in the low and
// 16 further in the high bits, each plus 8. Sixteen half-precision scales for each block follow
// the blocks. Tiles of BFloat16 are groups of two inputs for each output. Tiles begin at multiples
// of 64 bytes; outputs that are not there are zero.
//
// Activations in BFloat16 lie by groups of rows, as many as a block of sums has: the first pair of
// each row, the second pair of each row, and so on: one address serves them all.
#pragma once

#include "CKernels.h"

/// 32 activations as integers times a scale, with what a sum of products of stored weights starts
/// from: these are too large by the format's excess.
typedef struct rounded_inputs {
  uint32_t quads[8];
  float scale;
  int32_t start;
} rounded_inputs;

/// What sets a format of blocks apart. An integer of b bits makes b groups of 64 bytes of a tile's
/// block.
typedef struct block_format {
  int bits;
  int32_t excess;
  uint32_t flipped;
} block_format;

static const block_format block_formats[] = {
#define ROW(NAME, BITS, EXCESS, FLIPPED) [TACIT_PACKED_##NAME] = {BITS, EXCESS, FLIPPED},
    TACIT_BLOCK_FORMATS(ROW)
#undef ROW
};

static inline size_t tile_size_of(tacit_packing packing, ptrdiff_t inputs) {
  if (packing == TACIT_PACKED_BFLOAT16) return ((size_t)inputs + 1) / 2 * 64;
  const size_t block = (size_t)block_formats[packing].bits * 64 + 32;
  return ((size_t)inputs / 32 * block + 63) & ~(size_t)63;
}
