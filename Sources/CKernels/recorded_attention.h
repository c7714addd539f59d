// Causal attention over recorded keys and values, which lie in row-major tensors, and its gradients.
//
// A sequence sees spans of columns one after another; the last span ends with its own rows.
// Sequences that begin with the same columns form a group, one item for each head of keys and
// values: nobody else adds to the gradients of the group's spans. Every row's result has the bits
// that it has over pages.
#pragma once

#include "attention.h"

/// Query rows that are worked on together, unless one sequence has more.
enum { RECORDED_ROWS = 48 };

typedef struct recorded_block {
  const recorded_attention_job *job;
  const tacit_recorded_sequence *sequences;
  ptrdiff_t count, levels;
  /// Head of keys and values, and the query heads that it serves.
  ptrdiff_t head, group;
  /// Query rows times `group`, and the columns of the longest sequence.
  ptrdiff_t queries, width;
  /// [queries, E]: queries; sums or gradients of the result; gradients of the queries.
  float *q, *y, *dq;
  /// [queries, width]: weights; gradients of the scores; space for turned parts of them.
  float *weights, *scores, *turned;
  /// [queries]: sums of the weights.
  float *totals;
} recorded_block;

/// Consecutive sequences of a block that see the same span behind as many columns.
typedef struct span_run {
  const tacit_recorded_span *span;
  ptrdiff_t column, first, count;
} span_run;

INLINE const tacit_recorded_span *spans_of(const recorded_block *block, ptrdiff_t sequence) {
  return block->job->spans + block->sequences[sequence].first_span;
}

INLINE ptrdiff_t columns_before(const recorded_block *block, ptrdiff_t sequence, ptrdiff_t level) {
  ptrdiff_t columns = 0;
  for (ptrdiff_t i = 0; i < level; i++) columns += spans_of(block, sequence)[i].columns;
  return columns;
}

static bool share_span(const recorded_block *block, ptrdiff_t a, ptrdiff_t b, ptrdiff_t level) {
  if (level >= block->sequences[b].span_count) return false;
  const tacit_recorded_span *one = spans_of(block, a) + level, *other = spans_of(block, b) + level;
  return one->keys == other->keys && one->columns == other->columns &&
         columns_before(block, a, level) == columns_before(block, b, level);
}

/// Calls `visit` for every run, in order of columns for every query.
static void for_each_run(const recorded_block *block,
                         void (*visit)(const recorded_block *, span_run)) {
  for (ptrdiff_t level = 0; level < block->levels; level++) {
    ptrdiff_t query = 0;
    for (ptrdiff_t i = 0; i < block->count;) {
      ptrdiff_t start = i;
      span_run run = {.first = query};
      do run.count += block->sequences[i++].rows * block->group;
      while (i < block->count && level < block->sequences[start].span_count &&
             share_span(block, start, i, level));
      query += run.count;
      if (level >= block->sequences[start].span_count) continue;
      run.span = spans_of(block, start) + level;
      run.column = columns_before(block, start, level);
      if (run.span->columns > 0 && run.count > 0) visit(block, run);
    }
  }
}

INLINE ptrdiff_t head_size(const recorded_block *block) { return block->job->shape->head_size; }

INLINE ptrdiff_t column_stride(const recorded_block *block) {
  return block->job->shape->key_value_heads * head_size(block);
}

INLINE ptrdiff_t head_offset(const recorded_block *block) {
  return block->head * head_size(block);
}

/// Moves the block's heads from rows [ΣT, H·E] to `packed`, or back.
static void move_heads(const recorded_block *block, float *packed, const float *rows,
                       float *target) {
  ptrdiff_t size = head_size(block), stride = block->job->shape->heads * size;
  ptrdiff_t width = block->group * size, query = 0;
  for (ptrdiff_t i = 0; i < block->count; i++) {
    ptrdiff_t start = block->sequences[i].first_row * stride + block->head * width;
    for (ptrdiff_t row = 0; row < block->sequences[i].rows; row++, query++) {
      float *here = packed + query * width;
      if (target) memcpy(target + start + row * stride, here, (size_t)width * sizeof(float));
      else memcpy(here, rows + start + row * stride, (size_t)width * sizeof(float));
    }
  }
}

