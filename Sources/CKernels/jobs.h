// What one parallel loop of a kernel works on, and the table of kernels of an instruction set.
#pragma once

#include "CKernels.h"

typedef struct linear_job {
  float *y;
  const float *x;
  const float *bias;
  tacit_matrix weight;
  ptrdiff_t rows;
  /// Output columns and rows of one item.
  ptrdiff_t panel, block;
} linear_job;

typedef struct gather_job {
  float *y;
  const void *data;
  tacit_element element;
  const int32_t *indices;
  ptrdiff_t columns;
} gather_job;

typedef struct packed_job {
  float *y;
  /// Float32 rows, or what `round_inputs` made of them.
  const void *x;
  /// Bytes of a row.
  size_t x_stride;
  const float *bias;
  tacit_packed weight;
  size_t tile_size;
  ptrdiff_t rows;
  /// Tiles of one item.
  ptrdiff_t panel;
  bool rounds;
} packed_job;

/// Blocks of one item of a product with the transposed matrix.
enum { MIX_BLOCKS = 4 };

/// Rows, whole groups, and inputs of one item of a `round_job` of pairs.
enum { ROUNDED_ROWS = 48, ROUNDED_STRETCH = 256 };

typedef struct round_job {
  void *y;
  /// Bytes of a row.
  size_t y_stride;
  const float *x;
  tacit_packing packing;
  ptrdiff_t rows, columns;
} round_job;

typedef struct packed_gather_job {
  float *y;
  tacit_packed weight;
  size_t tile_size;
  const int32_t *indices;
} packed_gather_job;

typedef struct attention_job {
  float *y;
  const float *queries;
  const tacit_attention_shape *shape;
  const tacit_attention_sequence *sequences;
  ptrdiff_t count;
  /// Query rows of one item.
  ptrdiff_t block;
} attention_job;

typedef struct store_columns_job {
  void *const *places;
  ptrdiff_t offset;
  const float *rows;
  const tacit_attention_shape *shape;
} store_columns_job;

typedef struct recorded_attention_job {
  /// Results, or gradients of the queries where there is a `dy`.
  float *y;
  const float *queries, *dy;
  const tacit_attention_shape *shape;
  const tacit_recorded_span *spans;
  const tacit_recorded_sequence *sequences;
  /// Where each group of sequences starts, and where the last one ends.
  const ptrdiff_t *groups;
} recorded_attention_job;

typedef struct rows_job {
  float *y;
  const float *x, *other, *gain, *bias;
  ptrdiff_t columns, group, half;
  float scalar;
  tacit_map function;
} rows_job;

typedef struct product_job {
  float *y;
  const float *a, *b;
  ptrdiff_t rows, a_columns, b_columns;
  /// Columns of a of one item.
  ptrdiff_t panel;
} product_job;

/// Columns of one item of a `columns_job`.
enum { COLUMN_PANEL = 64 };

typedef struct columns_job {
  float *y;
  const float *x;
  const int32_t *indices;
  ptrdiff_t rows, columns;
} columns_job;

typedef struct norm_gradient_job {
  float *dx, *products;
  const float *dy, *x, *gain;
  float epsilon;
  ptrdiff_t columns;
  bool centers;
} norm_gradient_job;

typedef struct swiglu_gradient_job {
  float *dgate, *dup;
  const float *dy, *gate, *up;
} swiglu_gradient_job;

typedef struct cross_entropy_job {
  /// Losses [rows], or gradients [rows, columns] where there is a `dy`.
  float *y;
  const float *x, *dy, *weights;
  const int32_t *classes;
  ptrdiff_t columns;
} cross_entropy_job;

typedef struct statistics_job {
  float *y;
  const float *x;
  ptrdiff_t count;
  float *value;
} statistics_job;

/// The item that a thread most likely works on after `item` of its chunk [begin, end): threads
/// claim chunks in turn.
static inline ptrdiff_t next_item(ptrdiff_t item, ptrdiff_t begin, ptrdiff_t end) {
  return item + 1 < end ? item + 1 : begin + tacit_pool_threads() * (end - begin);
}

typedef enum kernel {
  KERNEL_LINEAR,
  KERNEL_GATHER,
  KERNEL_ATTENTION,
  KERNEL_STORE_COLUMNS,
  KERNEL_RMSNORM,
  KERNEL_LAYERNORM,
  KERNEL_ROTARY,
  KERNEL_MAP,
  KERNEL_SWIGLU,
  KERNEL_ADD,
  KERNEL_SOFTMAX,
  KERNEL_LOG_SUM_EXP,
  KERNEL_ENTROPY,
  KERNEL_RECORDED_ATTENTION,
  KERNEL_PRODUCT,
  KERNEL_COLUMN_SUMS,
  KERNEL_SCATTER,
  KERNEL_NORM_GRADIENT,
  KERNEL_MAP_GRADIENT,
  KERNEL_SWIGLU_GRADIENT,
  KERNEL_CROSS_ENTROPY,
  KERNEL_CROSS_ENTROPY_GRADIENT,
  /// Those from here on need dot products within lanes to be fast.
  KERNEL_PACKED_LINEAR,
  KERNEL_ROUND_INPUTS,
  KERNEL_PACKED_GATHER,
  KERNEL_PACKED_MIX,
  KERNEL_COUNT,
} kernel;

#if defined(__x86_64__)
extern const tacit_task tacit_kernels_avx512[KERNEL_COUNT];
extern const tacit_task tacit_kernels_avx2[KERNEL_COUNT];
#endif
extern const tacit_task tacit_kernels_plain[KERNEL_COUNT];
