// The kernels in what every processor has: NEON on ARM, slow but equal elsewhere.
#include <math.h>
#include <string.h>

#include "jobs.h"
#include "pool.h"

#define BLOCK_ROWS 2
#define BLOCK_OUTPUTS 2
#define TILE_ROWS 2
#define MIDDLE_ROWS 2
#define PAIRED_ROWS 2
#define TILE_COUNT 2
#define HAS_DOT_PRODUCTS 0
#define HAS_PAIR_PRODUCTS 0
#if defined(__aarch64__)
#define HAS_HALF_CONVERSION 1
#define HAS_FUSED_MULTIPLY_ADD 1
#else
#define HAS_HALF_CONVERSION 0
#define HAS_FUSED_MULTIPLY_ADD 0
#endif
// Vectors cross only functions that are inlined: no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"
#include "kernels.h"
#include "packed.h"

const tacit_task tacit_kernels_plain[KERNEL_COUNT] = {
    TACIT_KERNELS, TACIT_PACKED_KERNELS};
