// SIMD kernels over Float32 rows and the worker pool that runs them.
//
// Every result has the same bits for every instruction set, thread count and number of rows:
// sums are taken in 16 lanes in one fixed order, and every product is fused into its sum.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CKernelsProbes.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

// MARK: Worker pool

/// Runs items [begin, end) of a parallel loop.
typedef void (*tacit_task)(const void *context, ptrdiff_t begin, ptrdiff_t end);

/// Sets the number of threads, the caller included. Waits for a running loop to finish.
void tacit_pool_resize(int threads);

/// The number of threads that share a loop; at first the number of available processors.
int tacit_pool_threads(void);

/// Calls `task` on pieces of [0, count) of at most `chunk` items, from all threads, and waits.
/// A nested or concurrent call runs its whole loop on the calling thread.
void tacit_parallel_for(ptrdiff_t count, ptrdiff_t chunk, tacit_task task, const void *context);

/// Whether loops of the calling thread run on it alone from now on; returns what held before.
bool tacit_pool_keep_out(bool keeps_out);

// MARK: Memory

/// A block of at least `count` floats, 64-byte aligned, with whatever an earlier owner left in it.
float *tacit_take_block(size_t count);

/// Keeps a block of `count` floats for whoever takes one of that size next.
void tacit_give_block(float *block, size_t count);

/// How often the system was asked for a block, by all threads.
ptrdiff_t tacit_block_allocations(void);

// MARK: Instruction sets

typedef enum tacit_level {
  TACIT_LEVEL_PLAIN = 0,
  TACIT_LEVEL_AVX2 = 1,
  TACIT_LEVEL_AVX512 = 2,
} tacit_level;

/// The instruction set in use.
tacit_level tacit_kernels_level(void);

/// Uses `level`, or the best one below it that this processor has; returns the one chosen.
tacit_level tacit_kernels_select(tacit_level level);

// MARK: Linear layers

typedef enum tacit_element {
  TACIT_FLOAT32 = 0,
  TACIT_FLOAT16 = 1,
  TACIT_BFLOAT16 = 2,
} tacit_element;

/// A weight matrix read in place. Its address needs no alignment.
typedef struct tacit_matrix {
  const void *data;
  /// `[outputs, inputs]` when output-major (PyTorch Linear), else `[inputs, outputs]` (Conv1D).
  bool output_major;
  tacit_element element;
  ptrdiff_t outputs, inputs;
} tacit_matrix;

/// y[M, outputs] = x[M, inputs] · Wᵀ + bias, accumulated in Float32 from exactly widened weights.
/// Output-major sums run in 16 lanes (k mod 16) and one tree, input-major sums in order of k.
void tacit_linear(float *y, const float *x, ptrdiff_t rows, tacit_matrix weight,
                  const float *_Nullable bias);

/// Widens row `row` of the stored matrix with `columns` columns: y[i] = data[rows[i], :].
void tacit_gather(float *y, const void *data, tacit_element element, ptrdiff_t columns,
                  const int32_t *indices, ptrdiff_t count);

/// Widens one IEEE half.
float tacit_widen_float16(uint16_t bits);
/// Bits of the nearest half, ties to even.
uint16_t tacit_round_float16(float value);

/// Widens one bfloat16.
float tacit_widen_bfloat16(uint16_t bits);

// MARK: Packed weights

/// The formats of blocks: 32 inputs of an output are a half-precision scale times integers, with
/// the bits that GGUF gives them. Of each its name, the bits of an integer, what integers are too
/// large by in tiles, where they are unsigned, and in which bits of four bytes tiles differ from
/// files. Its inner loops are in block_formats.h, its rounding in packing.c.
#define TACIT_BLOCK_FORMATS(ROW) \
  ROW(Q8_0, 8, 128, 0x80808080)  \
  ROW(Q4_0, 4, 8, 0)

/// Weights as products read them fastest: sixteen outputs interleaved.
typedef enum tacit_packing {
  /// Pairs of inputs.
  TACIT_PACKED_BFLOAT16,
#define TACIT_PACKED(NAME, ...) TACIT_PACKED_##NAME,
  TACIT_BLOCK_FORMATS(TACIT_PACKED)
#undef TACIT_PACKED
} tacit_packing;

/// A packed weight matrix. Blocks divide its inputs. Its address is a multiple of 64.
typedef struct tacit_packed {
  const void *data;
  tacit_packing packing;
  ptrdiff_t outputs, inputs;
} tacit_packed;

/// Bytes that a file has for a block: the scale and the integers.
size_t tacit_block_size(tacit_packing packing);

