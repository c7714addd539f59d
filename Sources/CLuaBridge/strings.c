// string.find, match, gmatch and gsub over the bounded matcher, with the results of Lua 5.4.
#define _GNU_SOURCE
#include "internal.h"
#include "pattern.h"
#include <ctype.h>
#include <string.h>

enum { MAXIMUM_DEPTH = 200, STEPS_PER_INSTRUCTION = 8 };

struct search {
  lb_matcher matcher;
  const char *pattern;
  _Bool anchored;
  int64_t limit;
};

static void begin(lua_State *L, struct search *q, int subject, int pattern, _Bool anchors) {
  size_t subject_count, pattern_count;
  const char *text = luaL_checklstring(L, subject, &subject_count);
  q->pattern = luaL_checklstring(L, pattern, &pattern_count);
  q->limit = lb_owner(L)->limits.pattern_steps;
  q->matcher = (lb_matcher){.subject = text,
                            .subject_end = text + subject_count,
                            .pattern_end = q->pattern + pattern_count,
                            .steps_left = q->limit,
                            .depth_left = MAXIMUM_DEPTH};
  q->anchored = anchors && pattern_count > 0 && q->pattern[0] == '^';
  if (q->anchored) q->pattern++;
}

// Charges the steps since the last call and raises the matcher's error, if any.
static void settle(lua_State *L, struct search *q) {
  lb_charge(L, (q->limit - q->matcher.steps_left) / STEPS_PER_INSTRUCTION);
  q->limit = q->matcher.steps_left;
  if (!q->matcher.error) return;
  if (q->limit > 0) luaL_error(L, "%s", q->matcher.error);
  size_t count = (size_t)(q->matcher.subject_end - q->matcher.subject);
  luaL_error(L, "pattern '%s' needs more than %I steps on a string of %I bytes", q->pattern,
             (LUAI_UACINT)lb_owner(L)->limits.pattern_steps, (LUAI_UACINT)count);
}

static void push_capture(lua_State *L, const struct search *q, int i) {
  const lb_capture *capture = &q->matcher.capture[i];
  if (capture->length == LB_POSITION)
    lua_pushinteger(L, capture->start - q->matcher.subject + 1);
  else
    lua_pushlstring(L, capture->start, (size_t)capture->length);
}

// Pushes the captures, or the whole match where a pattern has none.
static int push_captures(lua_State *L, const struct search *q, const char *start, const char *end) {
  int count = q->matcher.captures;
  if (count == 0) {
    lua_pushlstring(L, start, (size_t)(end - start));
    return 1;
  }
  luaL_checkstack(L, count, "too many captures");
  for (int i = 0; i < count; i++) push_capture(L, q, i);
  return count;
}

// Zero-based offset of the optional one-based `init` at `index`; count + 1 when it is past the end.
static size_t start_offset(lua_State *L, int index, size_t count) {
  lua_Integer at = luaL_optinteger(L, index, 1);
  if (at > 0) return (lua_Unsigned)at - 1 > count ? count + 1 : (size_t)at - 1;
  if (at == 0 || at < -(lua_Integer)count) return 0;
  return count - (size_t)-at;
}

static _Bool is_plain(const char *pattern, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (pattern[i] && strchr("^$*+?.([%-", pattern[i])) return 0;
  return 1;
}

static int find_plain(lua_State *L, const char *text, size_t count, size_t offset) {
  size_t wanted_count;
  const char *wanted = lua_tolstring(L, 2, &wanted_count);
  lb_charge(L, (int64_t)((count - offset) / 64));
  const char *found = wanted_count == 0
                          ? text + offset
                          : memmem(text + offset, count - offset, wanted, wanted_count);
  if (!found) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, found - text + 1);
  lua_pushinteger(L, found - text + (lua_Integer)wanted_count);
  return 2;
}

static int find_or_match(lua_State *L, _Bool find) {
  struct search q;
  begin(L, &q, 1, 2, 1);
  const char *text = q.matcher.subject;
  size_t count = (size_t)(q.matcher.subject_end - text);
  size_t offset = start_offset(L, 3, count);
  if (offset > count) {
    lua_pushnil(L);
    return 1;
  }
  size_t pattern_count;
  const char *whole = lua_tolstring(L, 2, &pattern_count);
  if (find && (lua_toboolean(L, 4) || is_plain(whole, pattern_count)))
    return find_plain(L, text, count, offset);
  for (const char *s = text + offset; s <= q.matcher.subject_end; s++) {
    const char *end = lb_match(&q.matcher, s, q.pattern);
    if (end) {
      settle(L, &q);
      if (!find) return push_captures(L, &q, s, end);
      lua_pushinteger(L, s - text + 1);
      lua_pushinteger(L, end - text);
      return 2 + (q.matcher.captures ? push_captures(L, &q, s, end) : 0);
    }
    if (q.anchored || q.matcher.error) break;
  }
  settle(L, &q);
  lua_pushnil(L);
  return 1;
}

