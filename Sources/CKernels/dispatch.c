// Chooses the instruction set and splits each operation into a parallel loop.
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "jobs.h"
#include "packing.h"
#include "pool.h"

// MARK: Instruction sets

static _Atomic int level_in_use = -1;

static bool supports(tacit_level level) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("f16c");
  if (level == TACIT_LEVEL_AVX2) return avx2;
  if (level == TACIT_LEVEL_AVX512) {
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  }
#endif
  return level == TACIT_LEVEL_PLAIN;
}

#if defined(__x86_64__)
static bool has_dot_products(void) {
  return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16");
}
#endif

tacit_level tacit_kernels_select(tacit_level level) {
  while (!supports(level)) level--;
  atomic_store_explicit(&level_in_use, (int)level, memory_order_relaxed);
  return level;
}

tacit_level tacit_kernels_level(void) {
  int level = atomic_load_explicit(&level_in_use, memory_order_relaxed);
  return level >= 0 ? (tacit_level)level : tacit_kernels_select(TACIT_LEVEL_AVX512);
}

static tacit_task implementation(kernel kernel) {
  switch (tacit_kernels_level()) {
#if defined(__x86_64__)
    case TACIT_LEVEL_AVX512:
      if (kernel >= KERNEL_PACKED_LINEAR && !has_dot_products()) return tacit_kernels_avx2[kernel];
      return tacit_kernels_avx512[kernel];
    case TACIT_LEVEL_AVX2: return tacit_kernels_avx2[kernel];
#endif
    default: return tacit_kernels_plain[kernel];
  }
}

/// Work worth handing to another thread, in fused multiply-adds of one core (about 5 µs).
static const double COST_OF_SHARING = 200000;

/// Runs `count` items of `cost` multiply-adds each; a chunk is about one cost of sharing, and of
/// `together` items at least.
static void run_together(kernel kernel, const void *job, ptrdiff_t count, double cost,
                         ptrdiff_t together) {
  if (count <= 0) return;
  tacit_task task = implementation(kernel);
  if (cost * (double)count < COST_OF_SHARING) {
    task(job, 0, count);
    return;
  }
  double items = COST_OF_SHARING / 2 / cost;
  tacit_parallel_for(count, items < (double)together ? together : (ptrdiff_t)items, task, job);
}

static void run(kernel kernel, const void *job, ptrdiff_t count, double cost) {
  run_together(kernel, job, count, cost, 1);
}

// MARK: Linear layers

/// Output columns of one item: enough items to share, a multiple of every block.
static ptrdiff_t panel_columns(ptrdiff_t rows, tacit_matrix weight) {
  // A few rows of an input-major matrix are read best in long stretches of each stored row.
  ptrdiff_t step = weight.output_major ? 48 : 64;
  ptrdiff_t most = !weight.output_major && rows <= 6 ? 1024 : step;
  ptrdiff_t share = weight.outputs / (4 * tacit_pool_threads());
  ptrdiff_t columns = (share < most ? share : most) / step * step;
  return columns < step ? step : columns;
}

/// Rows of one item: their inputs share the second cache with some weights.
static ptrdiff_t block_rows(ptrdiff_t rows, ptrdiff_t inputs) {
  const ptrdiff_t step = 24, most = 100000 / (inputs + 1) / step * step;
  const ptrdiff_t blocks = most > step ? (rows + most - 1) / most : (rows + step - 1) / step;
  return blocks < 2 ? rows : ((rows + blocks - 1) / blocks + step - 1) / step * step;
}

void tacit_linear(float *y, const float *x, ptrdiff_t rows, tacit_matrix weight,
                  const float *bias) {
  if (rows <= 0 || weight.outputs <= 0) return;
  const ptrdiff_t block = weight.output_major ? block_rows(rows, weight.inputs) : rows;
  linear_job job = {y, x, bias, weight, rows, panel_columns(rows, weight), block};
  ptrdiff_t items =
      (weight.outputs + job.panel - 1) / job.panel * ((rows + block - 1) / block);
  // A few rows wait for memory: eight multiply-adds or so for each weight that is read.
  double work = (double)(block < 4 ? 4 : block) * (double)weight.inputs * (double)job.panel;
  run(KERNEL_LINEAR, &job, items, work + 1);
}

