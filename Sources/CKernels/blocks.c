// Memory of tensors: blocks by size, kept by the thread that gave them back for its next ones.
//
// What a thread keeps beyond its share, and large blocks, go to a list of all threads. Small blocks
// are cut from slabs, which are never returned: the system is asked rarely, and for huge pages.
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "CKernels.h"

enum { CLASS_COUNT = 160, ALIGNMENT = 64 };
static const size_t SMALLEST_COUNT = 64;
static const size_t MOST_BYTES_OF_A_THREAD = 8 << 20;
static const size_t MOST_BYTES_OF_ALL = 256 << 20;
static const size_t SLAB_BYTES = 2 << 20;
static const size_t MOST_BYTES_IN_SLABS = 128 << 10;

/// A block that waits, linked through its own memory.
typedef struct block {
  struct block *next;
} block;

typedef struct block_lists {
  block *first[CLASS_COUNT];
  size_t bytes;
} block_lists;

static block_lists shared_lists;
static char *slab;
static size_t slab_left;
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic ptrdiff_t allocations;

static _Thread_local block_lists own_lists;
static _Thread_local bool gives_back_at_exit;
static pthread_key_t exit_key;
static pthread_once_t exit_once = PTHREAD_ONCE_INIT;

/// A size: at least 64 floats, four sizes to each doubling.
typedef struct block_size {
  size_t bytes;
  int number;
} block_size;

static int bit_count(size_t value) { return 64 - __builtin_clzll((unsigned long long)value); }

static block_size size_for(size_t count) {
  if (count < SMALLEST_COUNT) count = SMALLEST_COUNT;
  const int step_bits = bit_count(count - 1) < 7 ? 4 : bit_count(count - 1) - 3;
  const size_t steps = ((count - 1) >> step_bits) + 1;
  // Sizes 5 ... 8 steps long of each doubling, after the smallest, which is 4 of its steps.
  return (block_size){(steps << step_bits) * sizeof(float),
                      (step_bits - 4) * 4 + (int)steps - 4};
}

static block_size size_numbered(int number) {
  if (number == 0) return size_for(SMALLEST_COUNT);
  const size_t steps = (size_t)(number - 1) % 4 + 5;
  return (block_size){(steps << ((number - 1) / 4 + 4)) * sizeof(float), number};
}

static block *pop(block_lists *lists, block_size size) {
  block *found = lists->first[size.number];
  if (found != NULL) {
    lists->first[size.number] = found->next;
    lists->bytes -= size.bytes;
  }
  return found;
}

static bool push(block_lists *lists, block *given, block_size size, size_t most_bytes) {
  if (lists->bytes + size.bytes > most_bytes) return false;
  given->next = lists->first[size.number];
  lists->first[size.number] = given;
  lists->bytes += size.bytes;
  return true;
}

static void share(block *given, block_size size) {
  pthread_mutex_lock(&shared_lock);
  const bool is_cut = size.bytes <= MOST_BYTES_IN_SLABS;
  bool kept = push(&shared_lists, given, size, is_cut ? SIZE_MAX : MOST_BYTES_OF_ALL);
  pthread_mutex_unlock(&shared_lock);
  if (!kept) free(given);
}

/// Gives all blocks of a thread that ends to the others.
static void share_all(void *unused) {
  (void)unused;
  gives_back_at_exit = false;
  for (int number = 0; number < CLASS_COUNT; number++) {
    const block_size size = size_numbered(number);
    for (block *given = pop(&own_lists, size); given != NULL; given = pop(&own_lists, size)) {
      share(given, size);
    }
  }
}

static void make_exit_key(void) { pthread_key_create(&exit_key, share_all); }

/// Asks the system.
static void *allocate(size_t bytes, size_t alignment) {
  atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
  void *memory = NULL;
  if (posix_memalign(&memory, alignment, bytes) != 0) abort();
  return memory;
}

/// Cuts a block from the slab; what is left of a slab that is too short stays unused.
static void *cut(size_t bytes) {
  if (slab_left < bytes) {
    slab = allocate(SLAB_BYTES, SLAB_BYTES);
    slab_left = SLAB_BYTES;
#if defined(__linux__)
    // Advice that the system does not take changes speed only.
    madvise(slab, SLAB_BYTES, MADV_HUGEPAGE);
#endif
  }
  slab_left -= bytes;
  return slab + slab_left;
}

float *tacit_take_block(size_t count) {
  const block_size size = size_for(count);
  if (size.number >= CLASS_COUNT) abort();
  block *found = pop(&own_lists, size);
  if (found != NULL) return (float *)found;
  const bool is_cut = size.bytes <= MOST_BYTES_IN_SLABS;
  pthread_mutex_lock(&shared_lock);
  found = pop(&shared_lists, size);
  if (found == NULL && is_cut) found = cut(size.bytes);
  pthread_mutex_unlock(&shared_lock);
  return found != NULL ? (float *)found : allocate(size.bytes, ALIGNMENT);
}

void tacit_give_block(float *memory, size_t count) {
  const block_size size = size_for(count);
  block *given = (block *)memory;
  if (size.bytes > MOST_BYTES_OF_A_THREAD / 4 ||
      !push(&own_lists, given, size, MOST_BYTES_OF_A_THREAD)) {
    share(given, size);
    return;
  }
  if (gives_back_at_exit) return;
  pthread_once(&exit_once, make_exit_key);
  pthread_setspecific(exit_key, &own_lists);
  gives_back_at_exit = true;
}

ptrdiff_t tacit_block_allocations(void) {
  return atomic_load_explicit(&allocations, memory_order_relaxed);
}
