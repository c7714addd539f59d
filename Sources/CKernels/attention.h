// Attention over paged keys and values, causal unless a bias says otherwise.
//
// Scores are 16-lane dot products, the softmax sums column c of a row in lane (c - first) mod 16,
// and values are added in order of columns: page borders and block shapes change nothing.
#pragma once

#include "linear.h"

/// The query rows and the head of keys and values that one item works on.
typedef struct attention_block {
  const tacit_attention_shape *shape;
  const tacit_attention_sequence *sequence;
  ptrdiff_t head;
  /// The head that is likely next, or the number of heads.
  ptrdiff_t next_head;
  /// Query rows [first_row, first_row + rows) of the sequence, `group` query heads each.
  ptrdiff_t first_row, rows, group;
  /// Columns [base, base + width) hold every column that any of the rows sees.
  ptrdiff_t base, width;
  /// [rows · group, E], [rows · group, width], [rows · group, E].
  float *queries, *scores, *sums;
  /// [P, E]: keys or values of a page as Float32.
  float *wide;
} attention_block;

typedef struct column_range {
  ptrdiff_t begin, end;
} column_range;

/// The columns that query row `row` sees.
INLINE column_range visible(const attention_block *block, ptrdiff_t row) {
  if (block->sequence->bias) return (column_range){0, block->sequence->columns};
  ptrdiff_t end = block->sequence->columns - block->sequence->rows + row + 1;
  ptrdiff_t window = block->shape->window;
  return (column_range){window > 0 && window < end ? end - window : 0, end};
}

/// The values of a head follow the keys of all heads.
INLINE ptrdiff_t values_of(const attention_block *block) {
  return block->shape->key_value_heads + block->head;
}

/// Keys of a head, or values, of `column`; `left` becomes the columns left in its page.
INLINE const char *locate(const attention_block *block, ptrdiff_t head, ptrdiff_t column,
                          ptrdiff_t *left) {
  const tacit_attention_shape *shape = block->shape;
  ptrdiff_t place = block->sequence->first_column + column;
  ptrdiff_t slot = place % shape->page_columns;
  *left = shape->page_columns - slot;
  const char *page = block->sequence->pages[place / shape->page_columns];
  ptrdiff_t index = shape->layer_offset + (head * shape->page_columns + slot) * shape->head_size;
  return page + (size_t)index * element_size(shape->element);
}

/// Fetches keys or values from `column` to the end of its page, or to `end`.
INLINE void fetch_columns(const attention_block *block, ptrdiff_t head, ptrdiff_t column,
                          ptrdiff_t end) {
  const tacit_attention_shape *shape = block->shape;
  ptrdiff_t left;
  const char *columns = locate(block, head, column, &left);
  if (left > end - column) left = end - column;
  const ptrdiff_t bytes = left * shape->head_size * (ptrdiff_t)element_size(shape->element);
  for (ptrdiff_t i = 0; i < bytes; i += 64) __builtin_prefetch(columns + i);
}

/// Elements of columns for `queries` queries: many read halves more than once, and so widened.
INLINE tacit_element widened(const attention_block *block, ptrdiff_t queries, const char **columns,
                             ptrdiff_t count) {
  const tacit_attention_shape *shape = block->shape;
  if (shape->element == TACIT_FLOAT32 || queries <= BLOCK_ROWS) return shape->element;
  widen_panel(block->wide, *columns, shape->head_size, shape->element, count, shape->head_size);
  *columns = (const char *)block->wide;
  return TACIT_FLOAT32;
}

/// Scores of all columns; the keys of a page, and then the first values, are fetched while those
/// before them are read.
static void score_columns(const attention_block *block) {
  const ptrdiff_t size = block->shape->head_size, count = block->rows * block->group;
  for (ptrdiff_t done = 0, left, next_left; done < block->width; done += left) {
    const char *keys = locate(block, block->head, block->base + done, &left);
    if (left > block->width - done) left = block->width - done;
    const bool more = done + left < block->width;
    const char *next = more ? locate(block, block->head, block->base + done + left, &next_left)
                            : locate(block, values_of(block), block->base, &next_left);
    const ptrdiff_t ahead = next - keys;
    const tacit_element element = widened(block, count, &keys, left);
    const dot_operands at = {.y = block->scores + done, .x = block->queries, .w = keys,
                             .y_stride = block->width, .x_stride = size, .w_stride = size,
                             .inputs = size, .ahead = element == block->shape->element ? ahead : 0};
    dot_panel(at, count, element, left);
  }
}