void tacit_gather(float *y, const void *data, tacit_element element, ptrdiff_t columns,
                  const int32_t *indices, ptrdiff_t count) {
  gather_job job = {y, data, element, indices, columns};
  run(KERNEL_GATHER, &job, count, (double)columns + 1);
}

float tacit_widen_float16(uint16_t bits) {
  uint32_t magnitude = (uint32_t)(bits & 0x7fff) << 13, out;
  float scaled;
  memcpy(&scaled, &magnitude, sizeof scaled);
  scaled *= 0x1p112f;
  memcpy(&out, &scaled, sizeof out);
  if ((bits & 0x7c00) == 0x7c00) out |= 0x7f800000;
  out |= (uint32_t)(bits & 0x8000) << 16;
  memcpy(&scaled, &out, sizeof scaled);
  return scaled;
}

float tacit_widen_bfloat16(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, sizeof value);
  return value;
}

// MARK: Packed weights

static void run_packed(packed_job job) {
  job.tile_size = tile_size_of(job.weight.packing, job.weight.inputs);
  const ptrdiff_t tiles = (job.weight.outputs + 15) / 16;
  const ptrdiff_t share = tiles / (4 * tacit_pool_threads()) / 4 * 4;
  // Several blocks of rows share few weights at a time.
  job.panel = job.rows > 8 ? 2 : share < 4 ? 4 : share > 8 ? 8 : share;
  double work = (double)(job.rows < 4 ? 4 : job.rows) * (double)(job.weight.inputs * job.panel);
  run(KERNEL_PACKED_LINEAR, &job, (tiles + job.panel - 1) / job.panel, 16 * work + 1);
}

void tacit_packed_linear(float *y, const float *x, ptrdiff_t rows, tacit_packed weight,
                         const float *bias) {
  if (rows <= 0) return;
  run_packed((packed_job){.y = y, .x = x, .x_stride = (size_t)weight.inputs * sizeof(float),
                          .bias = bias, .weight = weight, .rows = rows});
}

void tacit_packed_rounded_linear(float *y, const float *x, ptrdiff_t rows, tacit_packed weight,
                                 const float *bias) {
  if (rows <= 0) return;
  const bool pairs = weight.packing == TACIT_PACKED_BFLOAT16;
  const size_t stride = pairs ? (size_t)(weight.inputs + 1) / 2 * sizeof(uint32_t)
                              : (size_t)weight.inputs / 32 * sizeof(rounded_inputs);
  // A group of rows that lacks some takes room for them all.
  void *rounded = tacit_scratch((size_t)(rows + 15) * stride / sizeof(float));
  round_job job = {rounded, stride, x, weight.packing, rows, weight.inputs};
  const double cost = 14 * (double)(rows * weight.inputs) + 1;
  const ptrdiff_t items = !pairs ? rows
                                 : (rows + ROUNDED_ROWS - 1) / ROUNDED_ROWS *
                                       ((weight.inputs + ROUNDED_STRETCH - 1) / ROUNDED_STRETCH);
  run(KERNEL_ROUND_INPUTS, &job, items, cost / (double)items);
  run_packed((packed_job){.y = y, .x = rounded, .x_stride = stride, .bias = bias,
                          .weight = weight, .rows = rows, .rounds = true});
}

void tacit_packed_mix(float *y, const float *x, ptrdiff_t rows, tacit_packed weight,
                      const float *bias) {
  if (rows <= 0) return;
  packed_job job = {.y = y, .x = x, .bias = bias, .weight = weight, .rows = rows,
                    .tile_size = tile_size_of(weight.packing, weight.inputs)};
  const ptrdiff_t columns = MIX_BLOCKS * 32;
  run(KERNEL_PACKED_MIX, &job, (weight.inputs + columns - 1) / columns,
      (double)(rows + 8) * (double)(weight.outputs * columns) + 1);
}

void tacit_packed_gather(float *y, tacit_packed weight, const int32_t *indices, ptrdiff_t count) {
  packed_gather_job job = {y, weight, tile_size_of(weight.packing, weight.inputs), indices};
  run(KERNEL_PACKED_GATHER, &job, count, (double)weight.inputs + 1);
}

// MARK: Attention

