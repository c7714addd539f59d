// The inner loops of each format of blocks, under its name in the table of formats.
//
// `quantum` and `bytes` read a group of a tile: four bytes of each output. `half_block` reads what
// one output has in all groups of a block. Parts of a group are 16 inputs apart.
#pragma once

#include "dot_products.h"
#include "packing.h"

/// Bits in a fraction make a number of a known power of two: less that, they are an integer.
INLINE v16 number(u32x16 bits, int shift, uint32_t mask, float zero) {
  const float unit = (float)(1 << (23 - shift));
  uint32_t exponent;
  memcpy(&exponent, &unit, sizeof exponent);
  return (v16)((bits & (mask << shift)) | exponent) - (unit + zero);
}

// MARK: Q8_0

/// Sixteen weights, without their scales, of a place in a group. A fraction has 23 bits: `shifted`
/// begins with the first weight that does not fit it.
INLINE v16 quantum_Q8_0(u32x16 bits, u32x16 shifted, int place) {
  return number(place < 2 ? bits : shifted, place % 2 * 8, 0xff, 128);
}

/// The unsigned weights of a part of a group, a byte for each.
INLINE u32x16 bytes_Q8_0(u32x16 bits, int part) { return bits; }

/// The unsigned weights of 16 inputs of an output.
INLINE u8x16 half_block_Q8_0(const uint8_t *bytes, int half) {
  u8x16 weights;
  memcpy(&weights, bytes + half * LANES, sizeof weights);
  return weights;
}

// MARK: Q4_0

INLINE v16 quantum_Q4_0(u32x16 bits, u32x16 shifted, int place) {
  if (place % 5 == 0) return nibbles16(place == 0 ? bits : shifted);
  return number(place < 5 ? bits : shifted, place % 5 * 4, 15, 8);
}

INLINE u32x16 bytes_Q4_0(u32x16 bits, int part) { return (bits >> (4 * part)) & 0x0f0f0f0f; }

INLINE u8x16 half_block_Q4_0(const uint8_t *bytes, int half) {
  u8x16 weights;
  memcpy(&weights, bytes, sizeof weights);
  return half ? weights >> 4 : weights & 15;
}

// MARK: By format, which is known when the code is compiled

INLINE v16 quantum(tacit_packing packing, u32x16 bits, u32x16 shifted, int place) {
#define ROW(NAME, ...) \
  if (packing == TACIT_PACKED_##NAME) return quantum_##NAME(bits, shifted, place);
  TACIT_BLOCK_FORMATS(ROW)
#undef ROW
  __builtin_unreachable();
}

INLINE u32x16 bytes(tacit_packing packing, u32x16 bits, int part) {
#define ROW(NAME, ...) \
  if (packing == TACIT_PACKED_##NAME) return bytes_##NAME(bits, part);
  TACIT_BLOCK_FORMATS(ROW)
#undef ROW
  __builtin_unreachable();
}

INLINE u8x16 half_block(tacit_packing packing, const uint8_t *bytes, int half) {
#define ROW(NAME, ...) \
  if (packing == TACIT_PACKED_##NAME) return half_block_##NAME(bytes, half);
  TACIT_BLOCK_FORMATS(ROW)
#undef ROW
  __builtin_unreachable();
}
