// Products with output-major weights: blocks of rows × outputs held in registers.
//
// A block's shape never changes an output's sum: each (row, output) pair has its own 16 lanes, each
// of which meets the products of its own k in the same order in every block, and one tree.
#pragma once

#include "jobs.h"
#include "vector.h"

enum { BLOCK_SUMS = (BLOCK_ROWS * BLOCK_OUTPUTS + 3) / 4 * 4 };

/// Inputs after which a block of many rows turns to the next outputs: those of the rows stay in
/// the first cache. A multiple of LANES.
enum { DEPTH = 1024 };

/// Most outputs of a strip whose accumulators wait for more inputs; a multiple of BLOCK_OUTPUTS.
enum { LONG_STRIP = 24 };

/// What a block of output-major products reads and writes.
typedef struct dot_operands {
  float *y;
  const float *x;
  /// The first stored row; needs no alignment.
  const char *w;
  const float *bias;
  /// In elements.
  ptrdiff_t y_stride, x_stride, w_stride, inputs;
  /// Bytes from the weights that are read to those that are fetched meanwhile; 0 for none.
  ptrdiff_t ahead;
  /// Blocks of rows take turns at the lines that they fetch.
  ptrdiff_t turn, turns;
  /// Where accumulators come from and go to, where more inputs than these are summed.
  const v16 *before;
  v16 *after;
} dot_operands;

/// Adds sixteen products to each of `rows` × `outputs` accumulators.
INLINE void dot_step(int rows, int outputs, tacit_element element, const float *x,
                     ptrdiff_t x_stride, const void *w, ptrdiff_t w_stride, v16 *sums) {
  v16 weight[BLOCK_OUTPUTS];
#pragma clang loop unroll(full)
  for (int n = 0; n < outputs; n++) weight[n] = load_element(w, n * w_stride, element);
#pragma clang loop unroll(full)
  for (int m = 0; m < rows; m++) {
    v16 value = load16(x + m * x_stride);
#pragma clang loop unroll(full)
    for (int n = 0; n < outputs; n++) {
      sums[m * outputs + n] = fma16(value, weight[n], sums[m * outputs + n]);
    }
  }
}

/// `dot_step` for the inputs from `done` on, fewer than sixteen; zeros follow them.
INLINE void dot_tail(int rows, int outputs, tacit_element element, const dot_operands *at,
                     ptrdiff_t done, v16 *sums) {
  const size_t size = element_size(element);
  const size_t left = (size_t)(at->inputs - done);
  float x[BLOCK_ROWS][LANES] = {0}, w[BLOCK_OUTPUTS][LANES] = {0};
  for (int m = 0; m < rows; m++) {
    memcpy(x[m], at->x + m * at->x_stride + done, left * sizeof(float));
  }
  for (int n = 0; n < outputs; n++) {
    memcpy(w[n], at->w + (size_t)(n * at->w_stride + done) * size, left * size);
  }
  dot_step(rows, outputs, element, x[0], LANES, w, (ptrdiff_t)(sizeof w[0] / size), sums);
}

/// y[rows, outputs] of output-major weights: 16 lanes over k, then one tree, plus the bias.
INLINE void dot_block(int rows, int outputs, tacit_element element, const dot_operands *at) {
  const size_t size = element_size(element);
  v16 lanes[BLOCK_SUMS];
#pragma clang loop unroll(full)
  for (int i = 0; i < BLOCK_SUMS; i++) lanes[i] = splat(0);
  if (at->before) memcpy(lanes, at->before, (size_t)(rows * outputs) * sizeof lanes[0]);
  const ptrdiff_t line = (ptrdiff_t)(64 / size);
  const char *w = at->w;
  ptrdiff_t k = 0, waits = at->turn;
  for (; k + line <= at->inputs; k += line, w += 64) {
    if (at->ahead != 0 && waits-- == 0) {
      waits = at->turns - 1;
#pragma clang loop unroll(full)
      for (int n = 0; n < outputs; n++) {
        const char *next = w + (size_t)(n * at->w_stride) * size + at->ahead;
        if (rows > 3) __builtin_prefetch(next, 0, 2);
        else __builtin_prefetch(next);
      }
    }
#pragma clang loop unroll(full)
    for (ptrdiff_t i = 0; i < line; i += LANES) {
      dot_step(rows, outputs, element, at->x + k + i, at->x_stride, w + (size_t)i * size,
               at->w_stride, lanes);
    }
  }
  if (k + LANES <= at->inputs) {
    dot_step(rows, outputs, element, at->x + k, at->x_stride, w, at->w_stride, lanes);
    k += LANES;
  }
  if (k < at->inputs) dot_tail(rows, outputs, element, at, k, lanes);
  if (at->after) {
    memcpy(at->after, lanes, (size_t)(rows * outputs) * sizeof lanes[0]);
    return;
  }
  float sums[BLOCK_SUMS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows * outputs; i += 4) {
    v4 four = sum_lanes(lanes[i], lanes[i + 1], lanes[i + 2], lanes[i + 3]);
    if (outputs == 4) {
      v4 bias = {0};
      if (at->bias) memcpy(&bias, at->bias, sizeof bias);
      four += bias;
      memcpy(at->y + i / 4 * at->y_stride, &four, sizeof four);
    } else {
      memcpy(sums + i, &four, sizeof four);
    }
  }
  if (outputs == 4) return;
  for (int m = 0; m < rows; m++) {
    for (int n = 0; n < outputs; n++) {
      at->y[m * at->y_stride + n] = sums[m * outputs + n] + (at->bias ? at->bias[n] : 0);
    }
  }
}

