// The worker pool: one loop at a time, claimed in chunks by whoever is awake.
//
// `gate` holds an open bit and the number of workers inside the current loop. A worker enters only
// while the bit is set, and the caller returns only when the bit is clear and nobody is inside, so
// a worker that is descheduled before it enters delays nobody.
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "pool.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

#include "CKernels.h"

enum { SPINS_BEFORE_PARKING = 3000, SPINS_BEFORE_YIELDING = 2000, MAXIMUM_THREADS = 1024 };
static const uint32_t OPEN = 1u << 31;

static struct {
  pthread_mutex_t owner;
  tacit_task task;
  const void *context;
  ptrdiff_t count, chunk;
  _Alignas(64) _Atomic ptrdiff_t next;
  _Alignas(64) _Atomic uint32_t gate;
  _Alignas(64) _Atomic uint32_t generation;
  _Atomic int sleepers;
  _Atomic bool stopping;
  _Atomic int threads;  // 0 before the first use
  int started;
  pthread_t workers[MAXIMUM_THREADS];
} pool = {.owner = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local bool inside_loop;

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// MARK: Parking

#if defined(__linux__)
static void park(uint32_t seen) {
  syscall(SYS_futex, &pool.generation, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void wake_all(void) {
  syscall(SYS_futex, &pool.generation, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
#else
static pthread_mutex_t parking = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t unparked = PTHREAD_COND_INITIALIZER;

static void park(uint32_t seen) {
  pthread_mutex_lock(&parking);
  while (atomic_load(&pool.generation) == seen) pthread_cond_wait(&unparked, &parking);
  pthread_mutex_unlock(&parking);
}

static void wake_all(void) {
  pthread_mutex_lock(&parking);
  pthread_cond_broadcast(&unparked);
  pthread_mutex_unlock(&parking);
}
#endif

static void announce(void) {
  atomic_fetch_add(&pool.generation, 1);
  if (atomic_load(&pool.sleepers) > 0) wake_all();
}

static uint32_t await_generation_after(uint32_t seen) {
  uint32_t generation;
  for (int spin = 0; spin < SPINS_BEFORE_PARKING; spin++) {
    generation = atomic_load_explicit(&pool.generation, memory_order_acquire);
    if (generation != seen) return generation;
    relax();
  }
  atomic_fetch_add(&pool.sleepers, 1);
  while ((generation = atomic_load(&pool.generation)) == seen) park(seen);
  atomic_fetch_sub(&pool.sleepers, 1);
  return generation;
}

// MARK: Loops

static void claim_chunks(void) {
  for (;;) {
    ptrdiff_t begin = atomic_fetch_add_explicit(&pool.next, pool.chunk, memory_order_relaxed);
    if (begin >= pool.count) return;
    ptrdiff_t left = pool.count - begin;
    pool.task(pool.context, begin, begin + (left < pool.chunk ? left : pool.chunk));
  }
}

static bool enter(void) {
  uint32_t gate = atomic_load_explicit(&pool.gate, memory_order_relaxed);
  while (gate & OPEN) {
    if (atomic_compare_exchange_weak_explicit(&pool.gate, &gate, gate + 1, memory_order_acquire,
                                              memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

static void *work(void *start_generation) {
  uint32_t seen = (uint32_t)(uintptr_t)start_generation;
  inside_loop = true;
  for (;;) {
    seen = await_generation_after(seen);
    if (atomic_load(&pool.stopping)) return NULL;
    if (!enter()) continue;
    claim_chunks();
    atomic_fetch_sub_explicit(&pool.gate, 1, memory_order_release);
  }
}

static int count_processors(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int)count : 1;
}

/// Asked of the system once: before the pool starts, every loop wants to know.
static int available_processors(void) {
  static _Atomic int known;
  int count = atomic_load_explicit(&known, memory_order_relaxed);
  if (count == 0) {
    count = count_processors();
    atomic_store_explicit(&known, count, memory_order_relaxed);
  }
  return count;
}

/// Starts or stops workers until `threads` share the work. The caller holds `owner`.
static void start(int threads) {
  if (threads < 1) threads = 1;
  if (threads > MAXIMUM_THREADS) threads = MAXIMUM_THREADS;
  if (pool.started > 0) {
    atomic_store(&pool.stopping, true);
    announce();
    for (int i = 0; i < pool.started; i++) pthread_join(pool.workers[i], NULL);
    atomic_store(&pool.stopping, false);
  }
  uint32_t generation = atomic_load(&pool.generation);
  pool.started = 0;
  while (pool.started < threads - 1) {
    pthread_t *worker = &pool.workers[pool.started];
    if (pthread_create(worker, NULL, work, (void *)(uintptr_t)generation) != 0) break;
    pool.started++;
  }
  atomic_store(&pool.threads, pool.started + 1);
}

void tacit_pool_resize(int threads) {
  if (inside_loop) return;
  pthread_mutex_lock(&pool.owner);
  start(threads);
  pthread_mutex_unlock(&pool.owner);
}

int tacit_pool_threads(void) {
  int threads = atomic_load_explicit(&pool.threads, memory_order_relaxed);
  return threads > 0 ? threads : available_processors();
}

void tacit_parallel_for(ptrdiff_t count, ptrdiff_t chunk, tacit_task task, const void *context) {
  if (count <= 0) return;
  if (chunk < 1) chunk = 1;
  if (count <= chunk || inside_loop || pthread_mutex_trylock(&pool.owner) != 0) {
    task(context, 0, count);
    return;
  }
  if (atomic_load_explicit(&pool.threads, memory_order_relaxed) == 0) start(available_processors());
  inside_loop = true;
  if (pool.started == 0) {
    task(context, 0, count);
  } else {
    pool.task = task;
    pool.context = context;
    pool.count = count;
    pool.chunk = chunk;
    atomic_store_explicit(&pool.next, 0, memory_order_relaxed);
    atomic_store_explicit(&pool.gate, OPEN, memory_order_release);
    announce();
    claim_chunks();
    atomic_fetch_and_explicit(&pool.gate, ~OPEN, memory_order_relaxed);
    for (int spin = 0; atomic_load_explicit(&pool.gate, memory_order_acquire) != 0; spin++) {
      if (spin < SPINS_BEFORE_YIELDING) relax();
      else sched_yield();
    }
  }
  inside_loop = false;
  pthread_mutex_unlock(&pool.owner);
}

bool tacit_pool_keep_out(bool keeps_out) {
  bool before = inside_loop;
  inside_loop = keeps_out;
  return before;
}

// MARK: Scratch

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;
static _Thread_local struct {
  float *memory;
  size_t capacity;
} scratch;

static void make_scratch_key(void) { pthread_key_create(&scratch_key, free); }

float *tacit_scratch(size_t count) {
  if (count > scratch.capacity) {
    pthread_once(&scratch_once, make_scratch_key);
    size_t capacity = (count + count / 2 + 1023) & ~(size_t)1023;
    free(scratch.memory);
    void *memory = NULL;
    if (posix_memalign(&memory, 64, capacity * sizeof(float)) != 0) abort();
    scratch.memory = memory;
    scratch.capacity = capacity;
    pthread_setspecific(scratch_key, memory);
  }
  return scratch.memory;
}
