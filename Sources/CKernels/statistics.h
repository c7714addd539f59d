// Softmax, log-sum-exp and entropy of one row of logits.
//
// Sums run in 16 Float32 lanes over blocks of 4096 elements, whose totals are added in Float64.
#pragma once

#include <math.h>

#include "jobs.h"
#include "vector.h"

enum { STATISTICS_BLOCK = 4096 };

typedef struct row_sums {
  float maximum;
  /// Σ exp(x - maximum), and Σ (x - maximum) exp(x - maximum).
  double exponentials, weighted;
} row_sums;

INLINE float row_maximum(const float *x, ptrdiff_t count) {
  const float lowest = -__builtin_inff();
  v16 best = splat(lowest);
  ptrdiff_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    v16 v = load16(x + i);
    best = select16(v > best, v, best);
  }
  if (i < count) {
    v16 v = load_some(x + i, count - i, lowest);
    best = select16(v > best, v, best);
  }
  return max16(best);
}

/// Sums over a row; exponentials go to `y` where there is one, products only where asked for.
INLINE row_sums sum_exponentials(float *y, const float *x, ptrdiff_t count, bool weighted) {
  const float lowest = -__builtin_inff();
  row_sums sums = {row_maximum(x, count), 0, 0};
  for (ptrdiff_t start = 0; start < count; start += STATISTICS_BLOCK) {
    ptrdiff_t end = count - start < STATISTICS_BLOCK ? count : start + STATISTICS_BLOCK;
    v16 exponentials = splat(0), products = splat(0);
    for (ptrdiff_t i = start; i < end; i += LANES) {
      ptrdiff_t some = end - i;
      v16 v = some >= LANES ? load16(x + i) : load_some(x + i, some, lowest);
      v16 difference = v - sums.maximum;
      v16 e = exp16(difference);
      exponentials += e;
      if (weighted) products += select16(e == 0.0f, splat(0), difference * e);
      if (y && some >= LANES) store16(y + i, e);
      if (y && some < LANES) store_some(y + i, e, some);
    }
    sums.exponentials += sum16(exponentials);
    if (weighted) sums.weighted += sum16(products);
  }
  return sums;
}

static void softmax_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  (void)begin, (void)end;
  const statistics_job *job = context;
  row_sums sums = sum_exponentials(job->y, job->x, job->count, false);
  float total = (float)sums.exponentials;
  for (ptrdiff_t i = 0; i < job->count; i++) job->y[i] /= total;
}

static void log_sum_exp_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  (void)begin, (void)end;
  const statistics_job *job = context;
  if (row_maximum(job->x, job->count) == -__builtin_inff()) {
    // Nothing compared greater: minus infinity everywhere, or NaN.
    float answer = -__builtin_inff();
    for (ptrdiff_t i = 0; i < job->count; i++) answer = isnan(job->x[i]) ? job->x[i] : answer;
    *job->value = answer;
    return;
  }
  row_sums sums = sum_exponentials(NULL, job->x, job->count, false);
  bool infinite = isinf(sums.maximum);
  *job->value = infinite ? sums.maximum : (float)(sums.maximum + log(sums.exponentials));
}

static void entropy_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  (void)begin, (void)end;
  const statistics_job *job = context;
  row_sums sums = sum_exponentials(NULL, job->x, job->count, true);
  *job->value = (float)(log(sums.exponentials) - sums.weighted / sums.exponentials);
}
