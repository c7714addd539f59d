// Per-thread scratch memory of the kernels.
#pragma once

#include <stddef.h>

/// At least `count` floats, 64-byte aligned, owned by the calling thread until its next request.
float *tacit_scratch(size_t count);
