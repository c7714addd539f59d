// The kernels for AVX2 with fused multiply-add and half conversion.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "jobs.h"
#include "pool.h"

#define BLOCK_ROWS 2
#define BLOCK_OUTPUTS 3
#define TILE_ROWS 2
#define MIDDLE_ROWS 2
#define PAIRED_ROWS 2
#define TILE_COUNT 2
#define HAS_HALF_CONVERSION 1
#define HAS_FUSED_MULTIPLY_ADD 1
#define HAS_DOT_PRODUCTS 0
#define HAS_PAIR_PRODUCTS 1
// Vectors cross only functions that are inlined: no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "kernels.h"
#include "packed.h"
#pragma clang attribute pop

const tacit_task tacit_kernels_avx2[KERNEL_COUNT] = {
    TACIT_KERNELS, TACIT_PACKED_KERNELS};
#endif