int lb_string_find(lua_State *L) { return find_or_match(L, 1); }
int lb_string_match(lua_State *L) { return find_or_match(L, 0); }

// Upvalues: subject, pattern, offset of the next attempt, offset where the last match ended or -1.
static int next_match(lua_State *L) {
  struct search q;
  lua_settop(L, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, lua_upvalueindex(2));
  begin(L, &q, 1, 2, 0);
  const char *text = q.matcher.subject;
  lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
  const char *s = text + lua_tointeger(L, lua_upvalueindex(3));
  for (; s <= q.matcher.subject_end; s++) {
    const char *end = lb_match(&q.matcher, s, q.pattern);
    if (end && end - text != last) {
      settle(L, &q);
      lua_pushinteger(L, end - text);
      lua_copy(L, -1, lua_upvalueindex(3));
      lua_replace(L, lua_upvalueindex(4));
      return push_captures(L, &q, s, end);
    }
    if (q.matcher.error) break;
  }
  settle(L, &q);
  lua_pushinteger(L, q.matcher.subject_end - text + 1);
  lua_replace(L, lua_upvalueindex(3));
  return 0;
}

int lb_string_gmatch(lua_State *L) {
  size_t count;
  luaL_checklstring(L, 1, &count);
  luaL_checkstring(L, 2);
  size_t offset = start_offset(L, 3, count);
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)offset);
  lua_pushinteger(L, -1);
  lua_pushcclosure(L, next_match, 4);
  return 1;
}

// Appends the replacement string with its %0 to %9 filled in.
static void add_template(lua_State *L, luaL_Buffer *b, struct search *q, const char *s,
                         const char *end) {
  size_t count;
  const char *text = lua_tolstring(L, 3, &count);
  for (size_t i = 0; i < count; i++) {
    if (text[i] != '%') {
      luaL_addchar(b, text[i]);
      continue;
    }
    int c = ++i < count ? (unsigned char)text[i] : 0;
    if (c == '%') {
      luaL_addchar(b, '%');
    } else if (c == '0' || (c == '1' && q->matcher.captures == 0)) {
      luaL_addlstring(b, s, (size_t)(end - s));
    } else if (isdigit(c)) {
      if (c - '1' >= q->matcher.captures)
        luaL_error(L, "invalid capture index %%%d in replacement string", c - '0');
      push_capture(L, q, c - '1');
      luaL_tolstring(L, -1, NULL);
      lua_remove(L, -2);
      luaL_addvalue(b);
    } else {
      luaL_error(L, "invalid use of '%%' in replacement string");
    }
  }
}

// Appends what replaces the match s...end.
static void add_replacement(lua_State *L, luaL_Buffer *b, struct search *q, const char *s,
                            const char *end) {
  switch (lua_type(L, 3)) {
    case LUA_TFUNCTION:
      lua_pushvalue(L, 3);
      lua_call(L, push_captures(L, q, s, end), 1);
      break;
    case LUA_TTABLE:
      if (q->matcher.captures)
        push_capture(L, q, 0);
      else
        lua_pushlstring(L, s, (size_t)(end - s));
      lua_gettable(L, 3);
      break;
    default: add_template(L, b, q, s, end); return;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    luaL_addlstring(b, s, (size_t)(end - s));
    return;
  }
  if (!lua_isstring(L, -1))
    luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  luaL_addvalue(b);
}

int lb_string_gsub(lua_State *L) {
  struct search q;
  begin(L, &q, 1, 2, 1);
  int kind = lua_type(L, 3);
  luaL_argexpected(L, kind == LUA_TNUMBER || kind == LUA_TSTRING || kind == LUA_TFUNCTION ||
                          kind == LUA_TTABLE, 3, "string/function/table");
  const char *s = q.matcher.subject, *last = NULL;
  lua_Integer limit = luaL_optinteger(L, 4, q.matcher.subject_end - s + 1), count = 0;
  if (kind == LUA_TNUMBER) lua_tostring(L, 3);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  while (count < limit) {
    const char *end = lb_match(&q.matcher, s, q.pattern);
    settle(L, &q);
    if (end && end != last) {
      count++;
      add_replacement(L, &b, &q, s, end);
      s = last = end;
    } else if (s < q.matcher.subject_end) {
      luaL_addchar(&b, *s++);
    } else {
      break;
    }
    if (q.anchored) break;
  }
  luaL_addlstring(&b, s, (size_t)(q.matcher.subject_end - s));
  luaL_pushresult(&b);
  lua_pushinteger(L, count);
  return 2;
}