/// CASES of every number of rows that a block has: BLOCK_ROWS is 6 or 2.
#if BLOCK_ROWS > 2
#define ALL_ROWS(CASES) CASES(1) CASES(2) CASES(3) CASES(4) CASES(5) CASES(6)
#else
#define ALL_ROWS(CASES) CASES(1) CASES(2)
#endif

/// `dot_block` for `columns` consecutive outputs; with each, accumulators move on.
INLINE void dot_run(int rows, tacit_element element, dot_operands at, ptrdiff_t columns) {
  const ptrdiff_t row_size = at.w_stride * (ptrdiff_t)element_size(element);
  for (ptrdiff_t width; columns > 0; columns -= width) {
    width = columns >= BLOCK_OUTPUTS ? BLOCK_OUTPUTS : 1;
    if (width > 1) dot_block(rows, BLOCK_OUTPUTS, element, &at);
    else dot_block(rows, 1, element, &at);
    at.y += width;
    at.w += width * row_size;
    if (at.bias) at.bias += width;
    if (at.before) at.before += width * rows;
    if (at.after) at.after += width * rows;
  }
}

/// `dot_run` for shapes known only at run time.
static void dot_rows(int rows, tacit_element element, const dot_operands *at, ptrdiff_t columns) {
#define CASE(R, T) case (R) * 3 + (T): dot_run(R, T, *at, columns); return;
#define CASES(R) CASE(R, TACIT_FLOAT32) CASE(R, TACIT_FLOAT16) CASE(R, TACIT_BFLOAT16)
  switch (rows * 3 + (int)element) {
    ALL_ROWS(CASES)
  }
#undef CASES
#undef CASE
}

/// `dot_rows` for `depth` inputs at a time.
static void dot_columns(dot_operands at, int rows, tacit_element element, ptrdiff_t columns,
                        ptrdiff_t depth) {
  v16 waiting[BLOCK_ROWS * LONG_STRIP];
  const ptrdiff_t inputs = at.inputs;
  ptrdiff_t left = inputs;
  do {
    at.inputs = left > depth ? depth : left;
    at.before = left < inputs ? waiting : NULL;
    at.after = left > depth ? waiting : NULL;
    dot_rows(rows, element, &at, columns);
    at.x += depth;
    at.w += depth * (ptrdiff_t)element_size(element);
    left -= depth;
  } while (left > 0);
}

/// y[rows, columns] = x · Wᵀ for `columns` consecutive rows of W, plus bias where there is one.
static void dot_panel(dot_operands at, ptrdiff_t rows, tacit_element element, ptrdiff_t columns) {
  const ptrdiff_t blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
  const ptrdiff_t depth = rows > 3 && columns <= LONG_STRIP ? DEPTH : at.inputs;
  at.turns = blocks;
  for (ptrdiff_t block = 0, left = rows; block < blocks; block++) {
    const int height = (int)((left + blocks - block - 1) / (blocks - block));
    at.turn = block;
    dot_columns(at, height, element, columns, depth);
    at.x += height * at.x_stride;
    at.y += height * at.y_stride;
    left -= height;
  }
}
