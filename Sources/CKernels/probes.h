// A loop of independent multiply-adds: enough chains to hide the latency of the instruction.
//
// Included once per instruction and instruction set, with
//   PROBE_NAME       name of the task
//   PROBE_VECTOR     vector type of sums and operands
//   PROBE_CHAINS     sums, which fit the registers beside two operands
//   PROBE_STEP       (sum, x, y) to the next sum

static void PROBE_NAME(const void *context, ptrdiff_t begin, ptrdiff_t end) {
  const char *seeds = context;
  PROBE_VECTOR x, y, sums[PROBE_CHAINS];
  memcpy(&x, seeds, sizeof x);
  memcpy(&y, seeds + 4, sizeof y);
  // Chains that began alike would be computed once.
#pragma clang loop unroll(full)
  for (int i = 0; i < PROBE_CHAINS; i++) memcpy(&sums[i], seeds + 4 * i, sizeof sums[i]);
  for (ptrdiff_t step = begin * PROBE_STEPS; step < end * PROBE_STEPS; step++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < PROBE_CHAINS; i++) sums[i] = PROBE_STEP(sums[i], x, y);
  }
  // Somebody might read the sums.
  __asm__ volatile("" : : "r"(sums) : "memory");
}

#undef PROBE_NAME
#undef PROBE_VECTOR
#undef PROBE_CHAINS
#undef PROBE_STEP
