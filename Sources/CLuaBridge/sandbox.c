// The globals a recipe sees: an allow-list, and bounded or reproducible forms of some functions.
//
// There is no `coroutine`: its resume would take the yields by which the host waits for the model.
// This guards against accidents and recipes that do not reproduce, not against an attacker.
#include "internal.h"
#include <stdlib.h>
#include <string.h>

enum { LONGEST_LIST = 1000000 };

// Text without addresses

void lb_push_text(lua_State *L, int index) {
  switch (lua_type(L, index)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
    case LUA_TSTRING: luaL_tolstring(L, index, NULL); break;
    case LUA_TUSERDATA:
      if (luaL_getmetafield(L, index, "__name") == LUA_TNIL) lua_pushliteral(L, "userdata");
      break;
    default: lua_pushstring(L, luaL_typename(L, index));
  }
}

static int base_tostring(lua_State *L) {
  luaL_checkany(L, 1);
  lb_push_text(L, 1);
  return 1;
}

static int base_print(lua_State *L) {
  lb_state *s = lb_owner(L);
  int count = lua_gettop(L);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (int i = 1; i <= count; i++) {
    if (i > 1) luaL_addchar(&b, '\t');
    lb_push_text(L, i);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  char source[LB_POSITION_BYTES];
  int32_t line;
  lb_position(L, source, sizeof source, &line);
  size_t bytes;
  const char *text = lua_tolstring(L, -1, &bytes);
  s->host.print(s->host.context, text, bytes, source, line);
  return 0;
}

// Tables and functions become their text, so that %s shows no address; %p is refused.
static int string_format(lua_State *L) {
  const char *format = luaL_checkstring(L, 1);
  for (const char *p = strchr(format, '%'); p; p = strchr(p + 1, '%')) {
    if (*++p == '%') continue;
    p += strspn(p, "-+ #0123456789.");
    if (*p == 'p')
      return luaL_error(L, "'%%p' is not available in recipes: addresses differ from run to run");
    if (!*p) break;
  }
  for (int i = 2, n = lua_gettop(L); i <= n; i++) {
    if (lua_type(L, i) < LUA_TTABLE) continue;
    lb_push_text(L, i);
    lua_replace(L, i);
  }
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int string_rep(lua_State *L) {
  size_t count, between_count, limit = lb_owner(L)->limits.string_bytes;
  const char *text = luaL_checklstring(L, 1, &count);
  lua_Integer n = luaL_checkinteger(L, 2);
  const char *between = luaL_optlstring(L, 3, "", &between_count);
  if (n <= 0 || count + between_count == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  if ((lua_Unsigned)n > limit / (count + between_count))
    return luaL_error(L, "string.rep: the result would exceed %I bytes", (LUAI_UACINT)limit);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (lua_Integer i = 0; i < n; i++) {
    if (i && between_count) luaL_addlstring(&b, between, between_count);
    luaL_addlstring(&b, text, count);
  }
  luaL_pushresult(&b);
  return 1;
}

// Lists: `#t` of a sparse table can be as large as 2^62, and the stock functions would walk it.

static int bounded_list(lua_State *L) {
  if (lua_istable(L, 1)) {
    lua_Unsigned count = lua_rawlen(L, 1);
    if (count > LONGEST_LIST)
      return luaL_error(L, "a list of more than %d values is too long", LONGEST_LIST);
    lb_charge(L, (int64_t)count / 8);
  }
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int table_move(lua_State *L) {
  lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3);
  if (last >= first) {
    if ((lua_Unsigned)last - (lua_Unsigned)first >= LONGEST_LIST)
      return luaL_error(L, "table.move of more than %d values", LONGEST_LIST);
    lb_charge(L, (last - first) / 8);
  }
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

// Insertion and removal at the end cost nothing; elsewhere they shift what follows.
static int table_shift(lua_State *L) {
  if (lua_istable(L, 1) && (lua_gettop(L) > 2 || lua_isboolean(L, lua_upvalueindex(2)))) {
    lua_Unsigned count = lua_rawlen(L, 1);
    if (count > LONGEST_LIST)
      return luaL_error(L, "a list of more than %d values is too long", LONGEST_LIST);
    lua_Integer at = luaL_optinteger(L, 2, (lua_Integer)count);
    if (at > 0 && (lua_Unsigned)at < count) lb_charge(L, ((lua_Integer)count - at) / 8);
  }
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

// Iteration in an order that does not depend on hash seeds: numbers, then names, then booleans.

struct key {
  int kind;  // 0 number, 1 string, 2 boolean
  lua_Number number;
  lua_Integer integer;
  const char *text;
  size_t count;
};

static int compare_keys(const void *a, const void *b) {
  const struct key *x = a, *y = b;
  if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
  if (x->kind == 1) {
    size_t shorter = x->count < y->count ? x->count : y->count;
    int order = memcmp(x->text, y->text, shorter);
    if (order) return order;
    return (x->count > y->count) - (x->count < y->count);
  }
  if (x->number != y->number) return x->number < y->number ? -1 : 1;
  return (x->integer > y->integer) - (x->integer < y->integer);
}

static struct key read_key(lua_State *L, int index) {
  struct key key = {0};
  switch (lua_type(L, index)) {
    case LUA_TNUMBER:
      key.number = lua_tonumber(L, index);
      key.integer = lua_tointeger(L, index);
      break;
    case LUA_TSTRING:
      key.kind = 1;
      key.text = lua_tolstring(L, index, &key.count);
      break;
    case LUA_TBOOLEAN:
      key.kind = 2;
      key.integer = lua_toboolean(L, index);
      break;
    default:
      luaL_error(L, "a key of type %s has no reproducible order; iterate over a list instead",
                 luaL_typename(L, index));
  }
  return key;
}

static void push_key(lua_State *L, const struct key *key) {
  switch (key->kind) {
    case 0:
      if ((lua_Number)key->integer == key->number)
        lua_pushinteger(L, key->integer);
      else
        lua_pushnumber(L, key->number);
      break;
    case 1: lua_pushlstring(L, key->text, key->count); break;
    default: lua_pushboolean(L, (int)key->integer);
  }
}

// Upvalues: table, list of keys, keys visited.
static int next_pair(lua_State *L) {
  lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));
  for (;;) {
    lua_settop(L, 0);
    if (lua_rawgeti(L, lua_upvalueindex(2), ++at) == LUA_TNIL) return 1;
    lua_pushvalue(L, 1);
    if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL) continue;  // removed since
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(3));
    return 2;
  }
}

int lb_table_pairs(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  size_t count = 0, filled = 0;
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) count++;
  struct key *keys = lua_newuserdatauv(L, (count + 1) * sizeof *keys, 0);
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) keys[filled++] = read_key(L, -2);
  qsort(keys, count, sizeof *keys, compare_keys);
  lb_charge(L, (int64_t)count / 2);
  lua_pushvalue(L, 1);
  lua_createtable(L, count < LONGEST_LIST ? (int)count : 0, 0);
  for (size_t i = 0; i < count; i++) {
    push_key(L, &keys[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, next_pair, 3);
  return 1;
}

// The smallest key after the given one. Linear in the table, so meant for `next(t) == nil`.
int lb_table_next(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  _Bool any = lua_isnil(L, 2), found = 0;
  struct key after = {0}, best = {0};
  if (!any) after = read_key(L, 2);
  int64_t visited = 0;
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1), visited++) {
    struct key key = read_key(L, -2);
    if (!any && compare_keys(&key, &after) <= 0) continue;
    if (found && compare_keys(&key, &best) >= 0) continue;
    best = key;
    found = 1;
  }
  lb_charge(L, visited / 4);
  if (!found) {
    lua_pushnil(L);
    return 1;
  }
  push_key(L, &best);
  lua_pushvalue(L, -1);
  lua_rawget(L, 1);
  return 2;
}

