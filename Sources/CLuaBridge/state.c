// Life of a state: memory limit, instruction budget, coroutines.
#include "internal.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HOOK_INTERVAL = 1000, BYTES_PER_STEP = 64 };

const char lb_classes_key, lb_modules_key;

// Buffers and messages

_Bool lb_append(lb_buffer *buffer, const void *bytes, size_t count) {
  if (count > SIZE_MAX / 2 - buffer->count) return 0;
  if (buffer->count + count > buffer->capacity) {
    size_t capacity = (buffer->count + count) * 2;
    uint8_t *grown = realloc(buffer->bytes, capacity);
    if (!grown) return 0;
    buffer->bytes = grown;
    buffer->capacity = capacity;
  }
  if (count) memcpy(buffer->bytes + buffer->count, bytes, count);
  buffer->count += count;
  return 1;
}

_Bool lb_reply(lb_state *s, const uint8_t *bytes, size_t count) {
  s->reply.count = 0;
  return lb_append(&s->reply, bytes, count);
}

const uint8_t *lb_output(const lb_state *s, size_t *count) {
  *count = s->output.count;
  return s->output.bytes;
}

void lb_set_message(lb_state *s, const char *format, ...) {
  char text[2 * LB_POSITION_BYTES];
  va_list list;
  va_start(list, format);
  int count = vsnprintf(text, sizeof text, format, list);
  va_end(list);
  if (count < 0) count = 0;
  if ((size_t)count >= sizeof text) count = sizeof text - 1;
  s->output.count = 0;
  lb_append(&s->output, text, (size_t)count);
}

void lb_keep_error(lb_state *s, lua_State *L, int status) {
  if (status == LUA_ERRMEM) {
    size_t limit = s->limits.memory_bytes >> 20;
    if (s->hungry_line > 0)
      lb_set_message(s, "%s:%d: the memory limit of %zu MB is used up", s->hungry_source,
                     (int)s->hungry_line, limit);
    else
      lb_set_message(s, "the memory limit of %zu MB is used up", limit);
  } else if (lua_type(L, -1) == LUA_TSTRING) {  // lua_tolstring on a real string allocates nothing
    size_t count;
    const char *text = lua_tolstring(L, -1, &count);
    s->output.count = 0;
    if (!lb_append(&s->output, text, count)) lb_set_message(s, "out of memory");
  } else {
    lb_set_message(s, "error with a value of type %s instead of a message",
                   lua_typename(L, lua_type(L, -1)));
  }
}

// Memory and time

// Work done by the allocator counts too, or `s = s .. 'x'` on a long string would cost nothing.
static void *allocate(void *context, void *old, size_t old_size, size_t new_size) {
  lb_state *s = context;
  size_t held = old ? old_size : 0;
  if (new_size == 0) {
    s->memory_used -= held;
    free(old);
    return NULL;
  }
  if (new_size > held && s->limits.memory_bytes - s->memory_used < new_size - held) {
    // Lua forgets the line when it unwinds. Reading it here allocates nothing.
    if (s->current)
      lb_position(s->current, s->hungry_source, sizeof s->hungry_source, &s->hungry_line);
    return NULL;
  }
  void *memory = realloc(old, new_size);
  if (!memory) return NULL;
  s->memory_used += new_size - held;
  s->bytes_uncharged += (int64_t)new_size;
  if (s->current && s->bytes_uncharged > (int64_t)HOOK_INTERVAL * BYTES_PER_STEP)
    lb_arm_hook(s, s->current, 1);
  return memory;
}

static double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void lb_position(lua_State *L, char *source, size_t capacity, int32_t *line) {
  lua_Debug at;
  for (int level = 0; lua_getstack(L, level, &at); level++) {
    if (!lua_getinfo(L, "Sl", &at) || at.currentline <= 0) continue;
    snprintf(source, capacity, "%s", at.source[0] == '@' ? at.source + 1 : at.short_src);
    *line = at.currentline;
    return;
  }
  snprintf(source, capacity, "?");
  *line = 0;
}

static void describe_stop(lb_state *s, lua_State *L, _Bool late) {
  char source[LB_POSITION_BYTES];
  int32_t line;
  lb_position(L, source, sizeof source, &line);
  if (late)
    snprintf(s->stop_message, sizeof s->stop_message,
             "%s:%d: stopped after %g seconds without an end", source, line, s->cpu_allowed);
  else
    snprintf(s->stop_message, sizeof s->stop_message,
             "%s:%d: stopped after %lld instructions without an end", source, line,
             (long long)s->instructions_allowed);
}

