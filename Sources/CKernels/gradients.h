// Gradients of linear layers, norms and functions of elements.
//
// Sums over rows are one chain in order of rows for each element, so that neither the thread count
// nor the instruction set changes a bit.
#pragma once

#include "linear.h"
#include "rows.h"

/// Rows that a product turns at a time.
enum { PRODUCT_DEPTH = 128 };

/// sums[A, B] += aᵀ · b; an item is a panel of columns of a.
static void product_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const product_job *job = context;
  for (ptrdiff_t item = begin; item < end; item++) {
    ptrdiff_t first = item * job->panel, left = job->a_columns - first;
    ptrdiff_t height = left < job->panel ? left : job->panel;
    float *turned = tacit_scratch((size_t)(height * PRODUCT_DEPTH));
    for (ptrdiff_t m = 0; m < job->rows; m += PRODUCT_DEPTH) {
      ptrdiff_t depth = job->rows - m < PRODUCT_DEPTH ? job->rows - m : PRODUCT_DEPTH;
      for (ptrdiff_t k = 0; k < depth; k++) {
        const float *row = job->a + (m + k) * job->a_columns + first;
        for (ptrdiff_t n = 0; n < height; n++) turned[n * depth + k] = row[n];
      }
      chain_panel(job->y + first * job->b_columns, job->b_columns, turned, depth, height,
                  TACIT_FLOAT32, job->b + m * job->b_columns, job->b_columns, job->b_columns,
                  depth);
    }
  }
}

/// y += the rows of x; an item is a panel of columns.
static void column_sums_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const columns_job *job = context;
  for (ptrdiff_t n = begin * COLUMN_PANEL; n < end * COLUMN_PANEL; n += LANES) {
    ptrdiff_t some = job->columns - n;
    if (some <= 0) return;
    if (some > LANES) some = LANES;
    v16 sum = load_some(job->y + n, some, 0);
    for (ptrdiff_t m = 0; m < job->rows; m++) {
      sum += load_some(job->x + m * job->columns + n, some, 0);
    }
    store_some(job->y + n, sum, some);
  }
}

/// y[indices[m], :] += x[m, :], in order of m; an item is a panel of columns.
static void scatter_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const columns_job *job = context;
  ptrdiff_t first = begin * COLUMN_PANEL, last = end * COLUMN_PANEL;
  if (last > job->columns) last = job->columns;
  for (ptrdiff_t m = 0; m < job->rows; m++) {
    float *y = job->y + job->indices[m] * job->columns;
    const float *x = job->x + m * job->columns;
    for (ptrdiff_t n = first; n < last; n++) y[n] += x[n];
  }
}

/// dx = factor · (d - mean(d) - h · mean(d · h)) with d = gain · dy and h the normalized row; the
/// mean of d is left out where the norm does not centre. `products` receive dy · h.
static void norm_gradient_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const norm_gradient_job *job = context;
  const ptrdiff_t columns = job->columns;
  for (ptrdiff_t m = begin; m < end; m++) {
    const float *x = job->x + m * columns, *dy = job->dy + m * columns;
    float mean = job->centers ? sum_row(x, columns, 0, false) / (float)columns : 0;
    float variance = sum_row(x, columns, mean, true) / (float)columns;
    float factor = 1.0f / __builtin_sqrtf(variance + job->epsilon);
    v16 sum = splat(0), product = splat(0);
    for (ptrdiff_t i = 0; i < columns; i += LANES) {
      ptrdiff_t some = columns - i < LANES ? columns - i : LANES;
      v16 d = load_some(dy + i, some, 0) * load_some(job->gain + i, some, 0);
      v16 h = (load_some(x + i, some, mean) - mean) * factor;
      sum += d;
      product = fma16(d, h, product);
    }
    float mean_d = job->centers ? sum16(sum) / (float)columns : 0;
    float mean_dh = sum16(product) / (float)columns;
    for (ptrdiff_t i = 0; i < columns; i += LANES) {
      ptrdiff_t some = columns - i < LANES ? columns - i : LANES;
      v16 d = load_some(dy + i, some, 0);
      v16 h = (load_some(x + i, some, mean) - mean) * factor;
      store_some(job->products + m * columns + i, d * h, some);
      d = d * load_some(job->gain + i, some, 0) - mean_d - h * mean_dh;
      store_some(job->dx + m * columns + i, d * factor, some);
    }
  }
}

INLINE v16 derivative(v16 x, tacit_map function) {
  switch (function) {
    case TACIT_RELU:
      return select16(x > 0.0f, splat(1), splat(0));
    case TACIT_SILU: {
      v16 s = sigmoid16(x);
      return s * (1.0f + x * (1.0f - s));
    }
    case TACIT_GELU_ERF: {
      v16 density = exp16(x * x * -0.5f) * 0x1.988454p-2f;  // 1 / sqrt(2 pi)
      return 0.5f * (1.0f + erf16(x * 0x1.6a09e6p-1f)) + x * density;
    }
    case TACIT_GELU_TANH: {
      v16 s = sigmoid16(fma16(x * x * x, splat(0.044715f), x) * 0x1.988454p0f);
      v16 slope = fma16(x * x, splat(3 * 0.044715f), splat(1)) * 0x1.988454p0f;
      return s + x * s * (1.0f - s) * slope;
    }
    case TACIT_EXP:
      return exp16(x);
  }
  return x;
}

static void map_gradient_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const rows_job *job = context;
  for (ptrdiff_t i = begin; i < end; i += LANES) {
    ptrdiff_t some = end - i < LANES ? end - i : LANES;
    v16 slope = derivative(load_some(job->x + i, some, 0), job->function);
    store_some(job->y + i, load_some(job->other + i, some, 0) * slope, some);
  }
}

static void swiglu_gradient_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const swiglu_gradient_job *job = context;
  for (ptrdiff_t i = begin; i < end; i += LANES) {
    ptrdiff_t some = end - i < LANES ? end - i : LANES;
    v16 dy = load_some(job->dy + i, some, 0), gate = load_some(job->gate + i, some, 0);
    v16 s = sigmoid16(gate);
    store_some(job->dup + i, dy * gate * s, some);
    v16 dgate = dy * load_some(job->up + i, some, 0) * s * (1.0f + gate * (1.0f - s));
    store_some(job->dgate + i, dgate, some);
  }
}