// Globals

static int write_global(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING) return luaL_error(L, "cannot set a global");
  const char *name = lua_tostring(L, 2);
  return luaL_error(L, "cannot set the global variable '%s'\n  write 'local %s = ...'", name, name);
}

static int read_global(lua_State *L) {
  static const char *const left_out[] = {
      "os", "io", "debug", "package", "coroutine", "load", "loadstring", "loadfile", "dofile",
      "collectgarbage", "rawget", "rawset", "rawequal", "rawlen", "setmetatable", "getmetatable",
      "warn", NULL};
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
  for (int i = 0; left_out[i]; i++)
    if (strcmp(left_out[i], name) == 0)
      return luaL_error(L, "'%s' is not available in recipes", name);
  if (strcmp(name, "tacit") == 0)
    return luaL_error(L, "unknown variable 'tacit'\n"
                         "  begin with 'local tacit = require \"tacit\"'");
  return luaL_error(L, "unknown variable '%s'", name);
}

static int loaded(lua_State *L, int status, lua_KContext modules) {
  (void)status;
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushboolean(L, 1);
  }
  lua_pushvalue(L, 1);
  lua_pushvalue(L, -2);
  lua_rawset(L, (int)modules);
  return 1;
}

static int base_require(lua_State *L) {
  static const char loading;
  lb_state *s = lb_owner(L);
  size_t name_count, count;
  const char *name = luaL_checklstring(L, 1, &name_count);
  lua_settop(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &lb_modules_key);
  lua_pushvalue(L, 1);
  int kind = lua_rawget(L, 2);
  if (kind == LUA_TLIGHTUSERDATA)
    return luaL_error(L, "module '%s' requires itself, directly or through another", name);
  if (kind != LUA_TNIL) return 1;
  lua_settop(L, 2);
  s->reply.count = 0;
  if (s->host.resolve(s->host.context, s, name, name_count) != LB_RETURN) return lb_raise_reply(L);
  if (lb_push_reply(L) != 2) return luaL_error(L, "malformed reply");
  const char *text = lua_tolstring(L, 4, &count);
  const char *chunk = lua_pushfstring(L, "@%s", lua_tostring(L, 3));
  if (luaL_loadbufferx(L, text, count, chunk, "t") != LUA_OK) return lua_error(L);
  lua_replace(L, 3);
  lua_settop(L, 3);
  lua_pushvalue(L, 1);
  lua_pushlightuserdata(L, (void *)&loading);
  lua_rawset(L, 2);
  lua_callk(L, 0, 1, 2, loaded);
  return loaded(L, LUA_OK, 2);
}

