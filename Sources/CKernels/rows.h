// Norms, rotation and functions of elements.
#pragma once

#include "jobs.h"
#include "vector.h"

/// Sum over lanes (i mod 16) of (x - center)², or of x when `squared` is false.
INLINE float sum_row(const float *x, ptrdiff_t count, float center, bool squared) {
  v16 sum = splat(0);
  ptrdiff_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    v16 v = load16(x + i) - center;
    sum = squared ? fma16(v, v, sum) : sum + v;
  }
  if (i < count) {
    v16 v = load_some(x + i, count - i, center) - center;
    sum = squared ? fma16(v, v, sum) : sum + v;
  }
  return sum16(sum);
}

static void rmsnorm_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const rows_job *job = context;
  for (ptrdiff_t g = begin; g < end; g++) {
    const float *x = job->x + g * job->group;
    float *y = job->y + g * job->group;
    float mean = sum_row(x, job->group, 0, true) / (float)job->group;
    float factor = 1.0f / __builtin_sqrtf(mean + job->scalar);
    for (ptrdiff_t i = 0; i < job->group; i++) y[i] = x[i] * factor * job->gain[i];
  }
}

static void layernorm_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const rows_job *job = context;
  for (ptrdiff_t m = begin; m < end; m++) {
    const float *x = job->x + m * job->columns;
    float *y = job->y + m * job->columns;
    float mean = sum_row(x, job->columns, 0, false) / (float)job->columns;
    float variance = sum_row(x, job->columns, mean, true) / (float)job->columns;
    float factor = 1.0f / __builtin_sqrtf(variance + job->scalar);
    for (ptrdiff_t i = 0; i < job->columns; i++) {
      y[i] = (x[i] - mean) * factor * job->gain[i] + (job->bias ? job->bias[i] : 0);
    }
  }
}

static void rotary_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const rows_job *job = context;
  const ptrdiff_t half = job->half;
  for (ptrdiff_t m = begin; m < end; m++) {
    const float *cosines = job->other + m * half, *sines = job->gain + m * half;
    for (ptrdiff_t head = 0; head < job->columns; head += job->group) {
      const float *x = job->x + m * job->columns + head;
      float *y = job->y + m * job->columns + head;
      for (ptrdiff_t i = 0; i < half; i++) {
        float low = x[i], high = x[half + i];
        y[i] = low * cosines[i] - high * sines[i];
        y[half + i] = high * cosines[i] + low * sines[i];
      }
      for (ptrdiff_t i = 2 * half; i < job->group; i++) y[i] = x[i];
    }
  }
}

INLINE v16 apply(v16 x, tacit_map function) {
  switch (function) {
    case TACIT_RELU:
      return select16(x < 0.0f, splat(0), x);
    case TACIT_SILU:
      return x * sigmoid16(x);
    case TACIT_GELU_ERF:
      return 0.5f * x * (1.0f + erf16(x * 0x1.6a09e6p-1f));
    case TACIT_GELU_TANH: {
      // (1 + tanh u) / 2 = sigmoid(2u), u = sqrt(2 / pi) (x + 0.044715 x³).
      v16 inner = fma16(x * x * x, splat(0.044715f), x);
      return x * sigmoid16(inner * 0x1.988454p0f);
    }
    case TACIT_EXP:
      return exp16(x);
  }
  return x;
}

INLINE void map_range(const rows_job *job, ptrdiff_t begin, ptrdiff_t end, tacit_map function) {
  ptrdiff_t i = begin;
  for (; i + LANES <= end; i += LANES) store16(job->y + i, apply(load16(job->x + i), function));
  if (i < end) {
    store_some(job->y + i, apply(load_some(job->x + i, end - i, 0), function), end - i);
  }
}

static void map_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const rows_job *job = context;
  switch (job->function) {
    case TACIT_RELU: return map_range(job, begin, end, TACIT_RELU);
    case TACIT_SILU: return map_range(job, begin, end, TACIT_SILU);
    case TACIT_GELU_ERF: return map_range(job, begin, end, TACIT_GELU_ERF);
    case TACIT_GELU_TANH: return map_range(job, begin, end, TACIT_GELU_TANH);
    case TACIT_EXP: return map_range(job, begin, end, TACIT_EXP);
  }
}

static void swiglu_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const rows_job *job = context;
  for (ptrdiff_t i = begin; i < end; i += LANES) {
    ptrdiff_t some = end - i;
    bool whole = some >= LANES;
    v16 gate = whole ? load16(job->x + i) : load_some(job->x + i, some, 0);
    v16 up = whole ? load16(job->other + i) : load_some(job->other + i, some, 0);
    v16 y = gate * sigmoid16(gate) * up;
    if (whole) store16(job->y + i, y);
    else store_some(job->y + i, y, some);
  }
}

static void add_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const rows_job *job = context;
  const v16 scale = splat(job->scalar);
  for (ptrdiff_t i = begin; i < end; i += LANES) {
    ptrdiff_t some = end - i;
    bool whole = some >= LANES;
    v16 a = whole ? load16(job->x + i) : load_some(job->x + i, some, 0);
    v16 b = whole ? load16(job->other + i) : load_some(job->other + i, some, 0);
    v16 y = fma16(scale, b, a);
    if (whole) store16(job->y + i, y);
    else store_some(job->y + i, y, some);
  }
}
