// The kernels for AVX-512.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "jobs.h"
#include "pool.h"

#define BLOCK_ROWS 6
#define BLOCK_OUTPUTS 4
#define TILE_ROWS 8
#define MIDDLE_ROWS 12
#define PAIRED_ROWS 16
#define TILE_COUNT 4
#define HAS_HALF_CONVERSION 1
#define HAS_FUSED_MULTIPLY_ADD 1
#define HAS_DOT_PRODUCTS 1
#define HAS_MASKS 1
#pragma clang attribute push(                                                      \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))),   \
    apply_to = function)
#include "kernels.h"
#pragma clang attribute pop

#pragma clang attribute push(                                                      \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,avx2,fma," \
                          "f16c"))),                                               \
    apply_to = function)
#include "packed.h"
#pragma clang attribute pop

const tacit_task tacit_kernels_avx512[KERNEL_COUNT] = {
    TACIT_KERNELS, TACIT_PACKED_KERNELS};
#endif
