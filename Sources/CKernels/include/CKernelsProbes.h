// Loops that do one thing as fast as the machine can, to compare kernels with.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// An arithmetic instruction that linear layers are made of.
typedef enum tacit_probe {
  /// Float32 multiply-adds.
  TACIT_PROBE_FLOAT32 = 0,
  /// Dot products of BFloat16 pairs, added to Float32.
  TACIT_PROBE_BFLOAT16 = 1,
  /// Dot products of four bytes, added to 32-bit integers.
  TACIT_PROBE_INT8 = 2,
} tacit_probe;

/// Reads `count` bytes at `data`, a multiple of 64, once, from all threads of the pool.
/// Returns a sum of them, so that no read can be left out.
uint64_t tacit_probe_read(const void *data, size_t count);

/// Runs an instruction from all threads of the pool, on registers only, `rounds` times a fixed
/// number of times. Returns the operations done, two for each multiply-add; 0 where the
/// instruction set in use lacks the instruction.
double tacit_probe_compute(tacit_probe probe, ptrdiff_t rounds);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
