// Linear layers: blocks of rows × outputs held in registers.
//
// A block's shape never changes an output's sum: each (row, output) pair has its own accumulator,
// which meets the products of its own k in the same order in every block.
#pragma once

#include "jobs.h"
#include "pool.h"
#include "vector.h"

enum { BLOCK_SUMS = (BLOCK_ROWS * BLOCK_OUTPUTS + 3) / 4 * 4 };

/// Adds sixteen products to each of `rows` × `outputs` accumulators.
INLINE void dot_step(int rows, int outputs, tacit_element element, const float *x,
                     ptrdiff_t x_stride, const void *w, ptrdiff_t w_stride, v16 *sums) {
  v16 weight[BLOCK_OUTPUTS];
#pragma clang loop unroll(full)
  for (int n = 0; n < outputs; n++) {
    weight[n] = load_element(w, n * w_stride, element);
    // Half-width rows are too short for the processor to run ahead by itself.
    if (rows < BLOCK_ROWS && element != TACIT_FLOAT32) {
      __builtin_prefetch((const char *)w + 2 * (outputs + n) * w_stride);
    }
  }
#pragma clang loop unroll(full)
  for (int m = 0; m < rows; m++) {
    v16 value = load16(x + m * x_stride);
#pragma clang loop unroll(full)
    for (int n = 0; n < outputs; n++) {
      sums[m * outputs + n] = fma16(value, weight[n], sums[m * outputs + n]);
    }
  }
}

/// sums[rows][outputs] of output-major weights: 16 lanes over k, then one tree.
INLINE void dot_block(int rows, int outputs, tacit_element element, const float *x,
                      ptrdiff_t x_stride, const void *w, ptrdiff_t w_stride, ptrdiff_t inputs,
                      float *sums) {
  const size_t size = element_size(element);
  v16 lanes[BLOCK_SUMS];
#pragma clang loop unroll(full)
  for (int i = 0; i < BLOCK_SUMS; i++) lanes[i] = splat(0);
  ptrdiff_t k = 0;
  for (; k + LANES <= inputs; k += LANES) {
    dot_step(rows, outputs, element, x + k, x_stride, (const char *)w + (size_t)k * size, w_stride,
             lanes);
  }
  if (k < inputs) {
    float x_tail[BLOCK_ROWS][LANES] = {0};
    float w_tail[BLOCK_OUTPUTS][LANES] = {0};
    for (int m = 0; m < rows; m++) {
      memcpy(x_tail[m], x + m * x_stride + k, (size_t)(inputs - k) * sizeof(float));
    }
    for (int n = 0; n < outputs; n++) {
      memcpy(w_tail[n], (const char *)w + (size_t)(n * w_stride + k) * size,
             (size_t)(inputs - k) * size);
    }
    ptrdiff_t stride = (ptrdiff_t)(sizeof w_tail[0] / size);
    dot_step(rows, outputs, element, x_tail[0], LANES, w_tail, stride, lanes);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows * outputs; i += 4) {
    v4 four = sum_lanes(lanes[i], lanes[i + 1], lanes[i + 2], lanes[i + 3]);
    memcpy(sums + i, &four, sizeof four);
  }
}

/// `dot_block` for shapes known only at run time; `outputs` is 1 or BLOCK_OUTPUTS.
static void dot_rows(int rows, int outputs, tacit_element element, const float *x,
                     ptrdiff_t x_stride, const void *w, ptrdiff_t w_stride, ptrdiff_t inputs,
                     float *sums) {
#define CASE(R, N, T)                                                \
  case ((R) * 2 + ((N) > 1)) * 3 + (T):                              \
    dot_block(R, N, T, x, x_stride, w, w_stride, inputs, sums);      \
    return;
#define CASES(R)                                                     \
  CASE(R, 1, TACIT_FLOAT32) CASE(R, 1, TACIT_FLOAT16) CASE(R, 1, TACIT_BFLOAT16) \
  CASE(R, BLOCK_OUTPUTS, TACIT_FLOAT32) CASE(R, BLOCK_OUTPUTS, TACIT_FLOAT16)    \
  CASE(R, BLOCK_OUTPUTS, TACIT_BFLOAT16)
  switch ((rows * 2 + (outputs > 1)) * 3 + (int)element) {
    CASES(1)
    CASES(2)
#if BLOCK_ROWS > 2
    CASES(3)
#endif
#if BLOCK_ROWS > 3
    CASES(4)
    CASES(5)
    CASES(6)
#endif
  }
#undef CASES
#undef CASE
}

