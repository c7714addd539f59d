// The kernels for AVX-512.
#if defined(__x86_64__)
#include <math.h>
#include <string.h>

#include "jobs.h"
#include "pool.h"

#define BLOCK_ROWS 6
#define BLOCK_OUTPUTS 4
#define HAS_HALF_CONVERSION 1
#define HAS_FUSED_MULTIPLY_ADD 1
#pragma clang attribute push(                                                      \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))),   \
    apply_to = function)
#include "kernels.h"
#pragma clang attribute pop

const tacit_task tacit_kernels_avx512[KERNEL_COUNT] = TACIT_KERNEL_TABLE;
#endif
