// What one parallel loop of a kernel works on, and the table of kernels of an instruction set.
#pragma once

#include "CKernels.h"

typedef struct linear_job {
  float *y;
  const float *x;
  const float *bias;
  tacit_matrix weight;
  ptrdiff_t rows;
  /// Output columns of one item.
  ptrdiff_t panel;
} linear_job;

typedef struct gather_job {
  float *y;
  const void *data;
  tacit_element element;
  const int32_t *indices;
  ptrdiff_t columns;
} gather_job;

typedef struct attention_job {
  float *y;
  const float *queries;
  const tacit_attention_shape *shape;
  const tacit_attention_sequence *sequences;
  ptrdiff_t count;
  /// Query rows of one item.
  ptrdiff_t block;
} attention_job;

typedef struct rows_job {
  float *y;
  const float *x, *other, *gain, *bias;
  ptrdiff_t columns, group, half;
  float scalar;
  tacit_map function;
} rows_job;

typedef struct statistics_job {
  float *y;
  const float *x;
  ptrdiff_t count;
  float *value;
} statistics_job;

typedef enum kernel {
  KERNEL_LINEAR,
  KERNEL_GATHER,
  KERNEL_ATTENTION,
  KERNEL_RMSNORM,
  KERNEL_LAYERNORM,
  KERNEL_ROTARY,
  KERNEL_MAP,
  KERNEL_SWIGLU,
  KERNEL_ADD,
  KERNEL_SOFTMAX,
  KERNEL_LOG_SUM_EXP,
  KERNEL_ENTROPY,
  KERNEL_COUNT,
} kernel;

#if defined(__x86_64__)
extern const tacit_task tacit_kernels_avx512[KERNEL_COUNT];
extern const tacit_task tacit_kernels_avx2[KERNEL_COUNT];
#endif
extern const tacit_task tacit_kernels_plain[KERNEL_COUNT];