void tacit_attention(float *y, const float *queries, const tacit_attention_shape *shape,
                     const tacit_attention_sequence *sequences, ptrdiff_t count) {
  const ptrdiff_t group = shape->heads / shape->key_value_heads, most = 24;
  attention_job job = {y, queries, shape, sequences, count, group < most ? most / group : 1};
  ptrdiff_t items = 0;
  double work = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    items += (sequences[i].rows + job.block - 1) / job.block * shape->key_value_heads;
    work += 2.0 * (double)sequences[i].rows * (double)sequences[i].columns;
  }
  work *= (double)(shape->heads * (shape->head_size + 8));
  // The heads of a sequence lie side by side.
  const ptrdiff_t share = items / (4 * tacit_pool_threads()), heads = shape->key_value_heads;
  run_together(KERNEL_ATTENTION, &job, items, work / (double)(items > 0 ? items : 1) + 1,
               share < 1 ? 1 : share < heads ? share : heads);
}

void tacit_store_columns(void *const *places, ptrdiff_t offset, const float *rows, ptrdiff_t count,
                         const tacit_attention_shape *shape) {
  const store_columns_job job = {places, offset, rows, shape};
  run(KERNEL_STORE_COLUMNS, &job, count, (double)(shape->key_value_heads * shape->head_size) + 1);
}

static void run_recorded(const recorded_attention_job *job, ptrdiff_t group_count, double factor) {
  double work = 0;
  for (ptrdiff_t i = 0; i < job->groups[group_count]; i++) {
    work += factor * (double)job->sequences[i].rows * (double)job->sequences[i].columns;
  }
  ptrdiff_t items = group_count * job->shape->key_value_heads;
  work *= (double)(job->shape->heads * (job->shape->head_size + 8));
  run(KERNEL_RECORDED_ATTENTION, job, items, work / (double)(items > 0 ? items : 1) + 1);
}

void tacit_recorded_attention(float *y, const float *queries, const tacit_attention_shape *shape,
                              tacit_recorded_batch batch) {
  recorded_attention_job job = {.y = y, .queries = queries, .shape = shape, .spans = batch.spans,
                                .sequences = batch.sequences, .groups = batch.groups};
  run_recorded(&job, batch.group_count, 2);
}

void tacit_recorded_attention_gradient(float *dq, const float *dy, const float *queries,
                                       const tacit_attention_shape *shape,
                                       tacit_recorded_batch batch) {
  recorded_attention_job job = {.y = dq, .dy = dy, .queries = queries, .shape = shape,
                                .spans = batch.spans, .sequences = batch.sequences,
                                .groups = batch.groups};
  run_recorded(&job, batch.group_count, 5);
}

// MARK: Rows

void tacit_rmsnorm(float *y, const float *x, const float *gain, float epsilon, ptrdiff_t rows,
                   ptrdiff_t columns, ptrdiff_t group) {
  rows_job job = {.y = y, .x = x, .gain = gain, .group = group, .scalar = epsilon};
  run(KERNEL_RMSNORM, &job, group > 0 ? rows * (columns / group) : 0, 2.0 * (double)group + 16);
}

void tacit_layernorm(float *y, const float *x, const float *gain, const float *bias,
                     float epsilon, ptrdiff_t rows, ptrdiff_t columns) {
  rows_job job = {
      .y = y, .x = x, .gain = gain, .bias = bias, .columns = columns, .scalar = epsilon};
  run(KERNEL_LAYERNORM, &job, rows, 3.0 * (double)columns + 16);
}

void tacit_rotary(float *y, const float *x, const float *cosines, const float *sines,
                  ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t head_size, ptrdiff_t half) {
  rows_job job = {.y = y, .x = x, .other = cosines, .gain = sines,
                  .columns = columns, .group = head_size, .half = half};
  run(KERNEL_ROTARY, &job, rows, 2.0 * (double)columns + 1);
}

void tacit_map_elements(float *y, const float *x, ptrdiff_t count, tacit_map function) {
  rows_job job = {.y = y, .x = x, .function = function};
  run(KERNEL_MAP, &job, count, function == TACIT_RELU ? 1 : 16);
}

void tacit_swiglu(float *y, const float *gate, const float *up, ptrdiff_t count) {
  rows_job job = {.y = y, .x = gate, .other = up};
  run(KERNEL_SWIGLU, &job, count, 16);
}

void tacit_add(float *y, const float *a, const float *b, float scale, ptrdiff_t count) {
  rows_job job = {.y = y, .x = a, .other = b, .scalar = scale};
  run(KERNEL_ADD, &job, count, 1);
}