static void score_run(const recorded_block *block, span_run run) {
  ptrdiff_t size = head_size(block);
  const dot_operands at = {.y = block->weights + run.first * block->width + run.column,
                           .x = block->q + run.first * size,
                           .w = (const char *)(run.span->keys + head_offset(block)),
                           .y_stride = block->width,
                           .x_stride = size,
                           .w_stride = column_stride(block),
                           .inputs = size};
  dot_panel(at, run.count, TACIT_FLOAT32, run.span->columns);
}

static void add_values_run(const recorded_block *block, span_run run) {
  ptrdiff_t size = head_size(block);
  chain_panel(block->y + run.first * size, size,
              block->weights + run.first * block->width + run.column, block->width, run.count,
              TACIT_FLOAT32, run.span->values + head_offset(block), column_stride(block), size,
              run.span->columns);
}

/// The columns that a row of a sequence sees.
INLINE column_range seen(const recorded_block *block, const tacit_recorded_sequence *sequence,
                         ptrdiff_t row) {
  ptrdiff_t end = sequence->columns - sequence->rows + row + 1;
  ptrdiff_t window = block->job->shape->window;
  return (column_range){window > 0 && window < end ? end - window : 0, end};
}

/// Calls `visit` for every query with the columns that it sees.
static void for_each_query(const recorded_block *block,
                           void (*visit)(const recorded_block *, ptrdiff_t, column_range)) {
  ptrdiff_t query = 0;
  for (ptrdiff_t i = 0; i < block->count; i++) {
    for (ptrdiff_t row = 0; row < block->sequences[i].rows; row++) {
      column_range range = seen(block, block->sequences + i, row);
      for (ptrdiff_t head = 0; head < block->group; head++) visit(block, query++, range);
    }
  }
}

INLINE void clear_unseen(const recorded_block *block, float *row, column_range range) {
  memset(row, 0, (size_t)range.begin * sizeof(float));
  memset(row + range.end, 0, (size_t)(block->width - range.end) * sizeof(float));
}

static void weigh_query(const recorded_block *block, ptrdiff_t query, column_range range) {
  float *row = block->weights + query * block->width;
  block->totals[query] =
      exponentiate(row + range.begin, range.end - range.begin, block->job->shape->scale);
  clear_unseen(block, row, range);
}

static void attend_recorded(recorded_block *block) {
  ptrdiff_t size = head_size(block), rows = block->queries * size;
  block->q = tacit_scratch((size_t)(2 * rows + block->queries * (block->width + 1)));
  block->y = block->q + rows;
  block->weights = block->y + rows;
  block->totals = block->weights + block->queries * block->width;
  move_heads(block, block->q, block->job->queries, NULL);
  for_each_run(block, score_run);
  for_each_query(block, weigh_query);
  memset(block->y, 0, (size_t)rows * sizeof(float));
  for_each_run(block, add_values_run);
  for (ptrdiff_t query = 0; query < block->queries; query++) {
    for (ptrdiff_t i = 0; i < size; i++) block->y[query * size + i] /= block->totals[query];
  }
  move_heads(block, block->y, NULL, block->job->y);
}

// MARK: Gradients

/// Gradients of the weights: scores = dy · valuesᵀ.
static void weight_gradient_run(const recorded_block *block, span_run run) {
  ptrdiff_t size = head_size(block);
  const dot_operands at = {.y = block->scores + run.first * block->width + run.column,
                           .x = block->y + run.first * size,
                           .w = (const char *)(run.span->values + head_offset(block)),
                           .y_stride = block->width,
                           .x_stride = size,
                           .w_stride = column_stride(block),
                           .inputs = size};
  dot_panel(at, run.count, TACIT_FLOAT32, run.span->columns);
}

