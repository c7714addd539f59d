// Values in wire form, and the one C function through which every host function is called.
#include "internal.h"
#include <string.h>

enum { MAXIMUM_DEPTH = 64 };

// Lua to host

struct encoder {
  lua_State *L;
  lb_state *s;
  int32_t depth, count;
  const void *open[MAXIMUM_DEPTH];  // the tables being encoded, outermost first
};

static void put(struct encoder *e, const void *bytes, size_t count) {
  if (!lb_append(&e->s->output, bytes, count)) luaL_error(e->L, "out of memory");
}

static void put_tag(struct encoder *e, lb_tag tag) { put(e, &(uint8_t){(uint8_t)tag}, 1); }

static void put_string(struct encoder *e, int index) {
  size_t count;
  const char *text = lua_tolstring(e->L, index, &count);
  if (count > UINT32_MAX) luaL_error(e->L, "string too long");
  uint32_t short_count = (uint32_t)count;
  put_tag(e, LB_STRING);
  put(e, &short_count, sizeof short_count);
  put(e, text, count);
}

static void put_value(struct encoder *e, int index);

static void put_table(struct encoder *e, int index) {
  lua_State *L = e->L;
  const void *self = lua_topointer(L, index);
  for (int32_t i = 0; i < e->depth; i++)
    if (e->open[i] == self) luaL_error(L, "a table that contains itself cannot be passed");
  if (e->depth >= e->s->limits.value_depth || e->depth >= MAXIMUM_DEPTH)
    luaL_error(L, "a table nested more than %d levels deep cannot be passed", e->depth);
  luaL_checkstack(L, 6, "table nested too deep");
  e->open[e->depth++] = self;
  lua_Unsigned length = lua_rawlen(L, index);
  if (length > (lua_Unsigned)e->s->limits.value_count)
    luaL_error(L, "a table with more than %d values cannot be passed", e->s->limits.value_count);
  uint32_t positional = (uint32_t)length, named = 0;
  put_tag(e, LB_TABLE);
  put(e, &positional, sizeof positional);
  size_t named_at = e->s->output.count;
  put(e, &named, sizeof named);
  for (lua_Integer i = 1; i <= (lua_Integer)positional; i++) {
    lua_rawgeti(L, index, i);
    put_value(e, lua_gettop(L));
    lua_pop(L, 1);
  }
  lua_pushnil(L);
  while (lua_next(L, index)) {
    int key = lua_gettop(L) - 1;
    if (lua_type(L, key) == LUA_TSTRING) {
      put_string(e, key);
      put_value(e, key + 1);
      named++;
    } else if (!lua_isinteger(L, key) || lua_tointeger(L, key) < 1 ||
               lua_tointeger(L, key) > (lua_Integer)positional) {
      luaL_error(L, "a table with a key of type %s cannot be passed (keys are names and 1, 2, ...)",
                 lua_isinteger(L, key) ? "integer outside its list" : luaL_typename(L, key));
    }
    lua_pop(L, 1);
  }
  memcpy(e->s->output.bytes + named_at, &named, sizeof named);
  e->depth--;
}

static void put_object(struct encoder *e, int index) {
  uint64_t *object = lua_touserdata(e->L, index);
  int32_t unknown = -1;
  if (!object || !*object) luaL_error(e->L, "this object is no longer alive");
  put_tag(e, LB_OBJECT);
  put(e, &unknown, sizeof unknown);
  put(e, object, sizeof *object);
}

static void put_function(struct encoder *e, int index) {
  lua_State *L = e->L;
  luaL_checkstack(L, 4, "table nested too deep");
  lua_Debug at;
  lua_pushvalue(L, index);
  lua_getinfo(L, ">S", &at);
  lua_pushvalue(L, index);
  int32_t reference = luaL_ref(L, LUA_REGISTRYINDEX), line = at.linedefined;
  uint32_t count = (uint32_t)strlen(at.source + 1);  // source begins with '@' or '='
  put_tag(e, LB_FUNCTION);
  put(e, &reference, sizeof reference);
  put(e, &line, sizeof line);
  put(e, &count, sizeof count);
  put(e, at.source + 1, count);
}

static void put_value(struct encoder *e, int index) {
  lua_State *L = e->L;
  if (++e->count > e->s->limits.value_count)
    luaL_error(L, "more than %d values cannot be passed at once", e->s->limits.value_count);
  switch (lua_type(L, index)) {
    case LUA_TNIL: put_tag(e, LB_NIL); break;
    case LUA_TBOOLEAN: put_tag(e, lua_toboolean(L, index) ? LB_TRUE : LB_FALSE); break;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) {
        int64_t value = lua_tointeger(L, index);
        put_tag(e, LB_INTEGER);
        put(e, &value, sizeof value);
      } else {
        double value = lua_tonumber(L, index);
        put_tag(e, LB_NUMBER);
        put(e, &value, sizeof value);
      }
      break;
    case LUA_TSTRING: put_string(e, index); break;
    case LUA_TTABLE: put_table(e, index); break;
    case LUA_TUSERDATA: put_object(e, index); break;
    case LUA_TFUNCTION: put_function(e, index); break;
    default: luaL_error(L, "a %s cannot be passed", luaL_typename(L, index));
  }
}