// MARK: Gradients

void tacit_add_product(float *y, const float *a, const float *b, ptrdiff_t rows,
                       ptrdiff_t a_columns, ptrdiff_t b_columns) {
  if (rows <= 0 || b_columns <= 0) return;
  product_job job = {y, a, b, rows, a_columns, b_columns, 24};
  double work = (double)rows * (double)b_columns * (double)job.panel;
  run(KERNEL_PRODUCT, &job, (a_columns + job.panel - 1) / job.panel, work + 1);
}

void tacit_add_column_sums(float *y, const float *x, ptrdiff_t rows, ptrdiff_t columns) {
  columns_job job = {.y = y, .x = x, .rows = rows, .columns = columns};
  run(KERNEL_COLUMN_SUMS, &job, (columns + COLUMN_PANEL - 1) / COLUMN_PANEL,
      (double)(rows * COLUMN_PANEL) + 1);
}

void tacit_scatter_add(float *y, const int32_t *indices, const float *x, ptrdiff_t rows,
                       ptrdiff_t columns) {
  columns_job job = {.y = y, .x = x, .indices = indices, .rows = rows, .columns = columns};
  run(KERNEL_SCATTER, &job, (columns + COLUMN_PANEL - 1) / COLUMN_PANEL,
      (double)(rows * COLUMN_PANEL) + 1);
}

void tacit_norm_gradient(float *dx, float *products, const float *dy, const float *x,
                         const float *gain, float epsilon, ptrdiff_t rows, ptrdiff_t columns,
                         bool centers) {
  norm_gradient_job job = {dx, products, dy, x, gain, epsilon, columns, centers};
  run(KERNEL_NORM_GRADIENT, &job, rows, 5.0 * (double)columns + 32);
}

void tacit_map_gradient(float *dx, const float *dy, const float *x, ptrdiff_t count,
                        tacit_map function) {
  rows_job job = {.y = dx, .x = x, .other = dy, .function = function};
  run(KERNEL_MAP_GRADIENT, &job, count, function == TACIT_RELU ? 1 : 24);
}

void tacit_swiglu_gradient(float *dgate, float *dup, const float *dy, const float *gate,
                           const float *up, ptrdiff_t count) {
  swiglu_gradient_job job = {dgate, dup, dy, gate, up};
  run(KERNEL_SWIGLU_GRADIENT, &job, count, 24);
}

// MARK: Cross-entropy

void tacit_cross_entropy(float *losses, const float *x, tacit_targets targets, ptrdiff_t rows,
                         ptrdiff_t columns) {
  cross_entropy_job job = {.y = losses, .x = x, .weights = targets.weights,
                           .classes = targets.classes, .columns = columns};
  run(KERNEL_CROSS_ENTROPY, &job, rows, 16.0 * (double)columns + 32);
}

void tacit_cross_entropy_gradient(float *dx, const float *dy, const float *x,
                                  tacit_targets targets, ptrdiff_t rows, ptrdiff_t columns) {
  cross_entropy_job job = {.y = dx, .x = x, .dy = dy, .weights = targets.weights,
                           .classes = targets.classes, .columns = columns};
  run(KERNEL_CROSS_ENTROPY_GRADIENT, &job, rows, 18.0 * (double)columns + 32);
}

// MARK: Statistics

ptrdiff_t tacit_argmax(const float *x, ptrdiff_t count) {
  ptrdiff_t best = 0;
  while (best < count && isnan(x[best])) best++;
  if (best >= count) return 0;
  for (ptrdiff_t i = best + 1; i < count; i++) best = x[i] > x[best] ? i : best;
  return best;
}

void tacit_softmax(float *y, const float *x, ptrdiff_t count) {
  statistics_job job = {.y = y, .x = x, .count = count};
  implementation(KERNEL_SOFTMAX)(&job, 0, 1);
}

float tacit_log_sum_exp(const float *x, ptrdiff_t count) {
  float value;
  statistics_job job = {.x = x, .count = count, .value = &value};
  implementation(KERNEL_LOG_SUM_EXP)(&job, 0, 1);
  return value;
}

float tacit_entropy(const float *x, ptrdiff_t count) {
  float value;
  statistics_job job = {.x = x, .count = count, .value = &value};
  implementation(KERNEL_ENTROPY)(&job, 0, 1);
  return value;
}