static _Bool must_stop(lb_state *s, lua_State *L) {
  if (s->stopped) return 1;
  s->instructions_left -= s->bytes_uncharged / BYTES_PER_STEP;
  s->bytes_uncharged = 0;
  _Bool late = cpu_seconds() > s->cpu_deadline;
  if (s->instructions_left > 0 && !late) return 0;
  describe_stop(s, L, late);
  s->stopped = 1;
  return 1;
}

static int raise_stop(lua_State *L) {
  lua_pushstring(L, lb_owner(L)->stop_message);
  return lua_error(L);
}

// A script cannot catch a yield. Where it cannot yield (a sort comparator, say), the hook raises
// after every instruction from then on until the script has unwound to where it can.
static void on_count(lua_State *L, lua_Debug *at) {
  (void)at;
  lb_state *s = lb_owner(L);
  s->instructions_left -= s->hook_interval;
  if (!must_stop(s, L)) {
    if (s->hook_interval != HOOK_INTERVAL) lb_arm_hook(s, L, HOOK_INTERVAL);
    return;
  }
  lb_arm_hook(s, L, 1);
  if (lua_isyieldable(L))
    lua_yield(L, 0);
  else
    raise_stop(L);
}

void lb_arm_hook(lb_state *s, lua_State *L, int32_t interval) {
  s->hook_interval = interval;
  lua_sethook(L, on_count, LUA_MASKCOUNT, interval);
}

void lb_charge(lua_State *L, int64_t steps) {
  lb_state *s = lb_owner(L);
  s->instructions_left -= steps;
  if (steps < HOOK_INTERVAL && s->instructions_left > 0) return;
  if (!must_stop(s, L)) return;
  lb_arm_hook(s, L, 1);
  raise_stop(L);
}

// States

lb_state *lb_open(lb_limits limits, lb_host host) {
  lb_state *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->limits = limits;
  s->host = host;
  s->hook_interval = HOOK_INTERVAL;
  s->main = lua_newstate(allocate, s);
  if (!s->main) {
    free(s);
    return NULL;
  }
  *(lb_state **)lua_getextraspace(s->main) = s;  // threads made later inherit it
  lua_pushcfunction(s->main, lb_open_sandbox);   // a light C function allocates nothing
  if (lua_pcall(s->main, 0, 0, 0) != LUA_OK) {
    lb_close(s);
    return NULL;
  }
  return s;
}

void lb_close(lb_state *s) {
  s->current = NULL;
  lua_close(s->main);
  free(s->reply.bytes);
  free(s->output.bytes);
  free(s);
}

uint64_t lb_current_thread(void) { return (uint64_t)pthread_self(); }

size_t lb_memory_used(const lb_state *s) { return s->memory_used; }

// Runs `function(request)` protected, with nothing on the stack before or after.
static _Bool protected_call(lb_state *s, lua_CFunction function, void *request) {
  lua_State *L = s->main;
  lua_pushcfunction(L, function);
  lua_pushlightuserdata(L, request);
  int status = lua_pcall(L, 1, 0, 0);
  if (status != LUA_OK) lb_keep_error(s, L, status);
  lua_settop(L, 0);
  return status == LUA_OK;
}

struct load_request {
  const char *text, *name;
  size_t count;
  int32_t reference;
};