/// Bytes of a packed matrix.
size_t tacit_packed_size(tacit_packing packing, ptrdiff_t outputs, ptrdiff_t inputs);

/// Packs a matrix, rounded as ggml's reference does. Only BFloat16 is packed as BFloat16; its
/// subnormal numbers become zero.
void tacit_pack(void *packed, tacit_packing packing, tacit_matrix source);

/// Packs the blocks of a GGUF tensor, output after output; no alignment is needed.
void tacit_pack_blocks(void *packed, tacit_packing packing, const void *blocks, ptrdiff_t outputs,
                       ptrdiff_t inputs);

/// y[M, outputs] = x[M, inputs] · Wᵀ + bias, from exactly widened weights of blocks.
void tacit_packed_linear(float *y, const float *x, ptrdiff_t rows, tacit_packed weight,
                         const float *_Nullable bias);

/// The same of activations rounded to 8 bits in blocks of 32, or to BFloat16 as the weights are.
void tacit_packed_rounded_linear(float *y, const float *x, ptrdiff_t rows, tacit_packed weight,
                                 const float *_Nullable bias);

/// y[M, inputs] = x[M, outputs] · W + bias, in order of outputs, of weights of blocks.
void tacit_packed_mix(float *y, const float *x, ptrdiff_t rows, tacit_packed weight,
                      const float *_Nullable bias);

/// Widens the weights of outputs: y[i] = W[indices[i], :], of weights of blocks.
void tacit_packed_gather(float *y, tacit_packed weight, const int32_t *indices, ptrdiff_t count);

// MARK: Attention

/// Geometry of one attention layer over pages of `page_columns` columns.
/// A page holds, from element `layer_offset` on, keys [K, P, E] and then values [K, P, E].
typedef struct tacit_attention_shape {
  ptrdiff_t heads, key_value_heads, head_size, page_columns;
  tacit_element element;
  ptrdiff_t layer_offset;
  /// Columns a row may look back to, itself included; 0 means all.
  ptrdiff_t window;
  float scale;
} tacit_attention_shape;

/// One sequence: `columns` columns that start `first_column` columns into its first page.
/// Its `rows` query rows belong to the last columns; row i sees columns 0 ... columns-rows+i, or,
/// with a bias, all of them.
typedef struct tacit_attention_sequence {
  const void *_Nonnull const *_Nonnull pages;
  ptrdiff_t first_column, columns, rows;
  /// [rows, columns], added to the scores: -INFINITY hides a column.
  const float *_Nullable bias;
  /// [rows, H, columns], multiplied with the weights after the softmax.
  const float *_Nullable factors;
} tacit_attention_sequence;

/// Causal attention, unless a bias says otherwise. `queries` and `y` are [ΣT, H·E], sequence after sequence.
/// Softmax in Float32; sums follow the columns a row sees, wherever their pages begin.
void tacit_attention(float *y, const float *queries, const tacit_attention_shape *shape,
                     const tacit_attention_sequence *sequences, ptrdiff_t count);

/// Writes rows [count, K·E] of keys or of values to columns of pages: the first head's place of
/// row i is element `offset` from places[i] on. Float16 is rounded to nearest, ties to even; what
/// is too large becomes the largest there is.
void tacit_store_columns(void *_Nonnull const *_Nonnull places, ptrdiff_t offset, const float *rows,
                         ptrdiff_t count, const tacit_attention_shape *shape);

/// Some columns of attention: rows of tensors [T, K·E] of keys and of values, from these
/// addresses on, and of the tensors that their gradients are added to.
typedef struct tacit_recorded_span {
  const float *keys, *values;
  float *_Nullable key_gradients, *_Nullable value_gradients;
  ptrdiff_t columns;
} tacit_recorded_span;

/// A sequence that sees its spans one after another, `columns` in all. Its query rows, `rows` from
/// `first_row` on, belong to the last columns; row i sees columns 0 ... columns-rows+i.
typedef struct tacit_recorded_sequence {
  ptrdiff_t first_span, span_count, columns, first_row, rows;
} tacit_recorded_sequence;

/// The sequences of a pass. Group g is sequences groups[g] ..< groups[g + 1]; two sequences that
/// see the same column are in one group.
typedef struct tacit_recorded_batch {
  const tacit_recorded_span *spans;
  const tacit_recorded_sequence *sequences;
  const ptrdiff_t *groups;
  ptrdiff_t group_count;
} tacit_recorded_batch;

/// Causal attention over recorded keys and values, with the bits of `tacit_attention`; pages,
/// their columns and `layer_offset` of the shape mean nothing here.
void tacit_recorded_attention(float *y, const float *queries, const tacit_attention_shape *shape,
                              tacit_recorded_batch batch);