/// Adds the bias of the rows to their scores, and hides what lies before their windows.
static void add_bias(const attention_block *block) {
  const tacit_attention_sequence *sequence = block->sequence;
  if (!sequence->bias) return;
  const ptrdiff_t window = block->shape->window;
  for (ptrdiff_t q = 0; q < block->rows * block->group; q++) {
    const ptrdiff_t row = block->first_row + q / block->group;
    const ptrdiff_t own = sequence->columns - sequence->rows + row;
    const float *bias = sequence->bias + row * sequence->columns;
    float *scores = block->scores + q * block->width;
    for (ptrdiff_t c = 0; c < block->width; c++) {
      scores[c] = window > 0 && c <= own - window ? -__builtin_inff() : scores[c] + bias[c];
    }
  }
}

/// Multiplies the weights of query `q` of the block with their factors.
static void apply_factors(const attention_block *block, ptrdiff_t q, column_range range) {
  const tacit_attention_sequence *sequence = block->sequence;
  if (!sequence->factors) return;
  const ptrdiff_t row = block->first_row + q / block->group;
  const ptrdiff_t head = block->head * block->group + q % block->group;
  const float *factors =
      sequence->factors + (row * block->shape->heads + head) * sequence->columns;
  float *weights = block->scores + q * block->width - block->base;
  for (ptrdiff_t c = range.begin; c < range.end; c++) weights[c] *= factors[c];
}

/// Replaces scores by exp(scale · score - maximum); returns their sum.
static float exponentiate(float *scores, ptrdiff_t count, float scale) {
  const float lowest = -__builtin_inff();
  v16 best = splat(lowest);
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    ptrdiff_t some = count - i;
    v16 v = (some >= LANES ? load16(scores + i) : load_some(scores + i, some, lowest)) * scale;
    best = select16(v > best, v, best);
  }
  float maximum = max16(best);
  v16 sum = splat(0);
  ptrdiff_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    v16 e = exp16(load16(scores + i) * scale - maximum);
    store16(scores + i, e);
    sum += e;
  }
  if (i < count) {
    v16 e = exp16(load_some(scores + i, count - i, lowest) * scale - maximum);
    store_some(scores + i, e, count - i);
    sum += e;
  }
  return sum16(sum);
}

/// Adds the values of `range`, weighted, for `rows` query rows from `row` of the block on.
static void add_values(const attention_block *block, ptrdiff_t row, ptrdiff_t rows,
                       column_range range) {
  ptrdiff_t size = block->shape->head_size, first = row * block->group;
  for (ptrdiff_t column = range.begin, left; column < range.end; column += left) {
    const char *values = locate(block, values_of(block), column, &left);
    if (left > range.end - column) left = range.end - column;
    // Of many rows, arithmetic hides the wait for memory.
    if (block->rows == 1 && column + left < range.end) {
      fetch_columns(block, values_of(block), column + left, range.end);
    } else if (block->rows == 1 && block->next_head < block->shape->key_value_heads) {
      fetch_columns(block, block->next_head, block->base, range.end);
    }
    const tacit_element element = widened(block, rows * block->group, &values, left);
    chain_panel(block->sums + first * size, size,
                block->scores + first * block->width + column - block->base, block->width,
                rows * block->group, element, values, size, size, left);
  }
}

/// Adds the values in `range` for `rows` query rows: those that all of them see together, and the
/// ragged ends for halves of the rows.
static void add_ragged_values(const attention_block *block, ptrdiff_t row, ptrdiff_t rows,
                              column_range range) {
  const column_range first = visible(block, block->first_row + row);
  const column_range last = visible(block, block->first_row + row + rows - 1);
  if (range.begin < first.begin) range.begin = first.begin;
  if (range.end > last.end) range.end = last.end;
  if (range.begin >= range.end) return;
  const ptrdiff_t begin = last.begin > range.begin ? last.begin : range.begin;
  const ptrdiff_t end = first.end < range.end ? first.end : range.end;
  const bool overlaps = begin < end;
  const column_range before = {range.begin, overlaps ? begin : range.end};
  const ptrdiff_t half = rows / 2;
  if (rows > 1) {
    add_ragged_values(block, row, half, before);
    add_ragged_values(block, row + half, rows - half, before);
  }
  if (!overlaps) return;
  add_values(block, row, rows, (column_range){begin, end});
  if (rows > 1) {
    add_ragged_values(block, row, half, (column_range){end, range.end});
    add_ragged_values(block, row + half, rows - half, (column_range){end, range.end});
  }
}

