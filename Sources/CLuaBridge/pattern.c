// The pattern language of the Lua 5.4 manual, section 6.4.1, by backtracking within a step limit.
#include "pattern.h"
#include <ctype.h>
#include <string.h>

static const char *fail(lb_matcher *m, const char *error) {
  if (!m->error) m->error = error;
  return NULL;
}

static const char *match_here(lb_matcher *m, const char *s, const char *p);

// One past the single-character item at p: `x`, `.`, `%x` or `[set]`.
static const char *item_end(lb_matcher *m, const char *p) {
  if (*p == '%') {
    if (p + 1 == m->pattern_end) return fail(m, "malformed pattern (ends with '%')");
    return p + 2;
  }
  if (*p != '[') return p + 1;
  p++;
  if (p < m->pattern_end && *p == '^') p++;
  for (_Bool first = 1;; first = 0) {
    if (p == m->pattern_end) return fail(m, "malformed pattern (missing ']')");
    if (*p == ']' && !first) return p + 1;
    if (*p == '%' && ++p == m->pattern_end) return fail(m, "malformed pattern (missing ']')");
    p++;
  }
}

static _Bool in_class(int c, int class) {
  _Bool found;
  switch (tolower(class)) {
    case 'a': found = isalpha(c); break;
    case 'c': found = iscntrl(c); break;
    case 'd': found = isdigit(c); break;
    case 'g': found = isgraph(c); break;
    case 'l': found = islower(c); break;
    case 'p': found = ispunct(c); break;
    case 's': found = isspace(c); break;
    case 'u': found = isupper(c); break;
    case 'w': found = isalnum(c); break;
    case 'x': found = isxdigit(c); break;
    default: return class == c;
  }
  return isupper(class) ? !found : found;
}

// Whether c is in the set that starts at the `[` and whose `]` is the byte before `end`.
static _Bool in_set(int c, const char *p, const char *end) {
  const char *last = end - 1;
  _Bool wanted = 1;
  p++;
  if (p < last && *p == '^') {
    wanted = 0;
    p++;
  }
  while (p < last) {
    if (*p == '%' && p + 1 < last) {
      if (in_class(c, (unsigned char)p[1])) return wanted;
      p += 2;
    } else if (p + 2 < last && p[1] == '-') {
      if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2]) return wanted;
      p += 3;
    } else {
      if ((unsigned char)*p == c) return wanted;
      p++;
    }
  }
  return !wanted;
}

static _Bool matches_item(lb_matcher *m, const char *s, const char *p, const char *end) {
  if (m->steps_left-- <= 0) {
    fail(m, "too many steps");
    return 0;
  }
  if (s >= m->subject_end) return 0;
  int c = (unsigned char)*s;
  switch (*p) {
    case '.': return 1;
    case '%': return in_class(c, (unsigned char)p[1]);
    case '[': return in_set(c, p, end);
    default: return (unsigned char)*p == c;
  }
}

static const char *match_greedy(lb_matcher *m, const char *s, const char *p, const char *end) {
  const char *t = s;
  while (matches_item(m, t, p, end)) t++;
  for (; !m->error && t >= s; t--) {
    const char *found = match_here(m, t, end + 1);
    if (found) return found;
  }
  return NULL;
}

static const char *match_lazy(lb_matcher *m, const char *s, const char *p, const char *end) {
  for (;; s++) {
    const char *found = match_here(m, s, end + 1);
    if (found) return found;
    if (m->error || !matches_item(m, s, p, end)) return NULL;
  }
}

static const char *open_capture(lb_matcher *m, const char *s, const char *p, ptrdiff_t kind) {
  if (m->captures == LB_MAXIMUM_CAPTURES) return fail(m, "too many captures");
  m->capture[m->captures++] = (lb_capture){s, kind};
  const char *found = match_here(m, s, p);
  if (!found) m->captures--;
  return found;
}

static const char *close_capture(lb_matcher *m, const char *s, const char *p) {
  int i = m->captures - 1;
  while (i >= 0 && m->capture[i].length != LB_OPEN) i--;
  if (i < 0) return fail(m, "invalid pattern capture");
  m->capture[i].length = s - m->capture[i].start;
  const char *found = match_here(m, s, p);
  if (!found) m->capture[i].length = LB_OPEN;
  return found;
}