static int load(lua_State *L) {
  struct load_request *request = lua_touserdata(L, 1);
  const char *name = lua_pushfstring(L, "@%s", request->name);
  if (luaL_loadbufferx(L, request->text, request->count, name, "t") != LUA_OK) return lua_error(L);
  request->reference = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

_Bool lb_load(lb_state *s, const char *text, size_t count, const char *name, int32_t *reference) {
  struct load_request request = {text, name, count, LUA_NOREF};
  _Bool ok = protected_call(s, load, &request);
  *reference = request.reference;
  return ok;
}

struct define_request {
  const char *name;
  int32_t index, unknown;
};

static int locked_write(lua_State *L) {
  lb_push_text(L, 2);
  return luaL_error(L, "cannot set '%s': '%s' is read-only", lua_tostring(L, -1),
                    lua_tostring(L, lua_upvalueindex(1)));
}

// Adds to the metatable on top: read-only, unreadable.
static void lock_metatable(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  lua_pushcclosure(L, locked_write, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pushliteral(L, "locked");
  lua_setfield(L, -2, "__metatable");
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
}

// __index of modules and objects. Upvalues: methods, getters, function for unknown keys.
static int member(lua_State *L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(2)) == LUA_TNIL) {
    lua_pushvalue(L, lua_upvalueindex(3));
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_call(L, 2, 1);
    return 1;
  }
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

// The module itself stays empty, so that every write is seen.
static int define_module(lua_State *L) {
  struct define_request *request = lua_touserdata(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &lb_modules_key);
  lua_newtable(L);
  lua_newtable(L);
  lock_metatable(L, request->name);
  lb_push_reply(L);
  lua_newtable(L);
  lb_push_host_function(L, request->unknown);
  lua_pushcclosure(L, member, 3);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_setfield(L, -2, request->name);
  return 0;
}

_Bool lb_define_module(lb_state *s, const char *name, int32_t unknown) {
  struct define_request request = {name, 0, unknown};
  return protected_call(s, define_module, &request);
}

static int collect(lua_State *L) {
  uint64_t *object = lua_touserdata(L, 1);
  uint64_t held = *object;
  *object = 0;
  if (held) lb_owner(L)->host.release(held);
  return 0;
}

static int same_object(lua_State *L) {
  uint64_t *a = lua_touserdata(L, 1), *b = lua_touserdata(L, 2);
  lua_pushboolean(L, a && b && *a == *b);
  return 1;
}

static int define_class(lua_State *L) {
  struct define_request *request = lua_touserdata(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &lb_classes_key);
  lua_newtable(L);
  lock_metatable(L, request->name);
  lb_push_reply(L);
  lb_push_host_function(L, request->unknown);
  lua_pushcclosure(L, member, 3);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, collect);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, same_object);
  lua_setfield(L, -2, "__eq");
  lua_rawseti(L, -2, request->index);
  return 0;
}

_Bool lb_define_class(lb_state *s, int32_t index, const char *name, int32_t unknown) {
  struct define_request request = {name, index, unknown};
  return protected_call(s, define_class, &request);
}

// Coroutines

static int finish(lua_State *L, int status, lua_KContext base) {
  (void)status;
  lb_encode(L, (int)base);
  return 0;
}

// Body of every coroutine: calls its argument with the values of the reply and encodes the results.
static int start(lua_State *L) {
  int count = lb_push_reply(L);
  lua_callk(L, count, LUA_MULTRET, 1, finish);
  return finish(L, LUA_OK, 1);
}

struct spawn_request {
  int32_t function;
  lb_coroutine coroutine;
};

static int spawn(lua_State *L) {
  struct spawn_request *request = lua_touserdata(L, 1);
  lua_State *thread = lua_newthread(L);
  lua_pushcfunction(thread, start);
  lua_rawgeti(thread, LUA_REGISTRYINDEX, request->function);
  request->coroutine.reference = luaL_ref(L, LUA_REGISTRYINDEX);
  request->coroutine.thread = thread;
  return 0;
}

_Bool lb_spawn(lb_state *s, int32_t function, lb_coroutine *coroutine) {
  struct spawn_request request = {function, {NULL, LUA_NOREF}};
  _Bool ok = protected_call(s, spawn, &request);
  *coroutine = request.coroutine;
  return ok;
}

lb_outcome lb_resume(lb_state *s, lb_coroutine coroutine, _Bool raise, int64_t instructions,
                     double cpu_allowed) {
  lua_State *L = coroutine.thread;
  s->instructions_allowed = s->instructions_left = instructions;
  s->cpu_allowed = cpu_allowed;
  s->cpu_deadline = cpu_seconds() + cpu_allowed;
  s->bytes_uncharged = 0;
  s->hungry_line = 0;
  s->stopped = 0;
  s->raising = raise;
  s->current = L;
  lb_arm_hook(s, L, HOOK_INTERVAL);
  int count = 0;
  int arguments = lua_status(L) == LUA_OK ? lua_gettop(L) - 1 : 0;
  int status = lua_resume(L, NULL, arguments, &count);
  s->current = NULL;
  if (s->stopped) {
    lb_set_message(s, "%s", s->stop_message);
    return LB_STOPPED;
  }
  if (status == LUA_OK) return LB_FINISHED;
  if (status == LUA_YIELD) return LB_SUSPENDED;
  lb_keep_error(s, L, status);
  return LB_FAILED;
}

void lb_release_coroutine(lb_state *s, lb_coroutine coroutine) {
  if (!coroutine.thread) return;
  lua_sethook(coroutine.thread, NULL, 0, 0);
  lua_resetthread(coroutine.thread);
  luaL_unref(s->main, LUA_REGISTRYINDEX, coroutine.reference);
}

void lb_collect(lb_state *s) { lua_gc(s->main, LUA_GCCOLLECT); }

void lb_release_function(lb_state *s, int32_t reference) {
  luaL_unref(s->main, LUA_REGISTRYINDEX, reference);
}
