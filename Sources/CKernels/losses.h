// Cross-entropy of rows of logits with one class or a distribution each, and its gradient.
#pragma once

#include "statistics.h"

/// losses[m] = Σ q · (log Σ exp x - x), q being 1 at the row's class or the row of `weights`.
static void cross_entropy_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const cross_entropy_job *job = context;
  for (ptrdiff_t m = begin; m < end; m++) {
    const float *x = job->x + m * job->columns;
    row_sums sums = sum_exponentials(NULL, x, job->columns, false);
    double scale = log(sums.exponentials) + sums.maximum;
    if (job->classes) {
      job->y[m] = (float)(scale - x[job->classes[m]]);
      continue;
    }
    const float *weights = job->weights + m * job->columns;
    v16 sum = splat(0);
    for (ptrdiff_t i = 0; i < job->columns; i += LANES) {
      ptrdiff_t some = job->columns - i < LANES ? job->columns - i : LANES;
      v16 weight = load_some(weights + i, some, 0);
      v16 surprise = (float)scale - load_some(x + i, some, 0);
      sum += select16(weight == 0.0f, splat(0), weight * surprise);
    }
    job->y[m] = sum16(sum);
  }
}

/// dx[m, :] = dy[m] · (Σ q · softmax(x) - q).
static void cross_entropy_gradient_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const cross_entropy_job *job = context;
  for (ptrdiff_t m = begin; m < end; m++) {
    const float *x = job->x + m * job->columns;
    const float *weights = job->classes ? NULL : job->weights + m * job->columns;
    float *dx = job->y + m * job->columns, dy = job->dy[m];
    if (dy == 0) {
      memset(dx, 0, (size_t)job->columns * sizeof(float));
      continue;
    }
    row_sums sums = sum_exponentials(dx, x, job->columns, false);
    float mass = 1;
    if (weights) {
      v16 sum = splat(0);
      for (ptrdiff_t i = 0; i < job->columns; i += LANES) {
        sum += load_some(weights + i, job->columns - i < LANES ? job->columns - i : LANES, 0);
      }
      mass = sum16(sum);
    }
    float factor = (float)(dy * mass / sums.exponentials);
    for (ptrdiff_t i = 0; i < job->columns; i++) {
      dx[i] = dx[i] * factor - (weights ? dy * weights[i] : 0);
    }
    if (!weights) dx[job->classes[m]] -= dy;
  }
}
