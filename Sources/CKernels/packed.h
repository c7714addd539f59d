// Linear layers over packed weights: blocks of rows and tiles, and what each fetches.
#pragma once

#include "packed_totals.h"

/// y = x · Wᵀ + bias at `count` of `rows` rows and at the outputs of some tiles; `packing` and
/// `rounds` are those of the job, known when this is compiled.
INLINE void packed_block(int rows, int tiles, tacit_packing packing, bool rounds,
                         const packed_job *job, ptrdiff_t m, int count, ptrdiff_t tile,
                         const fetch_plan *plan) {
  v16 totals[MAXIMUM_SUMS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows * tiles; i++) totals[i] = splat(0);
  const uint8_t *w = (const uint8_t *)job->weight.data + (size_t)tile * job->tile_size;
  const char *first = (const char *)job->x + (size_t)m * job->x_stride;
  if (packing == TACIT_PACKED_BFLOAT16) {
    paired_totals(rows, tiles, w, job->tile_size, job->weight.inputs, (const uint32_t *)first,
                  totals, plan);
  } else {
    const void *x[TILE_ROWS];
    // Rows that are not there repeat the last one; their sums are dropped.
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      x[i] = first + (size_t)(i < count ? i : count - 1) * job->x_stride;
    }
    packed_totals(rows, tiles, packing, rounds, w, job->tile_size, job->weight.inputs, x, totals,
                  plan);
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

/// `packed_block` for shapes and formats known only at run time.
static void packed_rows(int rows, bool single, const packed_job *job, ptrdiff_t m, int count,
                        ptrdiff_t tile, const fetch_plan *plan) {
#define CASE(R, P, ROUNDS)                                                     \
  case R:                                                                      \
    if (single) packed_block(R, 1, P, ROUNDS, job, m, count, tile, plan);      \
    else packed_block(R, TILES_OF(R), P, ROUNDS, job, m, count, tile, plan);   \
    return;
#if TILE_ROWS > 2
#define CASES(P, ROUNDS) \
  CASE(1, P, ROUNDS) CASE(2, P, ROUNDS) CASE(4, P, ROUNDS) CASE(8, P, ROUNDS)
#define HIGH_CASES(P) CASE(MIDDLE_ROWS, P, true) CASE(PAIRED_ROWS, P, true)
#else
#define CASES(P, ROUNDS) CASE(1, P, ROUNDS) CASE(2, P, ROUNDS)
#define HIGH_CASES(P)
#endif
#define ROW(NAME, ...)                                                         \
  case TACIT_PACKED_##NAME:                                                    \
    if (job->rounds) switch (rows) { CASES(TACIT_PACKED_##NAME, true) }        \
    else switch (rows) { CASES(TACIT_PACKED_##NAME, false) }                   \
    return;
  switch (job->weight.packing) {
    TACIT_BLOCK_FORMATS(ROW)
    case TACIT_PACKED_BFLOAT16:
      switch (rows) { CASES(TACIT_PACKED_BFLOAT16, true) HIGH_CASES(TACIT_PACKED_BFLOAT16) }
  }
#undef ROW
#undef HIGH_CASES
#undef CASES
#undef CASE
}

/// Rows of the block that begins at row `m`.
INLINE int block_rows(const packed_job *job, ptrdiff_t m) {
  if (job->weight.packing == TACIT_PACKED_BFLOAT16) return group_rows(job->rows, m);
  int rows = 1;
  while (rows < TILE_ROWS && rows < job->rows - m) rows *= 2;
  return rows;
}

/// A single block of rows fetches close to where it reads, then what is `near` bytes away; several
/// take turns at every fourth line of what is `far`.
static fetch_plan plan_of(const packed_job *job, ptrdiff_t turn, ptrdiff_t turns, ptrdiff_t near,
                          ptrdiff_t far) {
  fetch_plan plan = {.close = job->rows > 4 ? 4096 : 2048};
  const ptrdiff_t late = near == 0 ? 0 : near + plan.close - (ptrdiff_t)job->tile_size;
  for (int i = 0; i < 4; i++) {
    const bool fetches = turn == (turns < 4 ? i * turns / 4 : i);
    plan.early.lines[i] = turns < 2 ? plan.close : fetches ? far : 0;
    plan.late.lines[i] = turns < 2 ? late : plan.early.lines[i];
  }
  return plan;
}

/// The products of `count` tiles from `tile` on; the tile `next` follows.
static void packed_strip(const packed_job *job, ptrdiff_t tile, ptrdiff_t count, ptrdiff_t next) {
  const ptrdiff_t size = (ptrdiff_t)job->tile_size;
  const bool exists = (next + count) * LANES <= job->weight.outputs;
  const ptrdiff_t far = exists ? (next - tile) * size : 0;
  const ptrdiff_t most = block_rows(job, 0), turns = (job->rows + most - 1) / most;
  for (ptrdiff_t m = 0, rows, turn = 0; m < job->rows; m += rows, turn++) {
    rows = block_rows(job, m);
    const int height = (int)(job->rows - m < rows ? job->rows - m : rows);
    for (ptrdiff_t t = 0, width; t < count; t += width) {
      width = count - t < TILES_OF(rows) ? 1 : TILES_OF(rows);
      const ptrdiff_t near = t + width < count ? width * size : exists ? far - t * size : 0;
      const fetch_plan plan = plan_of(job, turn, turns, near, far);
      packed_rows((int)rows, width == 1, job, m, height, tile + t, &plan);
    }
  }
}

/// An item is a panel of tiles.
static void packed_linear_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const packed_job *job = context;
  const ptrdiff_t tiles = (job->weight.outputs + LANES - 1) / LANES;
  for (ptrdiff_t item = begin; item < end; item++) {
    const ptrdiff_t first = item * job->panel;
    const ptrdiff_t stop = first + job->panel < tiles ? first + job->panel : tiles;
    for (ptrdiff_t tile = first, count; tile < stop; tile += count) {
      count = stop - tile < TILE_COUNT ? stop - tile : TILE_COUNT;
      const ptrdiff_t next =
          tile + count < stop ? tile + count : next_item(item, begin, end) * job->panel;
      packed_strip(job, tile, count, next);
    }
  }
}

#define TACIT_PACKED_KERNELS                                                   \
  [KERNEL_PACKED_LINEAR] = packed_linear_kernel,                               \
  [KERNEL_ROUND_INPUTS] = round_inputs_kernel,                                 \
  [KERNEL_PACKED_GATHER] = packed_gather_kernel,                               \
  [KERNEL_PACKED_MIX] = packed_mix_kernel