/// Turns gradients of a query's weights p into those of its scores: p · (dp - Σ p · dp) · scale.
static void score_gradient_query(const recorded_block *block, ptrdiff_t query,
                                 column_range range) {
  float *p = block->weights + query * block->width, *dp = block->scores + query * block->width;
  float total = block->totals[query], scale = block->job->shape->scale;
  v16 sum = splat(0);
  for (ptrdiff_t i = range.begin; i < range.end; i += LANES) {
    ptrdiff_t some = range.end - i < LANES ? range.end - i : LANES;
    v16 weight = load_some(p + i, some, 0) / total;
    store_some(p + i, weight, some);
    sum = fma16(weight, load_some(dp + i, some, 0), sum);
  }
  float mean = sum16(sum);
  for (ptrdiff_t i = range.begin; i < range.end; i++) dp[i] = p[i] * (dp[i] - mean) * scale;
  clear_unseen(block, dp, range);
}

static void query_gradient_run(const recorded_block *block, span_run run) {
  ptrdiff_t size = head_size(block);
  chain_panel(block->dq + run.first * size, size,
              block->scores + run.first * block->width + run.column, block->width, run.count,
              TACIT_FLOAT32, run.span->keys + head_offset(block), column_stride(block), size,
              run.span->columns);
}

/// gradients[columns, E] += matrixᵀ · rows for the part of `matrix` that belongs to the run.
static void add_turned(const recorded_block *block, span_run run, float *gradients,
                       const float *matrix, const float *rows) {
  ptrdiff_t size = head_size(block);
  const float *part = matrix + run.first * block->width + run.column;
  for (ptrdiff_t query = 0; query < run.count; query++) {
    for (ptrdiff_t column = 0; column < run.span->columns; column++) {
      block->turned[column * run.count + query] = part[query * block->width + column];
    }
  }
  chain_panel(gradients + head_offset(block), column_stride(block), block->turned, run.count,
              run.span->columns, TACIT_FLOAT32, rows + run.first * size, size, size, run.count);
}

static void span_gradient_run(const recorded_block *block, span_run run) {
  if (run.span->key_gradients) {
    add_turned(block, run, run.span->key_gradients, block->scores, block->q);
  }
  if (run.span->value_gradients) {
    add_turned(block, run, run.span->value_gradients, block->weights, block->y);
  }
}

static void differentiate_attention(recorded_block *block) {
  ptrdiff_t size = head_size(block), rows = block->queries * size;
  ptrdiff_t area = block->queries * block->width;
  block->q = tacit_scratch((size_t)(3 * rows + 3 * area + block->queries));
  block->y = block->q + rows;
  block->dq = block->y + rows;
  block->weights = block->dq + rows;
  block->scores = block->weights + area;
  block->turned = block->scores + area;
  block->totals = block->turned + area;
  move_heads(block, block->q, block->job->queries, NULL);
  move_heads(block, block->y, block->job->dy, NULL);
  for_each_run(block, score_run);
  for_each_query(block, weigh_query);
  for_each_run(block, weight_gradient_run);
  for_each_query(block, score_gradient_query);
  memset(block->dq, 0, (size_t)rows * sizeof(float));
  for_each_run(block, query_gradient_run);
  for_each_run(block, span_gradient_run);
  move_heads(block, block->dq, NULL, block->job->y);
}

/// Items run over groups, then heads of keys and values.
static void recorded_attention_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const recorded_attention_job *job = context;
  ptrdiff_t heads = job->shape->key_value_heads;
  for (ptrdiff_t item = begin; item < end; item++) {
    ptrdiff_t next = job->groups[item / heads], last = job->groups[item / heads + 1];
    while (next < last) {
      recorded_block block = {.job = job,
                              .sequences = job->sequences + next,
                              .head = item % heads,
                              .group = job->shape->heads / heads};
      do {
        const tacit_recorded_sequence *sequence = job->sequences + next++;
        block.count++;
        block.queries += sequence->rows * block.group;
        if (sequence->columns > block.width) block.width = sequence->columns;
        if (sequence->span_count > block.levels) block.levels = sequence->span_count;
      } while (next < last && block.queries < RECORDED_ROWS);
      if (block.queries == 0) continue;
      if (job->dy) differentiate_attention(&block);
      else attend_recorded(&block);
    }
  }
}
