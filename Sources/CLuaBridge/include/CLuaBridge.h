// Lua behind a C boundary that Swift can call without ever meeting a longjmp.
//
// Lua raises and yields by longjmp, which must not cross a Swift frame. So no function here raises
// to its caller, and no callback given here calls back into Lua. Values cross as bytes in *wire
// form*: a tag byte and its payload, host byte order, one value after the other (see `lb_tag`).
#ifndef CLUABRIDGE_H
#define CLUABRIDGE_H

#include <stddef.h>
#include <stdint.h>

typedef struct lb_state lb_state;

typedef enum lb_tag {
  LB_NIL = 0,
  LB_FALSE = 1,
  LB_TRUE = 2,
  LB_INTEGER = 3,   // int64
  LB_NUMBER = 4,    // double
  LB_STRING = 5,    // uint32 byte count, bytes
  LB_TABLE = 6,     // uint32 n, uint32 m, n values, then m pairs of LB_STRING and value
  LB_FUNCTION = 7,  // int32 reference; from Lua also its place: int32 line, uint32 count, path
  LB_OBJECT = 8,    // int32 class, uint64 pointer
  LB_HOST = 9,      // int32 host function; only towards Lua
} lb_tag;

// What a callback asks the calling script to do next.
typedef enum lb_action {
  LB_RETURN = 0,   // return the values of the reply
  LB_RAISE = 1,    // raise the reply's bytes as a message, prefixed with the caller's position
  LB_SUSPEND = 2,  // yield; the next lb_resume delivers the values or the error
} lb_action;

typedef enum lb_outcome {
  LB_FINISHED = 0,   // lb_output holds the results in wire form
  LB_SUSPENDED = 1,  // a host function answered LB_SUSPEND
  LB_FAILED = 2,     // lb_output holds the error message
  LB_STOPPED = 3,    // a limit was met; lb_output holds the message; the coroutine cannot go on
} lb_outcome;

typedef struct lb_host {
  void *context;
  // A script called host function `function`; `source` and `line` name the calling line.
  int32_t (*call)(void *context, lb_state *state, int32_t function, const uint8_t *arguments,
                  size_t count, const char *source, int32_t line);
  // A script requires a module not yet loaded. LB_RETURN: the reply is two LB_STRINGs, path and
  // text.
  int32_t (*resolve)(void *context, lb_state *state, const char *name, size_t count);
  void (*print)(void *context, const char *text, size_t count, const char *source, int32_t line);
  void (*retain)(uint64_t object);
  void (*release)(uint64_t object);
} lb_host;

typedef struct lb_limits {
  size_t memory_bytes;        // heap of the state
  size_t string_bytes;        // result of string.rep
  int32_t value_depth;        // nesting of a table that crosses to the host
  int32_t value_count;        // values in one crossing
  int64_t pattern_steps;      // one call of find, match, gsub, or one step of gmatch
} lb_limits;

typedef struct lb_coroutine {
  void *thread;
  int32_t reference;
} lb_coroutine;

// A sandboxed state, or NULL when memory is exhausted.
lb_state *lb_open(lb_limits limits, lb_host host);
void lb_close(lb_state *state);
// Names the calling thread. pthread_self is declared constant, so Swift would carry its value over
// a suspension on to another thread.
uint64_t lb_current_thread(void);
size_t lb_memory_used(const lb_state *state);

// Sets the bytes that the next callback return, definition or resume delivers. False: no memory.
_Bool lb_reply(lb_state *state, const uint8_t *bytes, size_t count);

// What the last operation left: results in wire form or an error message. Valid until the next.
const uint8_t *lb_output(const lb_state *state, size_t *count);

// Each returns false with a message in lb_output when it fails.
// Compiles text (never bytecode); the function's reference goes to `reference`.
_Bool lb_load(lb_state *state, const char *text, size_t count, const char *name,
              int32_t *reference);
// Defines module `name` from the reply, one LB_TABLE; host function `unknown` answers other keys.
_Bool lb_define_module(lb_state *state, const char *name, int32_t unknown);
// Defines class `index` from the reply: LB_TABLE of methods, LB_TABLE of getters; host function
// `unknown` answers other keys.
_Bool lb_define_class(lb_state *state, int32_t index, const char *name, int32_t unknown);
// Prepares a call of the referenced function; the first lb_resume delivers its arguments.
_Bool lb_spawn(lb_state *state, int32_t function, lb_coroutine *coroutine);

// Runs until the script finishes, fails, suspends or has used `instructions` or `cpu_seconds`.
// `raise`: the reply is a message to raise at the suspended call.
lb_outcome lb_resume(lb_state *state, lb_coroutine coroutine, _Bool raise, int64_t instructions,
                     double cpu_seconds);
// Drops a coroutine, whatever its condition.
void lb_release_coroutine(lb_state *state, lb_coroutine coroutine);
void lb_collect(lb_state *state);
void lb_release_function(lb_state *state, int32_t reference);

#endif
