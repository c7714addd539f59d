// Shared by the C files of the bridge; not visible to Swift.
#ifndef CLUABRIDGE_INTERNAL_H
#define CLUABRIDGE_INTERNAL_H

#include "CLuaBridge.h"
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>

enum { LB_POSITION_BYTES = 1024 };

typedef struct lb_buffer {
  uint8_t *bytes;
  size_t count, capacity;
} lb_buffer;

struct lb_state {
  lua_State *main, *current;
  lb_host host;
  lb_limits limits;
  size_t memory_used;
  lb_buffer reply, output;
  // The running slice.
  int64_t instructions_left;  // also charged for large allocations and for long C loops
  int64_t bytes_uncharged;    // allocated since the last hook
  int32_t hook_interval;
  double cpu_deadline;
  int64_t instructions_allowed;
  double cpu_allowed;
  _Bool stopped, raising;
  char stop_message[LB_POSITION_BYTES + 128];
  // The line that was running when memory was last refused; line 0: none since the resume.
  char hungry_source[LB_POSITION_BYTES];
  int32_t hungry_line;
};

static inline lb_state *lb_owner(lua_State *L) { return *(lb_state **)lua_getextraspace(L); }

// Keys of the registry: the address is the key.
extern const char lb_classes_key, lb_modules_key;

_Bool lb_append(lb_buffer *buffer, const void *bytes, size_t count);
// Replaces the output by a message, cut if need be; never fails loudly.
void lb_set_message(lb_state *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Copies the error value on top of the stack to the output.
void lb_keep_error(lb_state *s, lua_State *L, int status);
// Charges `steps` of work done in C; raises when the budget is used up.
void lb_charge(lua_State *L, int64_t steps);
void lb_arm_hook(lb_state *s, lua_State *L, int32_t interval);
// The nearest Lua line on the call stack: path without the `@`, or "?" and 0.
void lb_position(lua_State *L, char *source, size_t capacity, int32_t *line);

// Encodes stack slots first...top into the output; raises when a limit is broken.
void lb_encode(lua_State *L, int first);
// Pushes every value of the reply; returns how many.
int lb_push_reply(lua_State *L);
// Raises the reply's bytes as an error at the caller's position.
int lb_raise_reply(lua_State *L);
void lb_push_host_function(lua_State *L, int32_t function);

// Installs the allow-listed globals; runs protected.
int lb_open_sandbox(lua_State *L);
int lb_string_find(lua_State *L);
int lb_string_match(lua_State *L);
int lb_string_gmatch(lua_State *L);
int lb_string_gsub(lua_State *L);
// A printable form without addresses; pushes one string.
void lb_push_text(lua_State *L, int index);
int lb_table_pairs(lua_State *L);
int lb_table_next(lua_State *L);

#endif