// Replaces table[name] on top by `function` with the stock one as its upvalue.
static void wrap(lua_State *L, const char *name, lua_CFunction function, _Bool flag) {
  lua_getfield(L, -1, name);
  if (flag) lua_pushboolean(L, 1);
  lua_pushcclosure(L, function, flag ? 2 : 1);
  lua_setfield(L, -2, name);
}

static void put(lua_State *L, const char *name, lua_CFunction function) {
  lua_pushcfunction(L, function);
  lua_setfield(L, -2, name);
}

static void drop(lua_State *L, const char *name) {
  lua_pushnil(L);
  lua_setfield(L, -2, name);
}

static void open_strings(lua_State *L) {
  luaL_requiref(L, "string", luaopen_string, 0);
  drop(L, "dump");
  put(L, "find", lb_string_find);
  put(L, "match", lb_string_match);
  put(L, "gmatch", lb_string_gmatch);
  put(L, "gsub", lb_string_gsub);
  put(L, "rep", string_rep);
  wrap(L, "format", string_format, 0);
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_pushliteral(L, "locked");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
}

static void open_tables(lua_State *L) {
  luaL_requiref(L, "table", luaopen_table, 0);
  wrap(L, "sort", bounded_list, 0);
  wrap(L, "concat", bounded_list, 0);
  wrap(L, "move", table_move, 0);
  wrap(L, "insert", table_shift, 0);
  wrap(L, "remove", table_shift, 1);
}

int lb_open_sandbox(lua_State *L) {
  static const char *const kept[] = {"assert", "error", "ipairs", "pcall", "select", "tonumber",
                                     "type", "xpcall", "_VERSION", NULL};
  luaL_checkstack(L, 16, NULL);
  luaL_requiref(L, "_G", luaopen_base, 0);
  lua_newtable(L);
  for (int i = 0; kept[i]; i++) {
    lua_getfield(L, 1, kept[i]);
    lua_setfield(L, 2, kept[i]);
  }
  put(L, "tostring", base_tostring);
  put(L, "print", base_print);
  put(L, "pairs", lb_table_pairs);
  put(L, "next", lb_table_next);
  put(L, "require", base_require);
  open_strings(L);
  lua_setfield(L, 2, "string");
  open_tables(L);
  lua_setfield(L, 2, "table");
  luaL_requiref(L, "math", luaopen_math, 0);
  drop(L, "random");
  drop(L, "randomseed");
  lua_setfield(L, 2, "math");
  luaL_requiref(L, "utf8", luaopen_utf8, 0);
  lua_setfield(L, 2, "utf8");

  // Scripts run in an empty table over the globals, so that every write of a global is seen.
  lua_newtable(L);
  lua_newtable(L);
  put(L, "__newindex", write_global);
  lua_newtable(L);
  put(L, "__index", read_global);
  lua_setmetatable(L, 2);
  lua_pushvalue(L, 2);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "locked");
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);

  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &lb_classes_key);
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &lb_modules_key);
  return 0;
}