/// y[rows, columns] = x · Wᵀ for `columns` consecutive rows of W, plus bias where there is one.
static void dot_panel(float *y, ptrdiff_t y_stride, const float *x, ptrdiff_t x_stride,
                      ptrdiff_t rows, tacit_element element, const void *w, ptrdiff_t w_stride,
                      ptrdiff_t columns, ptrdiff_t inputs, const float *bias) {
  float sums[BLOCK_SUMS];
  ptrdiff_t blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
  for (ptrdiff_t block = 0, m = 0; block < blocks; block++) {
    int height = (int)((rows - m + blocks - block - 1) / (blocks - block));
    for (ptrdiff_t n = 0; n < columns;) {
      int width = columns - n >= BLOCK_OUTPUTS ? BLOCK_OUTPUTS : 1;
      const char *start = (const char *)w + (size_t)(n * w_stride) * element_size(element);
      dot_rows(height, width, element, x + m * x_stride, x_stride, start, w_stride, inputs, sums);
      for (int i = 0; i < height; i++) {
        for (int j = 0; j < width; j++) {
          y[(m + i) * y_stride + n + j] = sums[i * width + j] + (bias ? bias[n + j] : 0);
        }
      }
      n += width;
    }
    m += height;
  }
}

/// y += x · W at columns n ..< n + 16 · vectors, for `depth` stored rows of input-major W.
INLINE void chain_step(int rows, int depth, int vectors, tacit_element element, float *y,
                       ptrdiff_t y_stride, const float *x, ptrdiff_t x_stride, const void *w,
                       ptrdiff_t w_stride, ptrdiff_t n) {
  v16 sum[BLOCK_ROWS][2];
#pragma clang loop unroll(full)
  for (int m = 0; m < rows; m++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sum[m][v] = load16(y + m * y_stride + n + v * LANES);
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < depth; k++) {
    v16 weight[2];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      const ptrdiff_t place = k * w_stride + n + v * LANES;
      weight[v] = load_element(w, place, element);
      if (rows < 3 && element != TACIT_FLOAT32) {
        __builtin_prefetch((const char *)w + 2 * (depth * w_stride + place));
      }
    }
#pragma clang loop unroll(full)
    for (int m = 0; m < rows; m++) {
      v16 value = splat(x[m * x_stride + k]);
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) sum[m][v] = fma16(value, weight[v], sum[m][v]);
    }
  }
#pragma clang loop unroll(full)
  for (int m = 0; m < rows; m++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) store16(y + m * y_stride + n + v * LANES, sum[m][v]);
  }
}

/// y += x · W for `depth` stored rows of input-major W: one chain over k for each output.
INLINE void chain_block(int rows, int depth, tacit_element element, float *y, ptrdiff_t y_stride,
                        const float *x, ptrdiff_t x_stride, const void *w, ptrdiff_t w_stride,
                        ptrdiff_t columns) {
  ptrdiff_t n = 0;
  for (; n + 2 * LANES <= columns; n += 2 * LANES) {
    chain_step(rows, depth, 2, element, y, y_stride, x, x_stride, w, w_stride, n);
  }
  for (; n + LANES <= columns; n += LANES) {
    chain_step(rows, depth, 1, element, y, y_stride, x, x_stride, w, w_stride, n);
  }
  if (n == columns) return;
  for (int m = 0; m < rows; m++) {
    v16 sum = load_some(y + m * y_stride + n, columns - n, 0);
    for (int k = 0; k < depth; k++) {
      v16 weight = load_some_elements(w, k * w_stride + n, columns - n, element);
      sum = fma16(splat(x[m * x_stride + k]), weight, sum);
    }
    store_some(y + m * y_stride + n, sum, columns - n);
  }
}