void lb_encode(lua_State *L, int first) {
  struct encoder e = {.L = L, .s = lb_owner(L)};
  e.s->output.count = 0;
  int top = lua_gettop(L);
  for (int i = first; i <= top; i++) put_value(&e, i);
}

// Host to Lua. The bytes come from our own encoder in Swift, so they are well formed.

struct decoder {
  lua_State *L;
  lb_state *s;
  size_t at;
};

static void take(struct decoder *d, void *bytes, size_t count) {
  if (count > d->s->reply.count - d->at) luaL_error(d->L, "malformed reply");
  memcpy(bytes, d->s->reply.bytes + d->at, count);
  d->at += count;
}

static void push_string(struct decoder *d) {
  uint32_t count;
  take(d, &count, sizeof count);
  if (count > d->s->reply.count - d->at) luaL_error(d->L, "malformed reply");
  lua_pushlstring(d->L, (const char *)d->s->reply.bytes + d->at, count);
  d->at += count;
}

// The host keeps the object alive until its next entry, so a raise before the retain leaks nothing.
static void push_object(struct decoder *d) {
  lua_State *L = d->L;
  int32_t class;
  uint64_t object;
  take(d, &class, sizeof class);
  take(d, &object, sizeof object);
  uint64_t *slot = lua_newuserdatauv(L, sizeof object, 0);
  *slot = 0;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &lb_classes_key);
  lua_rawgeti(L, -1, class);
  lua_remove(L, -2);
  lua_setmetatable(L, -2);
  d->s->host.retain(object);
  *slot = object;
}

static void push_value(struct decoder *d) {
  lua_State *L = d->L;
  luaL_checkstack(L, 6, "too many values");
  uint8_t tag;
  take(d, &tag, 1);
  switch (tag) {
    case LB_NIL: lua_pushnil(L); break;
    case LB_FALSE: lua_pushboolean(L, 0); break;
    case LB_TRUE: lua_pushboolean(L, 1); break;
    case LB_INTEGER: {
      int64_t value;
      take(d, &value, sizeof value);
      lua_pushinteger(L, value);
      break;
    }
    case LB_NUMBER: {
      double value;
      take(d, &value, sizeof value);
      lua_pushnumber(L, value);
      break;
    }
    case LB_STRING: push_string(d); break;
    case LB_TABLE: {
      uint32_t positional, named;
      take(d, &positional, sizeof positional);
      take(d, &named, sizeof named);
      lua_createtable(L, positional < UINT16_MAX ? (int)positional : UINT16_MAX,
                      named < UINT16_MAX ? (int)named : UINT16_MAX);
      for (uint32_t i = 0; i < positional; i++) {
        push_value(d);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
      }
      for (uint32_t i = 0; i < named; i++) {
        push_value(d);
        push_value(d);
        lua_rawset(L, -3);
      }
      break;
    }
    case LB_FUNCTION: {
      int32_t reference;
      take(d, &reference, sizeof reference);
      lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
      break;
    }
    case LB_OBJECT: push_object(d); break;
    case LB_HOST: {
      int32_t function;
      take(d, &function, sizeof function);
      lb_push_host_function(L, function);
      break;
    }
    default: luaL_error(L, "malformed reply");
  }
}

int lb_push_reply(lua_State *L) {
  struct decoder d = {.L = L, .s = lb_owner(L)};
  int count = 0;
  for (; d.at < d.s->reply.count; count++) push_value(&d);
  d.s->reply.count = 0;
  return count;
}

int lb_raise_reply(lua_State *L) {
  lb_state *s = lb_owner(L);
  char source[LB_POSITION_BYTES];
  int32_t line;
  lb_position(L, source, sizeof source, &line);
  if (line > 0)
    lua_pushfstring(L, "%s:%d: ", source, (int)line);
  else
    lua_pushliteral(L, "");
  lua_pushlstring(L, (const char *)s->reply.bytes, s->reply.count);
  lua_concat(L, 2);
  return lua_error(L);
}

// Calls

static int resumed(lua_State *L, int status, lua_KContext base) {
  (void)status;
  (void)base;
  return lb_owner(L)->raising ? lb_raise_reply(L) : lb_push_reply(L);
}

static int call_host(lua_State *L) {
  lb_state *s = lb_owner(L);
  char source[LB_POSITION_BYTES];
  int32_t line;
  lb_position(L, source, sizeof source, &line);
  lb_encode(L, 1);
  int32_t function = (int32_t)lua_tointeger(L, lua_upvalueindex(1));
  s->reply.count = 0;
  int32_t action = s->host.call(s->host.context, s, function, s->output.bytes, s->output.count,
                                source, line);
  if (action == LB_RETURN) return lb_push_reply(L);
  if (action == LB_RAISE) return lb_raise_reply(L);
  if (!lua_isyieldable(L))
    return luaL_error(L, "this call waits for the model, so it cannot be made inside table.sort, "
                         "string.gsub or a function called by an option");
  return lua_yieldk(L, 0, 0, resumed);
}

void lb_push_host_function(lua_State *L, int32_t function) {
  lua_pushinteger(L, function);
  lua_pushcclosure(L, call_host, 1);
}