// `%bxy`: p at the x.
static const char *match_balanced(lb_matcher *m, const char *s, const char *p) {
  if (m->pattern_end - p < 2) return fail(m, "malformed pattern (missing arguments to '%b')");
  if (s == m->subject_end || *s != p[0]) return NULL;
  int depth = 1;
  for (const char *t = s + 1; t < m->subject_end; t++) {
    if (m->steps_left-- <= 0) return fail(m, "too many steps");
    if (*t == p[1]) {
      if (--depth == 0) return t + 1;
    } else if (*t == p[0]) {
      depth++;
    }
  }
  return NULL;
}

// `%1`: the text of an earlier capture.
static const char *match_back_reference(lb_matcher *m, const char *s, int digit) {
  int i = digit - '1';
  if (i < 0 || i >= m->captures || m->capture[i].length < 0)
    return fail(m, "invalid capture index in pattern");
  size_t length = (size_t)m->capture[i].length;
  m->steps_left -= (int64_t)(length / 16);
  if ((size_t)(m->subject_end - s) < length || memcmp(m->capture[i].start, s, length) != 0)
    return NULL;
  return s + length;
}

// `%f[set]`: p at the `[`. Whether s is at the border into the set.
static _Bool at_frontier(lb_matcher *m, const char *s, const char *p, const char *end) {
  int before = s == m->subject ? 0 : (unsigned char)s[-1];
  int after = s == m->subject_end ? 0 : (unsigned char)*s;
  return !in_set(before, p, end) && in_set(after, p, end);
}

static const char *match_steps(lb_matcher *m, const char *s, const char *p) {
  while (p < m->pattern_end) {
    if (m->steps_left-- <= 0) return fail(m, "too many steps");
    if (*p == '(') {
      _Bool position = p + 1 < m->pattern_end && p[1] == ')';
      return open_capture(m, s, p + (position ? 2 : 1), position ? LB_POSITION : LB_OPEN);
    }
    if (*p == ')') return close_capture(m, s, p + 1);
    if (*p == '$' && p + 1 == m->pattern_end) return s == m->subject_end ? s : NULL;
    if (*p == '%' && p + 1 < m->pattern_end) {
      int kind = (unsigned char)p[1];
      if (kind == 'b') {
        s = match_balanced(m, s, p + 2);
        if (!s) return NULL;
        p += 4;
        continue;
      }
      if (kind == 'f') {
        p += 2;
        if (p == m->pattern_end || *p != '[')
          return fail(m, "malformed pattern (missing '[' after '%f')");
        const char *end = item_end(m, p);
        if (!end || !at_frontier(m, s, p, end)) return NULL;
        p = end;
        continue;
      }
      if (isdigit(kind)) {
        s = match_back_reference(m, s, kind);
        if (!s) return NULL;
        p += 2;
        continue;
      }
    }
    const char *end = item_end(m, p);
    if (!end) return NULL;
    char repeat = end < m->pattern_end ? *end : 0;
    if (repeat == '*') return match_greedy(m, s, p, end);
    if (repeat == '-') return match_lazy(m, s, p, end);
    _Bool one = matches_item(m, s, p, end);
    if (repeat == '+') return one ? match_greedy(m, s + 1, p, end) : NULL;
    if (repeat == '?') {
      if (one) {
        const char *found = match_here(m, s + 1, end + 1);
        if (found || m->error) return found;
      }
      p = end + 1;
      continue;
    }
    if (!one) return NULL;
    s++;
    p = end;
  }
  return s;
}

static const char *match_here(lb_matcher *m, const char *s, const char *p) {
  if (m->depth_left-- <= 0) return fail(m, "pattern too complex");
  const char *found = m->error ? NULL : match_steps(m, s, p);
  m->depth_left++;
  return found;
}

const char *lb_match(lb_matcher *m, const char *at, const char *pattern) {
  m->captures = 0;
  m->error = NULL;
  const char *found = match_here(m, at, pattern);
  for (int i = 0; found && i < m->captures; i++)
    if (m->capture[i].length == LB_OPEN) return fail(m, "unfinished capture");
  return m->error ? NULL : found;
}