/// Gradients of `tacit_recorded_attention`: `dq` is written, those of the spans are added to.
void tacit_recorded_attention_gradient(float *dq, const float *dy, const float *queries,
                                       const tacit_attention_shape *shape,
                                       tacit_recorded_batch batch);

// MARK: Rows

/// Divides each group of `group` columns by its root mean square and multiplies by gain[group].
void tacit_rmsnorm(float *y, const float *x, const float *gain, float epsilon, ptrdiff_t rows,
                   ptrdiff_t columns, ptrdiff_t group);

/// Subtracts the mean, divides by the standard deviation, multiplies by gain and adds bias.
void tacit_layernorm(float *y, const float *x, const float *gain, const float *_Nullable bias,
                     float epsilon, ptrdiff_t rows, ptrdiff_t columns);

/// Rotates pairs (i, i + half) of every head by its row's angles; later columns are copied.
/// `cosines` and `sines` are [rows, half], already chosen by position.
void tacit_rotary(float *y, const float *x, const float *cosines, const float *sines,
                  ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t head_size, ptrdiff_t half);

typedef enum tacit_map {
  TACIT_RELU,
  TACIT_SILU,
  TACIT_GELU_ERF,
  TACIT_GELU_TANH,
  TACIT_EXP,
} tacit_map;

/// Applies a function to `count` elements. `y` may be `x`.
void tacit_map_elements(float *y, const float *x, ptrdiff_t count, tacit_map function);

/// y = silu(gate) · up. `y` may be `gate` or `up`.
void tacit_swiglu(float *y, const float *gate, const float *up, ptrdiff_t count);

/// y = a + scale · b. `y` may be `a` or `b`.
void tacit_add(float *y, const float *a, const float *b, float scale, ptrdiff_t count);

// MARK: Gradients

/// y[A, B] += aᵀ · b for a[M, A] and b[M, B], in order of rows.
void tacit_add_product(float *y, const float *a, const float *b, ptrdiff_t rows,
                       ptrdiff_t a_columns, ptrdiff_t b_columns);

/// y[N] += the rows of x[M, N], in order.
void tacit_add_column_sums(float *y, const float *x, ptrdiff_t rows, ptrdiff_t columns);

/// y[indices[m], :] += x[m, :], in order of m.
void tacit_scatter_add(float *y, const int32_t *indices, const float *x, ptrdiff_t rows,
                       ptrdiff_t columns);

/// Gradient of a norm of rows of `columns` elements: of `tacit_layernorm` if `centers`, else of
/// `tacit_rmsnorm`. `products` receive dy times the normalized rows.
void tacit_norm_gradient(float *dx, float *products, const float *dy, const float *x,
                         const float *gain, float epsilon, ptrdiff_t rows, ptrdiff_t columns,
                         bool centers);

/// dx = dy · f'(x). `dx` may be `dy`.
void tacit_map_gradient(float *dx, const float *dy, const float *x, ptrdiff_t count,
                        tacit_map function);

/// Gradients of `tacit_swiglu`.
void tacit_swiglu_gradient(float *dgate, float *dup, const float *dy, const float *gate,
                           const float *up, ptrdiff_t count);

// MARK: Cross-entropy

/// What a row of logits is compared with: classes[row], or the distribution weights[row, :].
typedef struct tacit_targets {
  const int32_t *_Nullable classes;
  const float *_Nullable weights;
} tacit_targets;

/// losses[m] = Σ q · (log Σ exp x - x) over the columns of row m.
void tacit_cross_entropy(float *losses, const float *x, tacit_targets targets, ptrdiff_t rows,
                         ptrdiff_t columns);

/// dx[m, :] = dy[m] · (Σ q · softmax(x) - q).
void tacit_cross_entropy_gradient(float *dx, const float *dy, const float *x,
                                  tacit_targets targets, ptrdiff_t rows, ptrdiff_t columns);

// MARK: Statistics of one row

/// Index of the largest element; the lowest wins ties, NaN never wins. 0 when nothing compares.
ptrdiff_t tacit_argmax(const float *x, ptrdiff_t count);

/// Probabilities of logits. `y` may be `x`.
void tacit_softmax(float *y, const float *x, ptrdiff_t count);

/// Natural logarithm of the sum of exponentials; -infinity for an empty row.
float tacit_log_sum_exp(const float *x, ptrdiff_t count);

/// Entropy in nats of the softmax of `x`.
float tacit_entropy(const float *x, ptrdiff_t count);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