/// `chain_block` for shapes known only at run time; `depth` is 1 or 8.
static void chain_rows(int rows, int depth, tacit_element element, float *y, ptrdiff_t y_stride,
                       const float *x, ptrdiff_t x_stride, const void *w, ptrdiff_t w_stride,
                       ptrdiff_t columns) {
#define CASE(R, N, T)                                                          \
  case ((R) * 2 + ((N) > 1)) * 3 + (T):                                        \
    chain_block(R, N, T, y, y_stride, x, x_stride, w, w_stride, columns);      \
    return;
#define CASES(R)                                                               \
  CASE(R, 1, TACIT_FLOAT32) CASE(R, 1, TACIT_FLOAT16) CASE(R, 1, TACIT_BFLOAT16) \
  CASE(R, 8, TACIT_FLOAT32) CASE(R, 8, TACIT_FLOAT16) CASE(R, 8, TACIT_BFLOAT16)
  switch ((rows * 2 + (depth > 1)) * 3 + (int)element) {
    CASES(1)
    CASES(2)
#if BLOCK_ROWS > 2
    CASES(3)
#endif
#if BLOCK_ROWS > 3
    CASES(4)
    CASES(5)
    CASES(6)
#endif
  }
#undef CASES
#undef CASE
}

/// y[rows, columns] += x · W for `inputs` stored rows of input-major W.
static void chain_panel(float *y, ptrdiff_t y_stride, const float *x, ptrdiff_t x_stride,
                        ptrdiff_t rows, tacit_element element, const void *w, ptrdiff_t w_stride,
                        ptrdiff_t columns, ptrdiff_t inputs) {
  ptrdiff_t blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
  for (ptrdiff_t block = 0, m = 0; block < blocks; block++) {
    int height = (int)((rows - m + blocks - block - 1) / (blocks - block));
    for (ptrdiff_t k = 0; k < inputs;) {
      int depth = inputs - k >= 8 ? 8 : 1;
      const char *start = (const char *)w + (size_t)(k * w_stride) * element_size(element);
      chain_rows(height, depth, element, y + m * y_stride, y_stride, x + m * x_stride + k,
                 x_stride, start, w_stride, columns);
      k += depth;
    }
    m += height;
  }
}

/// Copies [rows, columns] elements at stride `stride` into contiguous floats.
static void widen_panel(float *y, const void *data, ptrdiff_t stride, tacit_element element,
                        ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t m = 0; m < rows; m++) {
    float *row = y + m * columns;
    ptrdiff_t n = 0;
    for (; n + LANES <= columns; n += LANES) {
      store16(row + n, load_element(data, m * stride + n, element));
    }
    if (n == columns) continue;
    store_some(row + n, load_some_elements(data, m * stride + n, columns - n, element),
               columns - n);
  }
}

static void linear_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const linear_job *job = context;
  const tacit_matrix weight = job->weight;
  const bool widens = !weight.output_major && job->rows > 2 * BLOCK_ROWS;
  for (ptrdiff_t item = begin; item < end; item++) {
    ptrdiff_t first = item * job->panel;
    ptrdiff_t left = weight.outputs - first;
    ptrdiff_t columns = left < job->panel ? left : job->panel;
    float *y = job->y + first;
    const float *bias = job->bias ? job->bias + first : NULL;
    ptrdiff_t step = weight.output_major ? weight.inputs : 1;
    const void *w =
        (const char *)weight.data + (size_t)(first * step) * element_size(weight.element);
    ptrdiff_t stride = weight.output_major ? weight.inputs : weight.outputs;
    tacit_element element = weight.element;
    if (widens) {
      float *panel = tacit_scratch((size_t)(columns * weight.inputs));
      ptrdiff_t width = weight.output_major ? weight.inputs : columns;
      widen_panel(panel, w, stride, element, columns * weight.inputs / (width ? width : 1), width);
      w = panel;
      stride = width;
      element = TACIT_FLOAT32;
    }
    if (weight.output_major) {
      dot_panel(y, weight.outputs, job->x, weight.inputs, job->rows, element, w, stride, columns,
                weight.inputs, bias);
      continue;
    }
    for (ptrdiff_t m = 0; m < job->rows; m++) {
      memset(y + m * weight.outputs, 0, (size_t)columns * sizeof(float));
    }
    chain_panel(y, weight.outputs, job->x, weight.inputs, job->rows, element, w, stride, columns,
                weight.inputs);
    for (ptrdiff_t m = 0; bias && m < job->rows; m++) {
      for (ptrdiff_t n = 0; n < columns; n++) y[m * weight.outputs + n] += bias[n];
    }
  }
}

static void gather_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const gather_job *job = context;
  for (ptrdiff_t i = begin; i < end; i++) {
    const char *row = (const char *)job->data +
                      (size_t)job->indices[i] * (size_t)job->columns * element_size(job->element);
    widen_panel(job->y + i * job->columns, row, 0, job->element, 1, job->columns);
  }
}
