// What the machine can do at most: memory read and arithmetic, without anything else.
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "CKernels.h"

#pragma STDC FP_CONTRACT OFF

// MARK: Memory

/// Bytes that a thread reads in one piece: enough for prefetchers to run ahead.
enum { PIECE = 1 << 20 };

/// How far ahead memory is fetched, as products do; the processor alone stops at ends of pages.
enum { PREFETCH_DISTANCE = 2048 };

typedef uint64_t u64x8 __attribute__((vector_size(64)));

typedef struct read_job {
  const char *data;
  size_t count;
  _Atomic uint64_t *sum;
} read_job;

static void read_pieces(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const read_job *job = context;
  const char *p = job->data + (size_t)begin * PIECE, *stop = job->data + (size_t)end * PIECE;
  if (stop > job->data + job->count) stop = job->data + job->count;
  u64x8 sums = {0};
  for (; p < stop; p += 64) {
    u64x8 line;
    memcpy(&line, p, sizeof line);
    __builtin_prefetch(p + PREFETCH_DISTANCE);
    sums += line;
  }
  uint64_t sum = 0;
  for (int i = 0; i < 8; i++) sum += sums[i];
  atomic_fetch_add_explicit(job->sum, sum, memory_order_relaxed);
}

uint64_t tacit_probe_read(const void *data, size_t count) {
  _Atomic uint64_t sum = 0;
  read_job job = {data, count / 64 * 64, &sum};
  tacit_parallel_for((ptrdiff_t)((count + PIECE - 1) / PIECE), 1, read_pieces, &job);
  return atomic_load(&sum);
}

// MARK: Arithmetic

/// Steps of each chain in a round: some ten microseconds.
enum { PROBE_STEPS = 2048 };

typedef struct probe_task {
  tacit_task task;
  /// Operations of one step of all chains.
  double operations;
} probe_task;

#if defined(__aarch64__) || defined(__ARM_FEATURE_FMA)
#define PLAIN_CHAINS 24
#define PLAIN_STEP(SUM, X, Y) __builtin_elementwise_fma(SUM, X, Y)
#else
#define PLAIN_CHAINS 12
#define PLAIN_STEP(SUM, X, Y) ((SUM) * (X) + (Y))
#endif

typedef float f32x4 __attribute__((vector_size(16)));
#define PROBE_NAME float32_plain
#define PROBE_VECTOR f32x4
#define PROBE_CHAINS PLAIN_CHAINS
#define PROBE_STEP PLAIN_STEP
#include "probes.h"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define PROBE_NAME float32_avx2
#define PROBE_VECTOR __m256
#define PROBE_CHAINS 12
#define PROBE_STEP(SUM, X, Y) _mm256_fmadd_ps(SUM, X, Y)
#include "probes.h"
#pragma clang attribute pop

#pragma clang attribute push(                                                      \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,avx512bf16"))),    \
    apply_to = function)
#define PROBE_NAME float32_avx512
#define PROBE_VECTOR __m512
#define PROBE_CHAINS 24
#define PROBE_STEP(SUM, X, Y) _mm512_fmadd_ps(SUM, X, Y)
#include "probes.h"

#define PROBE_NAME bfloat16_avx512
#define PROBE_VECTOR __m512
#define PROBE_CHAINS 24
#define PROBE_STEP(SUM, X, Y) _mm512_dpbf16_ps(SUM, (__m512bh)(X), (__m512bh)(Y))
#include "probes.h"

#define PROBE_NAME int8_avx512
#define PROBE_VECTOR __m512i
#define PROBE_CHAINS 24
#define PROBE_STEP(SUM, X, Y) _mm512_dpbusd_epi32(SUM, X, Y)
#include "probes.h"
#pragma clang attribute pop

static probe_task task_of(tacit_probe probe) {
  const tacit_level level = tacit_kernels_level();
  __builtin_cpu_init();
  switch (probe) {
    case TACIT_PROBE_FLOAT32:
      if (level == TACIT_LEVEL_AVX512) return (probe_task){float32_avx512, 24 * 16 * 2};
      if (level == TACIT_LEVEL_AVX2) return (probe_task){float32_avx2, 12 * 8 * 2};
      return (probe_task){float32_plain, PLAIN_CHAINS * 4 * 2};
    case TACIT_PROBE_BFLOAT16:
      if (level < TACIT_LEVEL_AVX512 || !__builtin_cpu_supports("avx512bf16")) break;
      return (probe_task){bfloat16_avx512, 24 * 32 * 2};
    case TACIT_PROBE_INT8:
      if (level < TACIT_LEVEL_AVX512 || !__builtin_cpu_supports("avx512vnni")) break;
      return (probe_task){int8_avx512, 24 * 64 * 2};
  }
  return (probe_task){NULL, 0};
}

#else

static probe_task task_of(tacit_probe probe) {
  if (probe != TACIT_PROBE_FLOAT32) return (probe_task){NULL, 0};
  return (probe_task){float32_plain, PLAIN_CHAINS * 4 * 2};
}

#endif

double tacit_probe_compute(tacit_probe probe, ptrdiff_t rounds) {
  const probe_task chosen = task_of(probe);
  if (!chosen.task || rounds <= 0) return 0;
  float seeds[64];
  for (int i = 0; i < 64; i++) seeds[i] = 0.25f + (float)i * 0x1p-10f;
  tacit_parallel_for(rounds, 1, chosen.task, seeds);
  return chosen.operations * PROBE_STEPS * (double)rounds;
}
