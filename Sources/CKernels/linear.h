// Linear layers: panels of products with output-major weights, chains over input-major ones.
//
// A block's shape never changes an output's sum: each (row, output) pair has its own accumulator,
// which meets the products of its own k in the same order in every block.
#pragma once

#include "dot_panel.h"
#include "pool.h"

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
    ALL_ROWS(CASES)
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

/// What one item of a linear layer computes.
typedef struct linear_part {
  ptrdiff_t first_row, rows, first, columns;
} linear_part;

INLINE linear_part part_of(const linear_job *job, ptrdiff_t item) {
  const ptrdiff_t panels = (job->weight.outputs + job->panel - 1) / job->panel;
  const ptrdiff_t first = item % panels * job->panel, first_row = item / panels * job->block;
  const ptrdiff_t columns = job->weight.outputs - first, rows = job->rows - first_row;
  return (linear_part){first_row, rows < job->block ? rows : job->block, first,
                       columns < job->panel ? columns : job->panel};
}

/// What the products of a part read and write from output `n` on.
INLINE dot_operands operands_at(const linear_job *job, linear_part part, ptrdiff_t n) {
  const tacit_matrix *weight = &job->weight;
  const ptrdiff_t row_size = weight->inputs * (ptrdiff_t)element_size(weight->element);
  return (dot_operands){
      .y = job->y + part.first_row * weight->outputs + n,
      .x = job->x + part.first_row * weight->inputs,
      .w = (const char *)weight->data + n * row_size,
      .bias = job->bias ? job->bias + n : NULL,
      .y_stride = weight->outputs,
      .x_stride = weight->inputs,
      .w_stride = weight->inputs,
      .inputs = weight->inputs,
      .turns = 1,
  };
}

/// Bytes from the weights of output `n` to those of `following` and the `count` from there on, or 0
/// where there are not as many.
INLINE ptrdiff_t bytes_ahead(const tacit_matrix *weight, ptrdiff_t n, ptrdiff_t following,
                             ptrdiff_t count) {
  if (following + count > weight->outputs) return 0;
  return (following - n) * weight->inputs * (ptrdiff_t)element_size(weight->element);
}

/// y = x · Wᵀ + bias for output-major weights, strip by strip; the work at output `next` follows.
static void dot_strips(const linear_job *job, linear_part part, ptrdiff_t next) {
  const tacit_matrix *weight = &job->weight;
  const ptrdiff_t end = part.first + part.columns;
  const ptrdiff_t step = weight->inputs > DEPTH ? LONG_STRIP : part.columns;
  for (ptrdiff_t n = part.first; n < end; n += step) {
    dot_operands at = operands_at(job, part, n);
    at.ahead = bytes_ahead(weight, n, n + step < end ? n + step : next, step);
    dot_panel(at, part.rows, weight->element, n + step < end ? step : end - n);
  }
}

/// `dot_strips` for rows of one block: nothing but the weights of a few outputs takes time.
static void dot_few_rows(const linear_job *job, linear_part part, ptrdiff_t next) {
  const tacit_matrix *weight = &job->weight;
  const ptrdiff_t last = (part.columns - 1) / BLOCK_OUTPUTS * BLOCK_OUTPUTS;
  dot_operands at = operands_at(job, part, part.first);
  at.ahead = bytes_ahead(weight, part.first, part.first + BLOCK_OUTPUTS, BLOCK_OUTPUTS);
  dot_rows((int)part.rows, weight->element, &at, last);
  at = operands_at(job, part, part.first + last);
  at.ahead = bytes_ahead(weight, part.first + last, next, BLOCK_OUTPUTS);
  dot_rows((int)part.rows, weight->element, &at, part.columns - last);
}

/// y = x · W + bias at outputs [first, first + columns) of input-major weights.
static void chain_columns(const linear_job *job, ptrdiff_t first, ptrdiff_t columns) {
  const tacit_matrix weight = job->weight;
  float *y = job->y + first;
  const void *w = (const char *)weight.data + (size_t)first * element_size(weight.element);
  ptrdiff_t stride = weight.outputs;
  tacit_element element = weight.element;
  if (job->rows > 2 * BLOCK_ROWS) {
    float *panel = tacit_scratch((size_t)(columns * weight.inputs));
    widen_panel(panel, w, stride, element, weight.inputs, columns);
    w = panel;
    stride = columns;
    element = TACIT_FLOAT32;
  }
  for (ptrdiff_t m = 0; m < job->rows; m++) {
    memset(y + m * weight.outputs, 0, (size_t)columns * sizeof(float));
  }
  chain_panel(y, weight.outputs, job->x, weight.inputs, job->rows, element, w, stride, columns,
              weight.inputs);
  for (ptrdiff_t m = 0; job->bias && m < job->rows; m++) {
    for (ptrdiff_t n = 0; n < columns; n++) y[m * weight.outputs + n] += job->bias[first + n];
  }
}

/// Items run over blocks of rows, then panels of outputs.
static void linear_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const linear_job *job = context;
  for (ptrdiff_t item = begin; item < end; item++) {
    const linear_part part = part_of(job, item);
    const ptrdiff_t next = part_of(job, next_item(item, begin, end)).first;
    const bool few = part.rows <= BLOCK_ROWS && (part.rows < 4 || job->weight.inputs <= DEPTH);
    if (job->weight.output_major && few) {
      dot_few_rows(job, part, next);
    } else if (job->weight.output_major) {
      dot_strips(job, part, next);
    } else {
      chain_columns(job, part.first, part.columns);
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