static void attend(attention_block *block, const float *queries, float *y) {
  ptrdiff_t size = block->shape->head_size, stride = block->shape->heads * size;
  ptrdiff_t count = block->rows * block->group;
  block->base = visible(block, block->first_row).begin;
  block->width = visible(block, block->first_row + block->rows - 1).end - block->base;
  block->queries = tacit_scratch(
      (size_t)(count * (2 * size + block->width + 1) + block->shape->page_columns * size));
  block->sums = block->queries + count * size;
  block->scores = block->sums + count * size;
  float *totals = block->scores + count * block->width;
  block->wide = totals + count;
  for (ptrdiff_t i = 0; i < block->rows; i++) {
    memcpy(block->queries + i * block->group * size, queries + i * stride,
           (size_t)(block->group * size) * sizeof(float));
  }
  score_columns(block);
  add_bias(block);
  memset(block->sums, 0, (size_t)(count * size) * sizeof(float));
  for (ptrdiff_t q = 0; q < count; q++) {
    column_range range = visible(block, block->first_row + q / block->group);
    totals[q] = exponentiate(block->scores + q * block->width + range.begin - block->base,
                             range.end - range.begin, block->shape->scale);
    apply_factors(block, q, range);
  }
  add_ragged_values(block, 0, block->rows,
                    (column_range){block->base, block->base + block->width});
  for (ptrdiff_t q = 0; q < count; q++) {
    float *out = y + (q / block->group) * stride + (q % block->group) * size;
    for (ptrdiff_t i = 0; i < size; i++) out[i] = block->sums[q * size + i] / totals[q];
  }
}

/// Items run over sequences, then heads of keys and values, then blocks of query rows: what one
/// block reads is still in the cache for the next.
static void attention_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const attention_job *job = context;
  const tacit_attention_shape *shape = job->shape;
  ptrdiff_t group = shape->heads / shape->key_value_heads;
  ptrdiff_t sequence = 0, first_item = 0, first_row = 0;
  for (ptrdiff_t item = begin; item < end; item++) {
    const tacit_attention_sequence *current;
    ptrdiff_t blocks;
    for (;;) {
      current = &job->sequences[sequence];
      blocks = (current->rows + job->block - 1) / job->block;
      ptrdiff_t items = blocks * shape->key_value_heads;
      if (item < first_item + items) break;
      first_item += items;
      first_row += current->rows;
      sequence++;
    }
    ptrdiff_t row = (item - first_item) % blocks * job->block;
    ptrdiff_t left = current->rows - row;
    attention_block block = {
        .shape = shape,
        .sequence = current,
        .head = (item - first_item) / blocks,
        .next_head = (next_item(item, begin, end) - first_item) / blocks,
        .first_row = row,
        .rows = left < job->block ? left : job->block,
        .group = group,
    };
    ptrdiff_t offset =
        ((first_row + row) * shape->heads + block.head * group) * shape->head_size;
    attend(&block, job->queries + offset, job->y + offset);
  }
}

/// Float16 of `count` numbers; larger ones become the largest.
static void narrow_row(uint16_t *y, const float *x, ptrdiff_t count) {
  const float most = 65504;
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    const ptrdiff_t some = count - i < LANES ? count - i : LANES;
    v16 v = load_some(x + i, some, 0);
    v = select16(v > most, splat(most), v);
    v = select16(v < -most, splat(-most), v);
    const u16x16 bits = float16_bits(v);
    memcpy(y + i, &bits, (size_t)some * sizeof(uint16_t));
  }
}

/// Writes rows of keys or values to their columns; an item is a row.
static void store_columns_kernel(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const store_columns_job *job = context;
  const tacit_attention_shape *shape = job->shape;
  const ptrdiff_t size = shape->head_size, stride = shape->page_columns * size;
  for (ptrdiff_t i = begin; i < end; i++) {
    const float *row = job->rows + i * shape->key_value_heads * size;
    char *place = (char *)job->places[i] + (size_t)job->offset * element_size(shape->element);
    for (ptrdiff_t head = 0; head < shape->key_value_heads; head++, row += size) {
      if (shape->element == TACIT_FLOAT32) memcpy(place, row, (size_t)size * sizeof(float));
      else narrow_row((uint16_t *)place, row, size);
      place += (size_t)stride * element_size(shape->element);
    }
  }
}
